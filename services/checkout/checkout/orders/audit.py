"""The record of what staff changed."""

from collections.abc import Mapping

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.orders.model import Actor, Order


def actor_of(caller: Caller, order: Order) -> Actor:
    """In what part the caller acts on an order."""
    return Actor.BUYER if order.owner_id in (caller.subject_id, caller.act_for) else Actor.STAFF


def record(tx: Tx, caller: Caller, action: str, order: Order, *, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> None:
    """Writes who did what to an order, where it was not the buyer. Nothing personal may stand in `before` and `after`."""
    if actor_of(caller, order) is not Actor.BUYER:
        record_audit(tx, caller, action, f"order:{order.id}", before=before, after=after)
