"""The record of what staff changed."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from psycopg.types.json import Jsonb

from chassis import telemetry
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.orders import Actor, Order


def actor_of(caller: Caller, order: Order) -> Actor:
    """In what part the caller acts on an order."""
    return Actor.BUYER if order.owner_id in (caller.subject_id, caller.act_for) else Actor.STAFF


async def record(tx: Tx, caller: Caller, action: str, order: Order, *, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Writes who did what to an order, where it was not the buyer. Nothing personal may stand in `before` and `after`."""
    if actor_of(caller, order) is Actor.BUYER:
        return
    await tx.run(
        "INSERT INTO audit (id, at, actor_id, action, subject, before, after, trace_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            uuid7(),
            tx.now,
            # Services have names, not ids.
            caller.subject_id or uuid5(NAMESPACE_URL, f"service:{caller.client_id}"),
            action,
            f"order:{order.id}",
            Jsonb(before),
            Jsonb(after),
            telemetry.trace_id(),
        ],
    )
