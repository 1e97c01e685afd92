"""Access to orders, and the audit of changes by staff."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.errors.orders import OrderNotFound
from checkout.orders.model import Actor, Order

_WRITE: Final = "orders.write"
# The claim of identity's tokens.
_MANAGER: Final = "manager"


def require_reader(caller: Caller, order: Order, buyer_ids: Collection[UUID]) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who read orders.

    A manager reads those of their organization. `buyer_ids` are those under which the caller
    bought.
    """
    if not is_reader(caller, order.owner_id, buyer_ids) and not manages(caller, order):
        raise OrderNotFound


def manages(caller: Caller, order: Order) -> bool:
    """Returns whether the caller is a manager of the organization for which an order was placed."""
    return is_manager(caller) and order.organization_id == caller.organization_id


def is_manager(caller: Caller) -> bool:
    """Returns whether the caller buys for an organization of which they are a manager."""
    return caller.organization_id is not None and caller.organization_role == _MANAGER


def require_writer(caller: Caller, order: Order, buyer_ids: Collection[UUID]) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who change orders."""
    if not caller.has(_WRITE) and order.owner_id not in buyer_ids:
        raise OrderNotFound


def is_reader(caller: Caller, owner_id: UUID, buyer_ids: Collection[UUID]) -> bool:
    """Returns whether the caller reads what belongs to an order of an owner."""
    return bool(caller.scopes & {"orders.read", _WRITE}) or owner_id in buyer_ids


def is_writer(caller: Caller, owner_id: UUID, buyer_ids: Collection[UUID]) -> bool:
    """Returns whether the caller changes what belongs to an order of an owner."""
    return caller.has(_WRITE) or owner_id in buyer_ids


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
