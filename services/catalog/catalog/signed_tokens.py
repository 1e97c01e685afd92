"""Tokens that carry facts with their signature, in a form that addresses take."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, Final

_MAC_BYTES: Final = 32


def sign(facts: list[str | int], key: bytes, *, purpose: bytes) -> str:
    """Returns a token; one of another purpose is not read as one of this."""
    body = json.dumps(facts).encode()
    return base64.urlsafe_b64encode(_mac(body, key, purpose) + body).decode().rstrip("=")


def read_signed(token: str, key: bytes, *, purpose: bytes) -> list[Any] | None:
    """Returns the facts of a token; None where it is forged."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, key, purpose)):
        return None
    facts: list[Any] = json.loads(body)
    return facts


def _mac(body: bytes, key: bytes, purpose: bytes) -> bytes:
    return hmac.new(key, purpose + b"\x00" + body, hashlib.sha256).digest()
