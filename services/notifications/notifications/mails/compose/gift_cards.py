"""Mails with gift cards."""

from datetime import UTC
from uuid import UUID

from notifications.mails.compose.variables import amount_variables, truncate, unlinked
from notifications.mails.model import NewMail
from notifications.templates.model import GIFT_CARD
from sojourn.checkout.v1 import gift_card_events_pb2


def compose_gift_card(event: gift_card_events_pb2.GiftCardSent) -> NewMail:
    """Brings a gift card to its buyer, or to another person with the giver's message.

    Texts that hold a link are left out: strangers chose the address.
    """
    has_end = event.HasField("expires_at")
    variables = {
        "code": event.code,
        "amount": amount_variables(event.amount),
        "recipient_name": unlinked(event.recipient_name),
        "sender_name": unlinked(event.sender_name),
        "message": unlinked(event.message),
        "expires_on": event.expires_at.ToDatetime(UTC).date() if has_end else None,
        "number": truncate(event.number) if event.to_buyer else "",
    }
    return NewMail(
        dedupe_key=f"gift-card:{event.gift_card_id}:{event.version}",
        template=GIFT_CARD,
        recipient=event.email,
        variables=variables,
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id) if event.owner_id and event.to_buyer else None,
        order_id=UUID(event.order_id) if event.order_id else None,
    )
