"""Use cases of shipments."""

from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.desk.queries import require_not_held
from checkout.errors import (
    NothingToShip,
    OrderLineNotFound,
    PickedUpInStore,
    QuantityExceedsOrdered,
    ShipmentNotFound,
    SyntheticOrder,
)
from checkout.orders.access import audit_order
from checkout.orders.model import Actor, OrderLine, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import (
    lock_order,
    record_status,
    save_order,
    schedule_documents,
)
from checkout.orders.view import OrderView
from checkout.payments.settle import emit_paid, require_shippable, settle_delivered
from checkout.shipments import events
from checkout.shipments.model import NewShipment, Shipment, ShipmentLine, ShipmentStatus
from checkout.shipments.queries import find_shipments


async def create_shipment(tx: Tx, order_id: UUID, new: NewShipment, *, caller: Caller) -> OrderView:
    """Adds a shipment to an order and returns the order.

    Emits OrderShipped.

    Raises OrderNotFound, OrderLineNotFound, SyntheticOrder, PickedUpInStore, WrongOrderStatus,
    OrderOnHold, PaymentOutstanding, QuantityExceedsOrdered, NothingToShip.
    """
    order = await lock_order(tx, order_id)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    if order.pickup is not None:
        raise PickedUpInStore(order_id=order_id)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    await require_not_held(tx, order_id)
    await require_shippable(tx, order)
    before = order.status
    lines = await find_order_lines(tx, [order_id])
    shipment = Shipment(
        id=new.id or uuid7(),
        order_id=order_id,
        carrier=new.carrier,
        tracking_number=new.tracking_number,
        tracking_url=new.tracking_url,
        shipped_at=tx.now,
    )
    shipment_lines = _ship_lines(shipment, lines, new)
    await tx.insert(shipment)
    await tx.insert(*shipment_lines)
    for line in lines:
        await tx.run(
            "UPDATE order_line SET shipped_quantity = %s WHERE id = %s",
            [line.shipped_quantity, line.id],
        )
    is_complete = not any(line.unshipped_quantity for line in lines)
    order.become(OrderStatus.SHIPPED if is_complete else OrderStatus.PARTIALLY_SHIPPED)
    await save_order(tx, order)
    record_status(tx, order, Actor.STAFF)
    await schedule_documents(tx, order)
    audit_order(
        tx,
        caller,
        "order.ship",
        order,
        before={"status": before},
        after={"status": order.status, "shipment_id": str(shipment.id)},
    )
    [view] = await load_views(tx, [order])
    await tx.emit(events.order_shipped(view, shipment), key=order_id, synthetic=order.is_synthetic)
    return view


async def mark_delivered(tx: Tx, order_id: UUID, shipment_id: UUID, *, caller: Caller) -> OrderView:
    """Marks a shipment as delivered, and with the last shipment of a shipped order the order.

    A payment in cash at the door is settled with the order. Idempotent. Emits OrderDelivered, and
    OrderPaid for such a payment.

    Raises OrderNotFound, ShipmentNotFound.
    """
    order = await lock_order(tx, order_id)
    shipments = await find_shipments(tx, [order_id])
    shipment = next((each for each in shipments if each.id == shipment_id), None)
    if shipment is None:
        raise ShipmentNotFound
    if shipment.status is ShipmentStatus.DELIVERED:
        return (await load_views(tx, [order]))[0]
    before = order.status
    shipment.status, shipment.delivered_at = ShipmentStatus.DELIVERED, tx.now
    await tx.update(shipment)
    if order.status is OrderStatus.SHIPPED and all(
        each.status is ShipmentStatus.DELIVERED for each in shipments
    ):
        order.become(OrderStatus.DELIVERED)
        record_status(tx, order, Actor.STAFF)
    is_paid_now = order.status is OrderStatus.DELIVERED and await settle_delivered(tx, order)
    await save_order(tx, order)
    audit_order(
        tx,
        caller,
        "order.deliver",
        order,
        before={"status": before},
        after={"status": order.status, "shipment_id": str(shipment_id)},
    )
    [view] = await load_views(tx, [order])
    await tx.emit(
        events.order_delivered(view, shipment), key=order_id, synthetic=order.is_synthetic
    )
    if is_paid_now:
        await emit_paid(tx, view)
    return view


def _ship_lines(shipment: Shipment, lines: list[OrderLine], new: NewShipment) -> list[ShipmentLine]:
    """Counts quantities as shipped on the order lines and returns the lines of the shipment."""
    by_id = {line.id: line for line in lines}
    quantities = new.quantities or {
        line.id: line.unshipped_quantity for line in lines if line.unshipped_quantity
    }
    if not quantities:
        raise NothingToShip
    for line_id, quantity in quantities.items():
        line = by_id.get(line_id)
        if line is None:
            raise OrderLineNotFound(order_line_id=line_id)
        if quantity > line.unshipped_quantity:
            raise QuantityExceedsOrdered(
                order_line_id=line_id, unshipped_quantity=line.unshipped_quantity
            )
        line.shipped_quantity += quantity
    return [
        ShipmentLine(shipment_id=shipment.id, order_line_id=line_id, quantity=quantity)
        for line_id, quantity in quantities.items()
    ]
