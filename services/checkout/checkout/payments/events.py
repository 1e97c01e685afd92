"""Events of refunds."""

from chassis.rpc import wire
from checkout.orders.model import Order
from checkout.payments.model import Refund
from sojourn.checkout.v1 import events_pb2 as pb


def order_refunded(order: Order, refund: Refund) -> pb.OrderRefunded:
    return pb.OrderRefunded(
        order_id=str(order.id),
        version=order.version,
        owner_id=str(order.owner_id),
        amount=wire.money(refund.amount_minor, refund.currency),
        refunded_at=wire.timestamp(refund.refunded_at),
        synthetic=order.is_synthetic,
    )
