"""Access to orders, and the audit of changes by staff."""

from collections.abc import Mapping

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.errors import OrderNotFound
from checkout.orders.model import Actor, Order


def require_reader(caller: Caller, order: Order) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who read orders."""
    if not caller.scopes & {"orders.read", "orders.write"}:
        caller.must_own(order.owner_id, OrderNotFound())


def require_writer(caller: Caller, order: Order) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who change orders."""
    caller.must_own(order.owner_id, OrderNotFound(), or_scope="orders.write")


def actor_of(caller: Caller, order: Order) -> Actor:
    """Returns BUYER for the buyer of an order, STAFF for others."""
    return Actor.BUYER if order.owner_id in (caller.subject_id, caller.act_for) else Actor.STAFF


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
    if actor_of(caller, order) is not Actor.BUYER:
        record_audit(tx, caller, action, f"order:{order.id}", before=before, after=after)
