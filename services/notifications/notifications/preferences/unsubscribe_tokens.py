"""Tokens of unsubscribe links: nothing is stored, they never expire, and only who has the secret can make one.

token = base64url(digest ‖ mac) without padding ‖ "." ‖ topic
digest = SHA-256 of the address; mac = HMAC-SHA-256(UNSUBSCRIBE_SECRET, "unsubscribe:" ‖ topic ‖ ":" ‖ digest)
"""

import base64
import binascii
import hashlib
import hmac

from notifications.preferences.topics import WANTED_BY_DEFAULT, Topic

_DIGEST_BYTES = 32


class UnsubscribeTokens:
    """Makes and reads tokens."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token_of(self, email_digest: str, topic: Topic) -> str:
        """The token that ends a topic for an address. `email_digest` is hexadecimal."""
        digest = bytes.fromhex(email_digest)
        return base64.urlsafe_b64encode(digest + self._mac(digest, topic)).decode().rstrip("=") + f".{topic}"

    def read(self, token: str) -> tuple[str, Topic] | None:
        """The address's digest and the topic; None for a token that is not ours."""
        encoded, _, name = token.partition(".")
        if name not in WANTED_BY_DEFAULT:
            return None
        topic = Topic(name)
        try:
            raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        digest, mac = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        return (digest.hex(), topic) if hmac.compare_digest(mac, self._mac(digest, topic)) else None

    def _mac(self, digest: bytes, topic: Topic) -> bytes:
        return hmac.digest(self._secret, f"unsubscribe:{topic}:".encode() + digest, hashlib.sha256)
