"""Use cases of orders that are picked up."""

from dataclasses import replace
from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.desk.queries import require_not_held
from checkout.errors.delivery import NotPickedUp, NotReadyForPickup, WrongPickupCode
from checkout.errors.orders import SyntheticOrder
from checkout.orders.access import audit_order
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, record_status, save_order, schedule_documents
from checkout.orders.view import OrderView
from checkout.payments.settle import emit_paid, require_shippable, settle_delivered
from checkout.pickups import events
from checkout.pickups.deadlines import end_keeping, keep_pickup
from checkout.pickups.model import Pickup, PickupStatus, new_pickup_code


async def mark_ready_for_pickup(tx: Tx, order_id: UUID, *, caller: Caller) -> OrderView:
    """Says that a placed order waits in its store, and gives it a code.

    Idempotent. Emits OrderReadyForPickup.

    Raises OrderNotFound, NotPickedUp, SyntheticOrder, WrongOrderStatus, OrderOnHold,
    PaymentOutstanding.
    """
    order = await lock_order(tx, order_id)
    pickup = require_pickup(order)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    if pickup.status is not PickupStatus.PREPARING:
        return (await load_views(tx, [order]))[0]
    order.require(OrderStatus.PLACED)
    await require_not_held(tx, order_id)
    await require_shippable(tx, order)
    ready = replace(pickup, status=PickupStatus.READY, code=new_pickup_code(), ready_at=tx.now)
    order.pickup = ready
    await keep_pickup(tx, order, ready)
    await save_order(tx, order)
    _audit(tx, caller, "order.ready_for_pickup", order, pickup.status)
    [view] = await load_views(tx, [order])
    await tx.emit(events.order_ready_for_pickup(view, ready), key=order_id)
    return view


async def collect_order(tx: Tx, order_id: UUID, code: str, *, caller: Caller) -> OrderView:
    """Hands an order to whoever shows its code: it is delivered then.

    A payment in cash is settled with it. Idempotent. Emits OrderCollected, and OrderPaid for such a
    payment.

    Raises OrderNotFound, NotPickedUp, NotReadyForPickup, WrongPickupCode, OrderOnHold,
    WrongOrderStatus.
    """
    order = await lock_order(tx, order_id)
    pickup = require_ready(order)
    if not pickup.is_code(code):
        raise WrongPickupCode
    if pickup.status is PickupStatus.COLLECTED:
        return (await load_views(tx, [order]))[0]
    await require_not_held(tx, order_id)
    order.become(OrderStatus.DELIVERED)
    order.pickup = replace(pickup, status=PickupStatus.COLLECTED, collected_at=tx.now)
    await tx.run(
        "UPDATE order_line SET shipped_quantity = quantity - cancelled_quantity"
        " WHERE order_id = %s",
        [order_id],
    )
    is_paid_now = await settle_delivered(tx, order)
    await end_keeping(tx, order)
    await save_order(tx, order)
    await schedule_documents(tx, order)
    delivered = record_status(tx, order, Actor.STAFF)
    _audit(tx, caller, "order.collect", order, pickup.status)
    [view] = await load_views(tx, [order])
    # It is written with the commit only.
    view.history.append(delivered)
    await tx.emit(events.order_collected(view), key=order_id)
    if is_paid_now:
        await emit_paid(tx, view)
    return view


def require_pickup(order: Order) -> Pickup:
    """Returns how an order is picked up. Raises NotPickedUp."""
    if order.pickup is None:
        raise NotPickedUp(order_id=order.id)
    return order.pickup


def require_ready(order: Order) -> Pickup:
    """Returns a pick-up that has a code. Raises NotPickedUp, NotReadyForPickup."""
    pickup = require_pickup(order)
    if pickup.status is PickupStatus.PREPARING:
        raise NotReadyForPickup(order_id=order.id)
    return pickup


def _audit(tx: Tx, caller: Caller, action: str, order: Order, before: PickupStatus) -> None:
    assert order.pickup is not None
    audit_order(
        tx,
        caller,
        action,
        order,
        before={"pickup_status": before},
        after={"pickup_status": order.pickup.status, "status": order.status},
    )
