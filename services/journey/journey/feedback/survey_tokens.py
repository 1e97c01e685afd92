"""Tokens of survey links: nothing is stored, and only who has the secret can make one."""

import base64
import binascii
import hashlib
import hmac
from typing import Final, NamedTuple
from uuid import UUID

_MAC_BYTES: Final = 32
# An order's id, or an order's id and its owner's.
_ID_BYTES: Final = (16, 32)


class Survey(NamedTuple):
    """The order that a survey asks about, and its owner if the token names them."""

    order_id: UUID
    owner_id: UUID | None


class SurveyTokens:
    """Returns base64url(ids ‖ HMAC-SHA-256(secret, "survey:" ‖ ids)), padded or not.

    The ids are the order's and, if known, the owner's.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token_of(self, order_id: UUID, owner_id: UUID | None = None) -> str:
        """The token of an order's survey. The same each time."""
        ids = order_id.bytes + (owner_id.bytes if owner_id else b"")
        return base64.urlsafe_b64encode(ids + self._mac(ids)).decode().rstrip("=")

    def survey_of(self, token: str) -> Survey | None:
        """Returns the survey of a token; None for a token that this service did not make."""
        try:
            raw = base64.b64decode(
                token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4),
                altchars=b"-_",
                validate=True,
            )
        except (binascii.Error, ValueError):
            return None
        ids, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(ids) not in _ID_BYTES or not hmac.compare_digest(mac, self._mac(ids)):
            return None
        return Survey(UUID(bytes=ids[:16]), UUID(bytes=ids[16:]) if len(ids) > 16 else None)

    def _mac(self, ids: bytes) -> bytes:
        return hmac.digest(self._secret, b"survey:" + ids, hashlib.sha256)
