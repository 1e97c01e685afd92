"""Idempotency keys that are stored with an order or a refund.

The effect of their calls outlives the calls, so that a stored reply would be out of date.
"""

import hashlib
from dataclasses import dataclass

from google.protobuf.message import Message

from chassis.rpc.errors import KeyReused


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key, and the SHA-256 of the request that came with it."""

    caller: str
    key: str
    fingerprint: bytes

    def require_same_request(self, fingerprint: bytes) -> None:
        """Raises KeyReused if the stored fingerprint of the key is that of another request."""
        if fingerprint != self.fingerprint:
            raise KeyReused("this key came with another request: send a new key")


def fingerprint_of(request: Message) -> bytes:
    """Returns the SHA-256 of a request."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
