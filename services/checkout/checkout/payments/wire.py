"""Refund requests as values."""

from chassis.money import Money
from chassis.rpc.ids import parse_id_or
from checkout.errors.orders import OrderNotFound
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.orders.messages import ORDER_REASONS, REFUND_DESTINATIONS
from checkout.payments.refunds import RefundDestination, RefundRequest
from sojourn.checkout.v1 import checkout_pb2 as pb


def refund_from_proto(request: pb.RefundOrderRequest, *, caller: str, key: str) -> RefundRequest:
    """Raises InvalidId."""
    return RefundRequest(
        order_id=parse_id_or(request.order_id, OrderNotFound()),
        amount=Money.from_proto(request.amount) if request.HasField("amount") else None,
        reason=ORDER_REASONS.decode(request.reason),
        key=IdempotencyKey(caller, key, fingerprint_of(request)),
        destination=REFUND_DESTINATIONS.decode(request.destination)
        if request.destination
        else RefundDestination.ORIGINAL,
    )
