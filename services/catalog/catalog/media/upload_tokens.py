"""Tokens of signed uploads: which picture, under which name, for whom, and until when."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from catalog.errors import InvalidUploadToken

LIFETIME: Final = timedelta(minutes=15)
_MAC_BYTES: Final = 32
_PURPOSE: Final = b"catalog media upload\x00"


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
    body = json.dumps([str(ticket.media_id), ticket.name, actor, expires]).encode()
    return base64.urlsafe_b64encode(_mac(body, key) + body).decode().rstrip("=")


def read_upload(token: str, key: bytes, now: datetime) -> UploadTicket:
    """Returns the ticket of a token. Raises InvalidUploadToken where it is forged or over."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidUploadToken from None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, key)):
        raise InvalidUploadToken
    media_id, name, actor, expires = json.loads(body)
    expires_at = datetime.fromtimestamp(expires, UTC)
    if now >= expires_at:
        raise InvalidUploadToken("the upload's time is over; ask for another one")
    return UploadTicket(UUID(media_id), name, UUID(actor) if actor else None, expires_at)


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, _PURPOSE + body, hashlib.sha256).digest()
