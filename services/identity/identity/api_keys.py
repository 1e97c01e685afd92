"""API keys: what machines begin sessions with. A row holds a digest; the text exists where its maker keeps it.

A key has 256 random bits, so that a plain digest of it tells nothing and nobody has to be slowed down who guesses.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import SYNTHETIC
from identity.errors import UnknownRole

_PREFIX: Final = "sojourn_"
_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 32


class KeyRole(StrEnum):
    """What a key is for."""

    SYNTHETIC = "synthetic"


SCOPES: Final[Mapping[KeyRole, frozenset[str]]] = {KeyRole.SYNTHETIC: frozenset({SYNTHETIC})}


@dataclass(kw_only=True)
class ApiKey(Row, table="api_key"):
    """A key. Times are real time; a use does not raise the version."""

    id: UUID
    name: str
    role: KeyRole
    digest: bytes = field(repr=False)
    created_at: datetime
    created_by: UUID
    idempotency_key: str
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 1


def role_of(text: str) -> KeyRole:
    """Raises UnknownRole."""
    try:
        return KeyRole(text)
    except ValueError:
        raise UnknownRole(f"one of {', '.join(KeyRole)}") from None


def new_text(id: UUID) -> str:
    """A new secret for the key with that id."""
    raw = id.bytes + secrets.token_bytes(_SECRET_BYTES)
    return _PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def id_of(text: str) -> UUID | None:
    """Which key a text says that it is; None for what no key looks like."""
    body = text.removeprefix(_PREFIX)
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return None
    return UUID(bytes=raw[:_ID_BYTES]) if len(raw) == _ID_BYTES + _SECRET_BYTES else None


def digest_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def is_same(text: str, digest: bytes) -> bool:
    """Whether a digest is this text's, in constant time."""
    return hmac.compare_digest(digest_of(text), digest)


async def claim(tx: Tx, key: ApiKey) -> ApiKey:
    """Stores a key; where its maker made one under the same idempotency key before, that one."""
    values = key.dump()
    stored = await tx.run(
        "INSERT INTO api_key (id, name, role, digest, created_at, created_by, idempotency_key, version) VALUES (%(id)s, %(name)s, %(role)s,"
        " %(digest)s, %(created_at)s, %(created_by)s, %(idempotency_key)s, %(version)s) ON CONFLICT (created_by, idempotency_key) DO NOTHING",
        values,
    )
    if stored:
        return key
    found = await tx.find_one(ApiKey, "WHERE created_by = %s AND idempotency_key = %s", [key.created_by, key.idempotency_key])
    assert found is not None
    return found


async def note_use(tx: Tx, key_id: UUID, at: datetime) -> bool:
    """Records a use; False where the key is revoked."""
    return bool(await tx.run("UPDATE api_key SET last_used_at = %s WHERE id = %s AND revoked_at IS NULL", [at, key_id]))


async def newest(read: Read) -> list[ApiKey]:
    """All keys, newest first."""
    return await read.find(ApiKey, "ORDER BY id DESC")
