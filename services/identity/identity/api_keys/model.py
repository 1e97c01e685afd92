"""API keys: what machines begin sessions with. A row holds a digest; the text exists where its maker keeps it.

A key has 256 random bits, so that a plain digest of it tells nothing and nobody has to be slowed down who guesses.
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

from sqlalchemy import UniqueConstraint, bindparam, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import SYNTHETIC

_PREFIX: Final = "sojourn_"
_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 32


class KeyRole(StrEnum):
    """What a key is for."""

    SYNTHETIC = "synthetic"


SCOPES: Final[Mapping[KeyRole, frozenset[str]]] = {KeyRole.SYNTHETIC: frozenset({SYNTHETIC})}


class ApiKey(Row, table=True):
    """A key. Times are real time; a use does not raise the version."""

    __tablename__ = "api_key"
    __table_args__ = (states("role", KeyRole), UniqueConstraint("created_by", "idempotency_key"))

    id: UUID = Field(primary_key=True)
    name: str
    role: KeyRole = code(KeyRole)
    digest: bytes = Field(repr=False)
    created_at: datetime
    created_by: UUID
    idempotency_key: str
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = counter(default=1)


_OF_REQUEST: Final = prepare(
    select(ApiKey).where(ApiKey.created_by == bindparam("created_by"), ApiKey.idempotency_key == bindparam("idempotency_key"))
)
_NOTE_USE: Final = prepare(
    update(ApiKey).where(col(ApiKey.id) == bindparam("key_id"), col(ApiKey.revoked_at).is_(None)).values(last_used_at=bindparam("used_at"))
)
_NEWEST: Final = prepare(select(ApiKey).order_by(col(ApiKey.id).desc()))


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
    if await tx.insert_new(key):
        return key
    found: ApiKey | None = await tx.one(_OF_REQUEST, created_by=key.created_by, idempotency_key=key.idempotency_key)
    assert found is not None
    return found


async def note_use(tx: Tx, key_id: UUID, at: datetime) -> bool:
    """Records a use; False where the key is revoked."""
    return bool(await tx.execute(_NOTE_USE, key_id=key_id, used_at=at))


async def newest(read: Read) -> list[ApiKey]:
    """All keys, newest first."""
    return await read.all(_NEWEST)
