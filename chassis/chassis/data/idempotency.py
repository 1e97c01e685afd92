"""Idempotency records: the key of a write, and the reply that a repeat gets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class Idempotency(Row, table=True):
    """A write that a caller made with a key.

    `fingerprint` is the SHA-256 of its request; `response` its serialized reply.
    """

    __tablename__ = "idempotency"

    caller: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: bytes
    response: bytes | None = None
    created_at: datetime = Field(index=True)


_CLAIM: Final = prepare(
    insert(Idempotency)
    .values(
        caller=bindparam("caller"),
        method=bindparam("method"),
        key=bindparam("key"),
        fingerprint=bindparam("fingerprint"),
        created_at=func.clock_timestamp(),
    )
    .on_conflict_do_nothing()
)
_MINE: Final = (
    col(Idempotency.caller) == bindparam("caller"),
    col(Idempotency.method) == bindparam("method"),
    col(Idempotency.key) == bindparam("key"),
)
_FIND: Final = prepare(select(Idempotency.fingerprint, Idempotency.response).where(*_MINE))
_STORE: Final = prepare(update(Idempotency).where(*_MINE).values(response=bindparam("reply")))
_FORGET: Final = prepare(delete(Idempotency).where(one_of(Idempotency.caller, "callers")))


async def claim_key(
    tx: Tx, *, caller: str, method: str, key: str, fingerprint: bytes
) -> tuple[bytes, bytes | None] | None:
    """Claims a key for the running transaction; a twin waits here.

    Returns None, or the fingerprint and reply of who claimed it before.
    """
    if await tx.execute(_CLAIM, caller=caller, method=method, key=key, fingerprint=fingerprint):
        return None
    found = await tx.one(_FIND, caller=caller, method=method, key=key)
    return found or (b"", None)


async def find_reply(
    read: Read, *, caller: str, method: str, key: str
) -> tuple[bytes, bytes | None] | None:
    """Returns the fingerprint and the reply of a claimed key, or None."""
    found: tuple[bytes, bytes | None] | None = await read.one(
        _FIND, caller=caller, method=method, key=key
    )
    return found


def store_reply(tx: Tx, *, caller: str, method: str, key: str, reply: bytes) -> None:
    """Stores the reply of a claimed key with the commit."""
    tx.deferred.execute(_STORE, caller=caller, method=method, key=key, reply=reply)


async def forget_replies(tx: Tx, callers: Sequence[str]) -> None:
    """Deletes the writes of callers who were erased: replies hold what they wrote.

    A repeat of such a write is a new one.
    """
    await tx.execute(_FORGET, callers=callers)
