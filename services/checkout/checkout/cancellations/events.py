"""Events of cancellations of lines. They embed the order."""

from checkout.cancellations.model import Cancellation
from checkout.orders.messages import cancellation_to_proto, order_to_proto
from checkout.orders.view import OrderView
from sojourn.checkout.v1 import events_pb2 as pb


def order_lines_cancelled(view: OrderView, cancellation: Cancellation) -> pb.OrderLinesCancelled:
    return pb.OrderLinesCancelled(
        order=order_to_proto(view),
        cancellation=cancellation_to_proto(cancellation, view),
        locale=view.order.locale,
    )
