"""Failed refunds as messages."""

from checkout.orders.messages import refund_to_proto
from checkout.orders.model import Order
from checkout.payments.refunds import Refund
from sojourn.checkout.v1 import refund_failures_pb2 as pb


def failed_refund_to_proto(refund: Refund, order: Order) -> pb.FailedRefund:
    return pb.FailedRefund(
        order_id=str(order.id),
        number=order.number or "",
        refund=refund_to_proto(refund),
        owed=refund.is_owed,
    )
