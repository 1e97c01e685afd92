"""Tokens of unsubscribe links. They are signed, not stored, and never expire.

    token = base64url(digest ‖ mac) without padding ‖ "." ‖ topic
    mac = HMAC-SHA-256(UNSUBSCRIBE_SECRET, "unsubscribe:" ‖ topic ‖ ":" ‖ digest)

`digest` is the SHA-256 of the address.
"""

import base64
import binascii
import hashlib
import hmac

from notifications.preferences.model import WANTED_BY_DEFAULT, Topic

_DIGEST_BYTES = 32


class UnsubscribeTokens:
    """Creates and reads tokens with one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def create(self, email_digest: str, topic: Topic) -> str:
        """Returns the token that ends a topic for an address. `email_digest` is hexadecimal."""
        digest = bytes.fromhex(email_digest)
        return (
            base64.urlsafe_b64encode(digest + self._mac(digest, topic)).decode().rstrip("=")
            + f".{topic}"
        )

    def read(self, token: str) -> tuple[str, Topic] | None:
        """Returns the digest of the address and the topic; None if the signature is not valid."""
        encoded, _, name = token.partition(".")
        if name not in WANTED_BY_DEFAULT:
            return None
        topic = Topic(name)
        try:
            raw = base64.b64decode(
                encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError):
            return None
        digest, mac = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        return (digest.hex(), topic) if hmac.compare_digest(mac, self._mac(digest, topic)) else None

    def _mac(self, digest: bytes, topic: Topic) -> bytes:
        return hmac.digest(self._secret, f"unsubscribe:{topic}:".encode() + digest, hashlib.sha256)
