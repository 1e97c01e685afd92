"""Arrival of a shipment, whoever tells of it."""

from datetime import datetime

from chassis.data import timers
from chassis.data.tx import Tx
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import record_status, save_order
from checkout.orders.view import OrderView
from checkout.payments.settle import emit_paid, settle_delivered
from checkout.shipments import events
from checkout.shipments.model import REPORT_LATE, Shipment, ShipmentStatus
from checkout.shipments.queries import find_shipments


async def arrive(tx: Tx, order: Order, shipment: Shipment, *, at: datetime, actor: Actor) -> bool:
    """Delivers a shipment of a locked order, and with its last one a shipped order.

    Returns whether a payment in cash at the door was settled with it. The caller tells of it with
    `tell_arrival`.
    """
    shipment.status, shipment.delivered_at = ShipmentStatus.DELIVERED, at
    await tx.update(shipment)
    await timers.cancel(tx, REPORT_LATE, str(shipment.id))
    await deliver_if_complete(tx, order, actor=actor)
    is_paid_now = order.status is OrderStatus.DELIVERED and await settle_delivered(tx, order)
    await save_order(tx, order)
    return is_paid_now


async def deliver_if_complete(tx: Tx, order: Order, *, actor: Actor) -> None:
    """Delivers a shipped order all of whose shipments are delivered; the caller writes it."""
    if order.status is OrderStatus.SHIPPED and all(
        each.status is ShipmentStatus.DELIVERED for each in await find_shipments(tx, [order.id])
    ):
        order.become(OrderStatus.DELIVERED)
        record_status(tx, order, actor)


async def tell_arrival(tx: Tx, order: Order, shipment: Shipment, *, is_paid_now: bool) -> OrderView:
    """Emits OrderDelivered, and OrderPaid for a payment that was settled; returns the order."""
    [view] = await load_views(tx, [order])
    await tx.emit(
        events.order_delivered(view, shipment), key=order.id, synthetic=order.is_synthetic
    )
    if is_paid_now:
        await emit_paid(tx, view)
    return view
