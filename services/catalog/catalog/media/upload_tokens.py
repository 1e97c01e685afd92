"""Tokens of signed uploads: which picture, under which name, for whom, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from catalog.errors import InvalidUploadToken
from catalog.signed_tokens import read_signed, sign

LIFETIME: Final = timedelta(minutes=15)
_PURPOSE: Final = b"catalog media upload"


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """The facts that a token carries."""

    media_id: UUID
    name: str
    actor_id: UUID | None
    expires_at: datetime


def sign_upload(ticket: UploadTicket, key: bytes) -> str:
    """Returns the token of a ticket."""
    actor = str(ticket.actor_id) if ticket.actor_id else ""
    expires = int(ticket.expires_at.timestamp())
    return sign([str(ticket.media_id), ticket.name, actor, expires], key, purpose=_PURPOSE)


def read_upload(token: str, key: bytes, now: datetime) -> UploadTicket:
    """Returns the ticket of a token. Raises InvalidUploadToken where it is forged or over."""
    facts = read_signed(token, key, purpose=_PURPOSE)
    if facts is None:
        raise InvalidUploadToken
    media_id, name, actor, expires = facts
    expires_at = datetime.fromtimestamp(expires, UTC)
    if now >= expires_at:
        raise InvalidUploadToken("the upload's time is over; ask for another one")
    return UploadTicket(UUID(media_id), name, UUID(actor) if actor else None, expires_at)
