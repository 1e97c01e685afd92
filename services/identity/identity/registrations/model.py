"""Registrations by idempotency key, kept 48 h, so that a repeat recognises the account that it made. They hold no token and no password."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, func
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import KeyReused
from identity.credentials import model as credentials

# Seeds the hash that a key's advisory lock is named by, so that it differs from other locks on the same text.
_LOCK_SEED: Final = 11


class Registration(Row, table=True):
    """Which customer a key made. `fingerprint` is a keyed mark of the whole request; `created_at` is real time."""

    __tablename__ = "registration"

    idempotency_key: str = Field(primary_key=True)
    fingerprint: bytes
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    created_at: datetime = Field(index=True)


_LOCK_KEY: Final = prepare(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key", type_=Text()), _LOCK_SEED))))
_DELETE_OLD: Final = prepare(delete(Registration).where(col(Registration.created_at) < bindparam("before")))


async def lock_key(tx: Tx, key: str) -> None:
    """Lets one registration with a key run at a time, until the transaction ends."""
    await tx.execute(_LOCK_KEY, key=key)


async def recognised(read: Read, key: str, fingerprint: bytes) -> UUID | None:
    """The customer whom this request made before, or None. Raises KeyReused if the key came with another request, or if the password was
    changed since: the request proves the old one."""
    found = await read.get(Registration, key) if key else None
    if found is None:
        return None
    credential = await credentials.by_subject(read, found.customer_id)
    if found.fingerprint != fingerprint or credential is None or credential.changed_at > found.created_at:
        raise KeyReused("this key came with another request before")
    return found.customer_id


async def claim(tx: Tx, registration: Registration) -> bool:
    """Stores it; False where the key is taken. Call it after the customer was inserted."""
    return await tx.insert_new(registration)


async def sweep(tx: Tx, before: datetime) -> int:
    """Deletes what is older. Returns how many."""
    return await tx.execute(_DELETE_OLD, before=before)
