"""Which order an idempotency key made. Kept instead of an answer, because an order goes on after its call."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.data.rows import Field, Row
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import KeyReused


@dataclass(frozen=True, slots=True)
class PlacingKey:
    """A caller's idempotency key, and the digest of the request that came with it."""

    caller: str
    key: str
    fingerprint: bytes


class Placement(Row, table=True):
    """A key of CompleteCheckout and its order."""

    __tablename__ = "placement"

    caller: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    fingerprint: bytes
    order_id: UUID = Field(foreign_key="orders.id")
    created_at: datetime


async def order_of(read: Read, key: PlacingKey) -> UUID | None:
    """The order that the key made. Raises KeyReused if it came with another request."""
    found = await read.get(Placement, key.caller, key.key)
    if found is None:
        return None
    if bytes(found.fingerprint) != key.fingerprint:
        raise KeyReused("this key came with another request before")
    return found.order_id


async def keep(tx: Tx, key: PlacingKey, order_id: UUID) -> None:
    """From now on the key answers with this order."""
    tx.deferred.insert(
        Placement(caller=key.caller, idempotency_key=key.key, fingerprint=key.fingerprint, order_id=order_id, created_at=tx.now)
    )
