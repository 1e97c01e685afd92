"""Tokens of survey links, which the journey service reads with the same secret.

    token = base64url(order_id ‖ owner_id ‖ mac) without padding: 16 + 16 + 32 bytes, 86 characters
    mac = HMAC-SHA-256(SURVEY_SECRET, "survey:" ‖ order_id ‖ owner_id)

Ids are the 16 bytes of the UUID. The link is `{PUBLIC_URL}/survey#token=<token>`, or `#token=<token>&score=<0–10>` for a score that was
chosen in the mail. A token answers for one order, and is the same each time.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_IDS_BYTES: Final = 32


def token_of(secret: str, *, order_id: UUID, owner_id: UUID) -> str:
    """The token of an order's survey."""
    ids = order_id.bytes + owner_id.bytes
    return base64.urlsafe_b64encode(ids + _mac(secret, ids)).decode().rstrip("=")


def read(secret: str, token: str) -> tuple[UUID, UUID] | None:
    """The order's and the owner's id; None for a token that is not ours."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    ids, mac = raw[:_IDS_BYTES], raw[_IDS_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, ids)):
        return None
    return UUID(bytes=ids[:16]), UUID(bytes=ids[16:])


def _mac(secret: str, ids: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"survey:" + ids, hashlib.sha256)
