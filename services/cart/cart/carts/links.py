"""Secret links that restore a cart.

Nothing is stored: only the holder of the secret can make one.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_MAC_BYTES: Final = 32


class RestoreLinks:
    """Tokens of links: a cart's id and its HMAC-SHA-256, 64 characters of base64url."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token(self, cart_id: UUID) -> str:
        """Returns the token that restores a cart; the same each time."""
        return base64.urlsafe_b64encode(cart_id.bytes + self._mac(cart_id.bytes)).decode()

    def find_cart_id(self, token: str) -> UUID | None:
        """Returns the cart id of a restore token, or None for a token of another origin."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii"))
        except (binascii.Error, ValueError):
            return None
        if len(raw) != 16 + _MAC_BYTES or not hmac.compare_digest(raw[16:], self._mac(raw[:16])):
            return None
        return UUID(bytes=raw[:16])

    def _mac(self, cart_id: bytes) -> bytes:
        return hmac.digest(self._secret, b"restore-cart:" + cart_id, hashlib.sha256)
