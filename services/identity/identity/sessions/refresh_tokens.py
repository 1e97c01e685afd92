"""Refresh tokens: opaque to clients, stored as digests only.

A token is its session's id, 16 random bytes and a MAC of both. The MAC proves without a look-up
that this installation made the token: only such a token ends a session when it comes again. A
token's successor is derived from the token, so a client that lost the answer gets the same
successor again, and a session never has two live tokens.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis.rpc.errors import InvalidToken
from identity.vault import MacPurpose, Vault

_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 16
_MAC_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that this installation made."""

    session_id: UUID
    raw: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The form that the client stores."""
        return base64.urlsafe_b64encode(self.raw).decode().rstrip("=")

    @property
    def digest(self) -> bytes:
        """The form that the database stores: SHA-256, 32 bytes."""
        return hashlib.sha256(self.raw).digest()

    def has_digest(self, digest: bytes | None) -> bool:
        """Returns whether the digest is this token's, in constant time."""
        return digest is not None and hmac.compare_digest(self.digest, digest)


class RefreshTokens:
    """Makes refresh tokens and recognizes its own."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def first(self, session_id: UUID) -> RefreshToken:
        """Returns the first token of a session."""
        return self._make(session_id, secrets.token_bytes(_NONCE_BYTES))

    def successor_of(self, token: RefreshToken) -> RefreshToken:
        """Returns the only successor of a token."""
        return self._make(
            token.session_id,
            self._vault.mac(MacPurpose.REFRESH_SUCCESSOR, token.raw)[:_NONCE_BYTES],
        )

    def parse(self, text: str) -> RefreshToken:
        """Returns the token of a text. Raises InvalidToken if this installation did not make it."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InvalidToken from None
        payload = raw[: _ID_BYTES + _NONCE_BYTES]
        if len(raw) != len(payload) + _MAC_BYTES or not hmac.compare_digest(
            self._vault.mac(MacPurpose.REFRESH_TOKEN, payload), raw[len(payload) :]
        ):
            raise InvalidToken
        token = RefreshToken(UUID(bytes=raw[:_ID_BYTES]), raw)
        if token.text != text:
            raise InvalidToken
        return token

    def _make(self, session_id: UUID, nonce: bytes) -> RefreshToken:
        payload = session_id.bytes + nonce
        return RefreshToken(
            session_id, payload + self._vault.mac(MacPurpose.REFRESH_TOKEN, payload)
        )
