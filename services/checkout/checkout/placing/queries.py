"""Reads of placements and of orders in progress, and the insert of a placement."""

from uuid import UUID

from chassis.data.tx import Read, Tx
from checkout.fraud.queries import find_risk
from checkout.idempotency import IdempotencyKey
from checkout.orders.model import UNPLACED, Actor, Order
from checkout.orders.queries import find_order_lines
from checkout.payments.queries import find_payments
from checkout.placing.model import Attempt, Placement


async def find_keyed_order(read: Read, key: IdempotencyKey) -> UUID | None:
    """Returns the order of a key. Raises KeyReused if the key came with another request."""
    placement = await read.get(Placement, key.caller, key.key)
    if placement is None:
        return None
    key.require_same_request(bytes(placement.fingerprint))
    return placement.order_id


def insert_placement(tx: Tx, key: IdempotencyKey, order_id: UUID) -> None:
    """Stores the order of a key; written with the commit."""
    tx.deferred.insert(
        Placement(
            caller=key.caller,
            idempotency_key=key.key,
            fingerprint=key.fingerprint,
            order_id=order_id,
            created_at=tx.now,
        )
    )


async def find_attempt(read: Read, order_id: UUID, actor: Actor) -> Attempt | None:
    """Returns an order in progress; None if it is placed, refused or unknown."""
    order = await read.get(Order, order_id)
    if order is None or order.status not in UNPLACED:
        return None
    return Attempt(
        order,
        await find_order_lines(read, [order_id]),
        await find_payments(read, [order_id]),
        actor,
        risk=await find_risk(read, order_id),
    )
