"""Alerts as messages."""

from uuid import UUID

from catalog.subscriptions.actions import AlertWish
from catalog.subscriptions.events import KINDS
from catalog.subscriptions.model import Alert, AlertKind
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import money, timestamp
from sojourn.catalog.v1 import subscriptions_pb2 as pb


def encode_alert(alert: Alert) -> pb.Alert:
    below = min(alert.baseline_minor, alert.most_minor + 1 if alert.most_minor else 2**62)
    return pb.Alert(
        id=str(alert.id),
        kind=KINDS.encode(alert.kind),
        variant_id=str(alert.variant_id),
        product_id=str(alert.product_id),
        below=money(below, alert.currency) if alert.kind is AlertKind.PRICE_DROP else None,
        active=alert.is_active,
        created_at=timestamp(alert.created_at),
        version=alert.version,
    )


def decode_wish(request: pb.CreateAlertRequest, customer_id: UUID | None) -> AlertWish:
    """The alert that a request asks for; only a customer's address counts as confirmed."""
    return AlertWish(
        kind=KINDS.decode(request.kind),
        variant_id=parse_id(request.variant_id, "variant_id"),
        email=request.email,
        most_minor=request.most_minor,
        customer_id=customer_id,
        is_confirmed=request.address_confirmed and customer_id is not None,
    )
