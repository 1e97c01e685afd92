"""Mails with links to draft orders."""

from datetime import UTC
from uuid import UUID

from notifications.mails.compose.variables import amount_variables
from notifications.mails.model import NewMail
from notifications.templates.model import DRAFT_ORDER
from sojourn.checkout.v1 import draft_order_events_pb2


def compose_draft_order(event: draft_order_events_pb2.DraftOrderSent) -> NewMail:
    """Brings the buyer the link with which they pay an order that staff prepared."""
    return NewMail(
        dedupe_key=f"draft-order:{event.draft_order_id}:{event.version}",
        template=DRAFT_ORDER,
        recipient=event.email,
        variables={
            "token": event.token,
            "total": amount_variables(event.total),
            "expires_on": event.expires_at.ToDatetime(UTC).date(),
        },
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id),
    )
