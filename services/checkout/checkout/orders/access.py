"""Access to orders, and the audit of changes by staff."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.errors import OrderNotFound
from checkout.orders.model import Actor, Order

_WRITE: Final = "orders.write"


def require_reader(caller: Caller, order: Order, buyer_ids: Collection[UUID]) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who read orders.

    `buyer_ids` are those under which the caller bought.
    """
    if not caller.scopes & {"orders.read", _WRITE} and order.owner_id not in buyer_ids:
        raise OrderNotFound


def require_writer(caller: Caller, order: Order, buyer_ids: Collection[UUID]) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who change orders."""
    if not caller.has(_WRITE) and order.owner_id not in buyer_ids:
        raise OrderNotFound


def actor_of(caller: Caller) -> Actor:
    """Returns STAFF for callers who change the orders of others, BUYER for buyers."""
    return Actor.STAFF if caller.has(_WRITE) else Actor.BUYER


def audit_order(
    tx: Tx,
    caller: Caller,
    action: str,
    order: Order,
    *,
    before: Mapping[str, JsonValue],
    after: Mapping[str, JsonValue],
) -> None:
    """Records a change of an order by staff. `before` and `after` hold no personal data."""
    if actor_of(caller) is not Actor.BUYER:
        record_audit(tx, caller, action, f"order:{order.id}", before=before, after=after)
