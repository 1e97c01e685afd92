"""Use cases of shipments."""

from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.captures.actions import begin_captures
from checkout.desk.queries import require_not_held
from checkout.errors.delivery import PickedUpInStore
from checkout.errors.orders import (
    NothingToShip,
    OrderLineNotFound,
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
from checkout.payments.settle import require_shippable
from checkout.shipments import events
from checkout.shipments.arrival import arrive, tell_arrival
from checkout.shipments.carriers import name_carrier
from checkout.shipments.lateness import await_arrival
from checkout.shipments.model import NewShipment, Shipment, ShipmentLine, ShipmentStatus
from checkout.shipments.promises import Promises
from checkout.shipments.queries import find_shipments
from checkout.tracking.record import adopt_events


async def create_shipment(
    tx: Tx, order_id: UUID, new: NewShipment, *, caller: Caller, promises: Promises
) -> OrderView:
    """Adds a shipment to an order and returns the order.

    Emits OrderShipped, and OrderDelivered for one that its carrier delivered already.

    Raises OrderNotFound, OrderLineNotFound, SyntheticOrder, PickedUpInStore, WrongOrderStatus,
    OrderOnHold, PaymentOutstanding, QuantityExceedsOrdered, NothingToShip, CarrierNeeded,
    CarrierNotOffered.
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
    carrier = await name_carrier(tx, order, new)
    lines = await find_order_lines(tx, [order_id])
    shipment = Shipment(
        id=new.id or uuid7(),
        order_id=order_id,
        carrier=carrier.name,
        carrier_code=carrier.code,
        tracking_number=new.tracking_number,
        tracking_url=carrier.tracking_url,
        shipped_at=tx.now,
    )
    shipment_lines = _ship_lines(shipment, lines, new)
    shipped = {line.order_line_id for line in shipment_lines}
    positions = {line.position for line in lines if line.id in shipped}
    shipment.late_from = promises.late_from(order, tx.now, positions)
    await tx.insert(shipment)
    await tx.insert(*shipment_lines)
    for line in lines:
        await tx.run(
            "UPDATE order_line SET shipped_quantity = %s WHERE id = %s",
            [line.shipped_quantity, line.id],
        )
    await begin_captures(tx, order, lines, shipment_id=shipment.id)
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
    await await_arrival(tx, shipment)
    # The carrier may have told of the parcel before.
    if await adopt_events(tx, order, shipment):
        [view] = await load_views(tx, [order])
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
    is_paid_now = await arrive(tx, order, shipment, at=tx.now, actor=Actor.STAFF)
    audit_order(
        tx,
        caller,
        "order.deliver",
        order,
        before={"status": before},
        after={"status": order.status, "shipment_id": str(shipment_id)},
    )
    return await tell_arrival(tx, order, shipment, is_paid_now=is_paid_now)


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
