"""API keys, by which machines open sessions.

A row holds a digest; only the maker has the text. A key has 256 random bits, so a plain digest
reveals nothing and guesses need no limit.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import UniqueConstraint

from chassis.data.rows import Field, Row, code, counter, states
from chassis.rpc.auth import STOREFRONT, SYNTHETIC

_PREFIX: Final = "sojourn_"
_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 32


class ApiKeyRole(StrEnum):
    """The use of a key. It decides the scopes of sessions."""

    SYNTHETIC = "synthetic"
    STOREFRONT = "storefront"


SCOPES_OF_ROLE: Final[Mapping[ApiKeyRole, frozenset[str]]] = {
    ApiKeyRole.SYNTHETIC: frozenset({SYNTHETIC}),
    ApiKeyRole.STOREFRONT: frozenset({STOREFRONT}),
}


class ApiKey(Row, table=True):
    """An API key. All times are real time; a use does not raise the version."""

    __tablename__ = "api_key"
    __table_args__ = (states("role", ApiKeyRole), UniqueConstraint("created_by", "idempotency_key"))

    id: UUID = Field(primary_key=True)
    name: str
    role: ApiKeyRole = code(ApiKeyRole)
    digest: bytes = Field(repr=False)
    created_at: datetime
    created_by: UUID
    idempotency_key: str
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = counter(default=1)


def create_api_key_text(id: UUID) -> str:
    """Returns a new secret text for the key of an id."""
    raw = id.bytes + secrets.token_bytes(_SECRET_BYTES)
    return _PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parse_api_key_id(text: str) -> UUID | None:
    """Returns the id in the text of a key, or None if the text does not have the form of a key."""
    body = text.removeprefix(_PREFIX)
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return None
    return UUID(bytes=raw[:_ID_BYTES]) if len(raw) == _ID_BYTES + _SECRET_BYTES else None


def digest_of_api_key(text: str) -> bytes:
    """Returns the SHA-256 digest of the text of a key: 32 bytes."""
    return sha256(text.encode()).digest()


def has_api_key_digest(text: str, digest: bytes) -> bool:
    """Returns whether the digest is this text's, in constant time."""
    return hmac.compare_digest(digest_of_api_key(text), digest)
