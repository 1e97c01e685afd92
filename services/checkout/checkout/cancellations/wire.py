"""Requests to cancel lines as values."""

from uuid import UUID

from chassis.rpc.ids import parse_id_or
from checkout.cancellations.model import CancelLines
from checkout.errors.orders import OrderLineNotFound, OrderNotFound
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.orders.messages import ORDER_REASONS
from sojourn.checkout.v1 import checkout_pb2 as pb


def cancel_lines_from_proto(
    request: pb.CancelOrderLinesRequest, *, caller: str, key: str
) -> CancelLines:
    """Adds up the quantities of lines that occur twice."""
    quantities: dict[UUID, int] = {}
    for line in request.lines:
        line_id = parse_id_or(line.order_line_id, OrderLineNotFound())
        quantities[line_id] = quantities.get(line_id, 0) + line.quantity
    return CancelLines(
        order_id=parse_id_or(request.order_id, OrderNotFound()),
        quantities=quantities,
        reason=ORDER_REASONS.decode(request.reason),
        key=IdempotencyKey(caller, key, fingerprint_of(request)),
        expected_version=request.expected_version,
    )
