"""Deliveries of gift cards: to whom their codes are mailed, and when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

# How far ahead a gift may be dated.
FARTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class GiftCardDelivery:
    """A person to whom a card of a cart's line is mailed: once it is paid, or at `send_at`."""

    line_id: str
    email: str = field(repr=False)
    recipient_name: str = field(default="", repr=False)
    sender_name: str = field(default="", repr=False)
    message: str = field(default="", repr=False)
    send_at: datetime | None = None
