"""Events of refunds and of payments that came later. They embed the order."""

from datetime import datetime

from chassis.rpc import wire
from checkout.orders.messages import order_to_proto, refund_to_proto
from checkout.orders.view import OrderView
from checkout.payments.refunds import Refund
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers_pb
from sojourn.checkout.v1 import events_pb2 as pb


def order_refunded(view: OrderView, refund: Refund) -> pb.OrderRefunded:
    order = view.order
    return pb.OrderRefunded(
        order_id=str(order.id),
        version=order.version,
        owner_id=str(order.owner_id),
        amount=wire.money(refund.amount_minor, refund.currency),
        refunded_at=wire.timestamp(refund.refunded_at),
        synthetic=order.is_synthetic,
        order=order_to_proto(view),
        refund=refund_to_proto(refund),
        locale=order.locale,
    )


def order_paid(view: OrderView, paid_at: datetime) -> transfers_pb.OrderPaid:
    return transfers_pb.OrderPaid(
        order=order_to_proto(view), paid_at=wire.timestamp(paid_at), locale=view.order.locale
    )
