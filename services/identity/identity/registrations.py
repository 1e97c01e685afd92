"""Registrations by idempotency key, kept 48 h, so that a repeat recognises the account that it made. They hold no token and no password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import KeyReused
from identity import credentials

# Seeds the hash that a key's advisory lock is named by, so that it differs from other locks on the same text.
_LOCK_SEED: Final = 11


@dataclass(kw_only=True)
class Registration(Row, table="registration", key=("idempotency_key",)):
    """Which customer a key made. `fingerprint` is a keyed mark of the whole request; `created_at` is real time."""

    idempotency_key: str
    fingerprint: bytes
    customer_id: UUID
    created_at: datetime


async def lock_key(tx: Tx, key: str) -> None:
    """Lets one registration with a key run at a time, until the transaction ends."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [key, _LOCK_SEED])


async def recognised(read: Read, key: str, fingerprint: bytes) -> UUID | None:
    """The customer whom this request made before, or None. Raises KeyReused if the key came with another request, or if the password was
    changed since: the request proves the old one."""
    found = await read.find_one(Registration, "WHERE idempotency_key = %s", [key]) if key else None
    if found is None:
        return None
    credential = await credentials.by_subject(read, found.customer_id)
    if found.fingerprint != fingerprint or credential is None or credential.changed_at > found.created_at:
        raise KeyReused("this key came with another request before")
    return found.customer_id


async def claim(tx: Tx, registration: Registration) -> bool:
    """Stores it; False where the key is taken. Call it after the customer was inserted."""
    return bool(
        await tx.run(
            "INSERT INTO registration (idempotency_key, fingerprint, customer_id, created_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [registration.idempotency_key, registration.fingerprint, registration.customer_id, registration.created_at],
        )
    )


async def sweep(tx: Tx, before: datetime) -> int:
    """Deletes what is older. Returns how many."""
    return await tx.run("DELETE FROM registration WHERE created_at < %s", [before])
