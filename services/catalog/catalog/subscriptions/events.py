"""Events of alerts. They carry addresses and secrets and are never logged."""

from typing import Final

from catalog.listings.offers import Offer
from catalog.subscriptions.model import CONFIRMATION_VALIDITY, Alert, AlertKind
from chassis.rpc.wire import EnumCodec, money
from sojourn.catalog.v1 import subscription_events_pb2 as pb
from sojourn.catalog.v1 import subscriptions_pb2

KINDS: Final = EnumCodec(subscriptions_pb2.AlertKind, AlertKind)


def alert_confirmation_requested(alert: Alert, token: str) -> pb.AlertConfirmationRequested:
    return pb.AlertConfirmationRequested(
        alert_id=str(alert.id),
        kind=KINDS.encode(alert.kind),
        email=alert.email,
        token=token,
        end_token=alert.end_token,
        locale=alert.locale,
        channel=alert.channel,
        valid_seconds=int(CONFIRMATION_VALIDITY.total_seconds()),
    )


def alert_triggered(alert: Alert, offer: Offer, before_minor: int) -> pb.AlertTriggered:
    """Returns the event of an alert's cause. `before_minor` is 0 for one of stock."""
    return pb.AlertTriggered(
        alert_id=str(alert.id),
        version=alert.version,
        kind=KINDS.encode(alert.kind),
        email=alert.email,
        end_token=alert.end_token,
        locale=alert.locale,
        channel=alert.channel,
        customer_id=str(alert.customer_id or ""),
        product_slug=offer.product_slug,
        title=offer.title,
        options=", ".join(f"{name}: {value}" for name, value in offer.options),
        image_url=offer.image.url if offer.image else "",
        price=money(offer.amount_minor, alert.currency),
        price_before=money(before_minor, alert.currency) if before_minor else None,
    )
