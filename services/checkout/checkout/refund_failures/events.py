"""Events of refunds that failed. They hold no personal data."""

from chassis.rpc.wire import money
from checkout.orders.model import Order
from checkout.payments.refunds import Refund
from sojourn.checkout.v1 import refund_failures_pb2 as pb


def refund_failed(order: Order, refund: Refund) -> pb.RefundFailed:
    return pb.RefundFailed(
        order_id=str(order.id),
        version=order.version,
        number=order.number or "",
        refund_id=str(refund.id),
        attempt=refund.attempt,
        amount=money(refund.amount_minor, refund.currency),
        failure_code=refund.failure_code,
        channel=order.channel_id,
    )
