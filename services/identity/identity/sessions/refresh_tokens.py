"""Refresh tokens: opaque to clients, stored as digests only.

A token is its session's id, 16 random bytes, and our mark on both. The mark tells a token that we made once from one that nobody made, with
nothing stored about it: only the first kind ends a session when it comes again. A token's successor is derived from the token itself, so that
a client that lost the answer gets the same successor once more, and a session never has two live tokens.
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
from identity.vault import Purpose, Vault

_ID_BYTES: Final = 16
_NONCE_BYTES: Final = 16
_MARK_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that this installation made."""

    session_id: UUID
    raw: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What the client keeps."""
        return base64.urlsafe_b64encode(self.raw).decode().rstrip("=")

    @property
    def digest(self) -> bytes:
        """What the database keeps: SHA-256, 32 bytes."""
        return hashlib.sha256(self.raw).digest()

    def is_of(self, digest: bytes | None) -> bool:
        """Whether the digest is this token's."""
        return digest is not None and hmac.compare_digest(self.digest, digest)


class RefreshTokens:
    """Makes tokens and knows its own."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def first(self, session_id: UUID) -> RefreshToken:
        """The first token of a session."""
        return self._make(session_id, secrets.token_bytes(_NONCE_BYTES))

    def after(self, token: RefreshToken) -> RefreshToken:
        """The one successor of a token."""
        return self._make(token.session_id, self._vault.mark(Purpose.REFRESH_SUCCESSOR, token.raw)[:_NONCE_BYTES])

    def parse(self, text: str) -> RefreshToken:
        """The token of a text. Raises InvalidToken for what this installation never made."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InvalidToken from None
        marked = raw[: _ID_BYTES + _NONCE_BYTES]
        if len(raw) != len(marked) + _MARK_BYTES or not hmac.compare_digest(
            self._vault.mark(Purpose.REFRESH_TOKEN, marked), raw[len(marked) :]
        ):
            raise InvalidToken
        token = RefreshToken(UUID(bytes=raw[:_ID_BYTES]), raw)
        if token.text != text:
            raise InvalidToken
        return token

    def _make(self, session_id: UUID, nonce: bytes) -> RefreshToken:
        marked = session_id.bytes + nonce
        return RefreshToken(session_id, marked + self._vault.mark(Purpose.REFRESH_TOKEN, marked))
