"""Mails that shoppers asked for beside a product."""

from uuid import UUID

from notifications.mails.compose.variables import amount_variables, digest_token, truncate
from notifications.mails.model import NewMail
from notifications.templates.model import BACK_IN_STOCK, CONFIRM_ALERT, PRICE_DROP
from sojourn.catalog.v1 import subscription_events_pb2, subscriptions_pb2


def compose_confirm_alert(event: subscription_events_pb2.AlertConfirmationRequested) -> NewMail:
    """Asks for a confirmation of an alert. The mail holds no text that a stranger typed."""
    return NewMail(
        dedupe_key=f"confirm-alert:{digest_token(event.token)}",
        template=CONFIRM_ALERT,
        recipient=event.email,
        variables={"token": event.token, "end_token": event.end_token},
        locale=event.locale,
        channel=event.channel,
    )


def compose_alert(event: subscription_events_pb2.AlertTriggered) -> NewMail:
    """Tells that a product is back in stock, or costs less. One version is one cause."""
    is_stock = event.kind == subscriptions_pb2.ALERT_KIND_BACK_IN_STOCK
    variables = {
        "title": truncate(event.title),
        "options": truncate(event.options),
        "image_url": event.image_url if len(event.image_url) <= 2_000 else "",
        "product_slug": event.product_slug,
        "price": amount_variables(event.price) if event.HasField("price") else None,
        "price_before": amount_variables(event.price_before)
        if event.HasField("price_before")
        else None,
        "end_token": event.end_token,
    }
    return NewMail(
        dedupe_key=f"alert:{event.alert_id}:{event.version}",
        template=BACK_IN_STOCK if is_stock else PRICE_DROP,
        recipient=event.email,
        variables=variables,
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id) if event.customer_id else None,
    )
