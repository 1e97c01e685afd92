"""Handles of visitors: a visitor id with the gateway's signature, `<uuid>.<signature>`.

An id alone is in events, links and journeys, and is no secret. Only who got the handle from the
gateway may speak as the visitor.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

import uuid_utils

from gateway.touchpoints.of_requests import may_have_campaign

_UUID_LENGTH: Final = 36
_SIGNATURE_BYTES: Final = 16


class Visitor(NamedTuple):
    """A visitor of a request. `is_new` is true where the client has not got this handle yet."""

    id: str
    handle: str
    is_new: bool


class VisitorHandles:
    """Signs and verifies handles.

    Handles signed with the previous secret are good, and replaced.
    """

    def __init__(self, secret: str, previous_secret: str = "") -> None:
        self._key = hashlib.sha256(secret.encode()).digest()
        self._previous_key = (
            hashlib.sha256(previous_secret.encode()).digest() if previous_secret else b""
        )

    def handle_of(self, visitor_id: str) -> str:
        """Returns the signed handle of a visitor id."""
        return f"{visitor_id}.{_signature(self._key, visitor_id)}"

    def visitor_of(self, handle: str) -> Visitor:
        """Returns the visitor of a handle, or a new one for a missing or forged handle."""
        if len(handle) > _UUID_LENGTH and handle[_UUID_LENGTH] == ".":
            visitor_id, signature = handle[:_UUID_LENGTH], handle[_UUID_LENGTH + 1 :]
            if _is_signed(self._key, visitor_id, signature):
                return Visitor(visitor_id, handle, False)
            if self._previous_key and _is_signed(self._previous_key, visitor_id, signature):
                return Visitor(visitor_id, self.handle_of(visitor_id), True)
        visitor_id = str(uuid_utils.uuid7())
        return Visitor(visitor_id, self.handle_of(visitor_id), True)


def id_of(given: str) -> str:
    """Returns the UUID that a client sent, or a new one."""
    try:
        return str(UUID(given)) if len(given) == _UUID_LENGTH else str(uuid_utils.uuid7())
    except ValueError:
        return str(uuid_utils.uuid7())


def _is_signed(key: bytes, visitor_id: str, signature: str) -> bool:
    return (
        signature.isascii()
        and visitor_id.isascii()
        and hmac.compare_digest(_signature(key, visitor_id), signature)
    )


def _signature(key: bytes, visitor_id: str) -> str:
    # A keyed BLAKE2b is a MAC (RFC 7693) in a quarter of HMAC's time: each new visitor costs one.
    return hashlib.blake2b(visitor_id.encode(), key=key, digest_size=_SIGNATURE_BYTES).hexdigest()


def is_of_no_visitor(query: bytes, headers: Mapping[str, str], recorded_consent: str) -> bool:
    """Returns whether an answer belongs to no visitor, so that a CDN may keep it.

    A client that has no handle yet gets one by saying what the visitor consents to, or by landing
    from a campaign.
    """
    return (
        not recorded_consent
        and "sojourn-visitor" not in headers
        and "sojourn-session" not in headers
        and "cookie" not in headers
        and not may_have_campaign(query)
    )
