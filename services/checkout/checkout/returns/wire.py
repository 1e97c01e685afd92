"""Requests for returns as values, and reasons as messages."""

from uuid import UUID

from chassis.money import Money
from chassis.rpc.ids import parse_id_or
from checkout.errors.orders import OrderLineNotFound
from checkout.orders.messages import REFUND_DESTINATIONS
from checkout.payment_methods.model import text_in
from checkout.payments.refunds import RefundDestination
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
        WantedLine(
            parse_id_or(line.order_line_id, OrderLineNotFound()),
            line.quantity,
            line.reason,
            UUID(line.replacement_variant_id) if line.replacement_variant_id else None,
        )
        for line in request.lines
    ]


def store_return_from_proto(
    request: pb.ReturnInStoreRequest,
) -> tuple[list[WantedLine], list[ReceivedLine]]:
    """Returns what a buyer brings to a store: as it is asked for, and as it is received."""
    wanted, received = list[WantedLine](), list[ReceivedLine]()
    for line in request.lines:
        line_id = parse_id_or(line.order_line_id, OrderLineNotFound())
        wanted.append(WantedLine(line_id, line.quantity, line.reason))
        condition = RETURN_CONDITIONS.decode(line.condition)
        warehouse = request.warehouse if line.restock else ""
        received.append(ReceivedLine(line_id, line.quantity, condition, line.restock, warehouse))
    return wanted, received


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


def refund_to_from_proto(request: pb.RequestReturnRequest) -> RefundDestination:
    """Returns where the buyer wants the refund."""
    if not request.refund_to:
        return RefundDestination.ORIGINAL
    return REFUND_DESTINATIONS.decode(request.refund_to)


def label_from_proto(request: pb.AcceptReturnRequest) -> ReturnLabel | None:
    """Returns the label; None for one of which nothing is said."""
    label: return_pb2.ReturnLabel = request.label
    found = ReturnLabel(label.url, label.carrier, label.tracking_number)
    return found if found != ReturnLabel() else None


def refund_from_proto(request: pb.RefundReturnRequest | pb.StoreReturnRefund) -> ReturnRefund:
    """Returns what staff say of a refund. Raises UnknownCurrency, AmountTooLarge."""
    return ReturnRefund(
        Money.from_proto(request.deduction) if request.HasField("deduction") else None,
        request.deduction_reason.strip(),
        request.without_delivery,
        REFUND_DESTINATIONS.decode(request.destination) if request.destination else None,
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
