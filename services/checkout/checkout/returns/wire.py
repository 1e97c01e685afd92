"""Requests for returns as values, and reasons as messages."""

from chassis.money import Money
from chassis.rpc.ids import parse_id_or
from checkout.errors import OrderLineNotFound
from checkout.payment_methods.model import text_in
from checkout.returns.messages import RETURN_CONDITIONS
from checkout.returns.model import (
    ReceivedLine,
    ReturnLabel,
    ReturnReason,
    ReturnRefund,
    WantedLine,
)
from sojourn.checkout.v1 import return_pb2
from sojourn.checkout.v1 import returns_pb2 as pb


def lines_from_proto(
    request: pb.RequestReturnRequest | pb.RequestLinkedReturnRequest,
) -> list[WantedLine]:
    return [
        WantedLine(parse_id_or(line.order_line_id, OrderLineNotFound()), line.quantity, line.reason)
        for line in request.lines
    ]


def received_from_proto(request: pb.ReceiveReturnRequest) -> list[ReceivedLine]:
    return [
        ReceivedLine(
            parse_id_or(line.order_line_id, OrderLineNotFound()),
            line.quantity,
            RETURN_CONDITIONS.decode(line.condition),
            line.restock,
            line.warehouse if line.restock else "",
        )
        for line in request.lines
    ]


def label_from_proto(request: pb.AcceptReturnRequest) -> ReturnLabel | None:
    """Returns the label; None for one of which nothing is said."""
    label: return_pb2.ReturnLabel = request.label
    found = ReturnLabel(label.url, label.carrier, label.tracking_number)
    return found if found != ReturnLabel() else None


def refund_from_proto(request: pb.RefundReturnRequest) -> ReturnRefund:
    """Returns what staff say of a refund. Raises UnknownCurrency, AmountTooLarge."""
    return ReturnRefund(
        Money.from_proto(request.deduction) if request.HasField("deduction") else None,
        request.deduction_reason.strip(),
        request.without_delivery,
    )


def reason_from_proto(message: pb.ReturnReason) -> ReturnReason:
    return ReturnReason(
        code=message.code,
        titles=dict(sorted(message.titles.items())),
        position=message.position,
        is_enabled=message.active if message.HasField("active") else True,
    )


def reason_to_proto(reason: ReturnReason) -> pb.ReturnReason:
    return pb.ReturnReason(
        code=reason.code,
        titles=reason.titles,
        position=reason.position,
        active=reason.is_enabled,
        version=reason.version,
    )


def option_to_proto(reason: ReturnReason, locale: str) -> pb.ReturnReasonOption:
    return pb.ReturnReasonOption(code=reason.code, title=text_in(reason.titles, locale))
