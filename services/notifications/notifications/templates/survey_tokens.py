"""Tokens of survey links.

The journey service reads them with the same secret.

    token = base64url(order_id ‖ owner_id ‖ mac) without padding: 16 + 16 + 32 bytes, 86 characters
    mac = HMAC-SHA-256(SURVEY_SECRET, "survey:" ‖ order_id ‖ owner_id)

An id is the 16 bytes of its UUID. The link is `{PUBLIC_URL}/survey#token=<token>`, with
`&score=<0–10>` appended for a score that was chosen in the mail. An order has one token: each call
creates the same.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_IDS_BYTES: Final = 32


def create_survey_token(secret: str, *, order_id: UUID, owner_id: UUID) -> str:
    """Returns the token of the survey of an order."""
    ids = order_id.bytes + owner_id.bytes
    return base64.urlsafe_b64encode(ids + _mac(secret, ids)).decode().rstrip("=")


def read_survey_token(secret: str, token: str) -> tuple[UUID, UUID] | None:
    """Returns the ids of the order and of its owner; None if the signature is not valid."""
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
