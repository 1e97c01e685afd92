"""Tokens of download links: which part of which file, for which order, and until when."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from catalog.errors import InvalidDownloadToken

_MAC_BYTES: Final = 32
_PURPOSE: Final = b"catalog download\x00"


@dataclass(frozen=True, slots=True)
class DownloadTicket:
    """The facts that a token carries. Part 1 counts as a download; others follow it."""

    order_id: UUID
    file_id: UUID
    expires_at: datetime
    part: int = 1


def sign_download(ticket: DownloadTicket, key: bytes) -> str:
    """Returns the token of a ticket."""
    expires = int(ticket.expires_at.timestamp())
    body = json.dumps([ticket.order_id.hex, ticket.file_id.hex, expires, ticket.part]).encode()
    return base64.urlsafe_b64encode(_mac(body, key) + body).decode().rstrip("=")


def read_download_token(token: str, key: bytes, now: datetime) -> DownloadTicket:
    """Returns the ticket of a token. Raises InvalidDownloadToken where it is forged or over."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidDownloadToken from None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, key)):
        raise InvalidDownloadToken
    order, file, expires, part = json.loads(body)
    expires_at = datetime.fromtimestamp(expires, UTC)
    if now >= expires_at:
        raise InvalidDownloadToken("the link's time is over; ask for another one")
    return DownloadTicket(UUID(order), UUID(file), expires_at, part)


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, _PURPOSE + body, hashlib.sha256).digest()
