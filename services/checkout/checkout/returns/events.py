"""Events of returns. They embed the return and its order."""

from typing import Final

from google.protobuf.message import Message

from checkout.orders.messages import order_to_proto
from checkout.orders.view import OrderView
from checkout.returns.messages import return_to_proto
from checkout.returns.model import Return, ReturnStatus
from sojourn.checkout.v1 import return_events_pb2 as pb

_KINDS: Final = {
    ReturnStatus.REQUESTED: pb.ReturnRequested,
    ReturnStatus.ACCEPTED: pb.ReturnAccepted,
    ReturnStatus.REJECTED: pb.ReturnRejected,
    ReturnStatus.CANCELLED: pb.ReturnCancelled,
    ReturnStatus.RECEIVED: pb.ReturnReceived,
    ReturnStatus.REFUNDED: pb.ReturnRefunded,
}


def return_changed(found: Return, view: OrderView) -> Message:
    """Returns the event of the status that a return reached."""
    kind = _KINDS[found.status]
    return kind(
        order_return=return_to_proto(found, view),
        order=order_to_proto(view),
        locale=view.order.locale,
    )
