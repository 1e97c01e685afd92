"""Signed tokens of preview links: a page, a version, and when the link expires."""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from catalog.errors import PreviewNotFound

_FORM: Final = struct.Struct(">16sIQ")
_MAC_BYTES: Final = 32
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Preview:
    """A version of a page that a link shows until it expires."""

    page_id: UUID
    number: int
    expires_at: datetime


def sign_preview(preview: Preview, key: bytes) -> str:
    """Returns the token of a preview, in URL-safe Base64, signed by HMAC-SHA-256."""
    content = _FORM.pack(preview.page_id.bytes, preview.number, int(preview.expires_at.timestamp()))
    return base64.urlsafe_b64encode(content + _mac(content, key)).rstrip(b"=").decode()


def read_preview(token: str) -> Preview:
    """Returns what a token says, which its signature has yet to prove. Raises PreviewNotFound."""
    content, _ = _parts(token)
    page_id, number, expires_at = _FORM.unpack(content)
    try:
        return Preview(UUID(bytes=page_id), number, datetime.fromtimestamp(expires_at, UTC))
    except (OverflowError, ValueError, OSError):
        raise PreviewNotFound from None


def require_signed(token: str, key: bytes | None, now: datetime) -> None:
    """Raises PreviewNotFound unless the key signed the token and it has not expired."""
    content, mac = _parts(token)
    if key is None or not hmac.compare_digest(mac, _mac(content, key)):
        raise PreviewNotFound
    if read_preview(token).expires_at <= now:
        raise PreviewNotFound


def _parts(token: str) -> tuple[bytes, bytes]:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise PreviewNotFound from None
    if len(raw) != _FORM.size + _MAC_BYTES:
        raise PreviewNotFound
    return raw[: _FORM.size], raw[_FORM.size :]


def _mac(content: bytes, key: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
