"""Requests for edits of orders as values."""

from uuid import UUID

from chassis.rpc.ids import parse_id_or
from checkout.errors.orders import OrderLineNotFound, OrderNotFound
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.order_edits.model import LineEdit
from sojourn.checkout.v1 import order_edits_pb2 as pb


def edit_from_proto(request: pb.EditOrderLinesRequest, *, caller: str, key: str) -> LineEdit:
    """Adds up the quantities of variants and of lines that occur twice."""
    added, removed = dict[UUID, int](), dict[UUID, int]()
    for new in request.added:
        variant_id = UUID(new.variant_id)
        added[variant_id] = added.get(variant_id, 0) + new.quantity
    for line in request.removed:
        line_id = parse_id_or(line.order_line_id, OrderLineNotFound())
        removed[line_id] = removed.get(line_id, 0) + line.quantity
    return LineEdit(
        key=IdempotencyKey(caller, key, fingerprint_of(request)),
        order_id=parse_id_or(request.order_id, OrderNotFound()),
        added=added,
        removed=removed,
        method=request.payment_method_id,
        expected_version=request.expected_version,
    )
