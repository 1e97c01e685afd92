"""Tokens of invitations: each answers one survey once asked, and nothing else."""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_ID_BYTES: Final = 16


class InvitationTokens:
    """Returns base64url(id ‖ HMAC-SHA-256(secret, "survey-invitation:" ‖ id)) without padding.

    The prefix tells them from the tokens of orders' surveys, which have the same length.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token_of(self, invitation_id: UUID) -> str:
        """Returns the token of an invitation. The same each time."""
        raw = invitation_id.bytes
        return base64.urlsafe_b64encode(raw + self._mac(raw)).decode().rstrip("=")

    def invitation_of(self, token: str) -> UUID | None:
        """Returns the invitation of a token; None for a token that this service did not make."""
        try:
            raw = base64.b64decode(
                token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4),
                altchars=b"-_",
                validate=True,
            )
        except (binascii.Error, ValueError):
            return None
        id, mac = raw[:_ID_BYTES], raw[_ID_BYTES:]
        if len(id) != _ID_BYTES or not hmac.compare_digest(mac, self._mac(id)):
            return None
        return UUID(bytes=id)

    def _mac(self, id: bytes) -> bytes:
        return hmac.digest(self._secret, b"survey-invitation:" + id, hashlib.sha256)
