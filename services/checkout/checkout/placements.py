"""Which order an idempotency key made. Kept instead of an answer, because an order goes on after its call."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import KeyReused


@dataclass(frozen=True, slots=True)
class PlacingKey:
    """A caller's idempotency key, and the digest of the request that came with it."""

    caller: str
    key: str
    fingerprint: bytes


@dataclass(kw_only=True)
class Placement(Row, table="placement", key=("caller", "idempotency_key")):
    """A key of CompleteCheckout and its order."""

    caller: str
    idempotency_key: str
    fingerprint: bytes
    order_id: UUID
    created_at: datetime


async def order_of(read: Read, key: PlacingKey) -> UUID | None:
    """The order that the key made. Raises KeyReused if it came with another request."""
    found = await read.find_one(Placement, "WHERE caller = %s AND idempotency_key = %s", [key.caller, key.key])
    if found is None:
        return None
    if bytes(found.fingerprint) != key.fingerprint:
        raise KeyReused("this key came with another request before")
    return found.order_id


async def keep(tx: Tx, key: PlacingKey, order_id: UUID) -> None:
    """From now on the key answers with this order."""
    tx.insert_later(
        Placement(caller=key.caller, idempotency_key=key.key, fingerprint=key.fingerprint, order_id=order_id, created_at=tx.now)
    )
