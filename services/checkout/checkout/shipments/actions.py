"""Shipping orders, and recording what arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.errors import (
    NothingToShip,
    OrderLineNotFound,
    OrderNotFound,
    QuantityExceedsOrdered,
    ShipmentNotFound,
    SyntheticOrder,
)
from checkout.orders import audit as audits
from checkout.orders import model as orders
from checkout.orders import view as order_views
from checkout.orders import wire as messages
from checkout.orders.model import Actor, Order, OrderLine, OrderStatus
from checkout.orders.view import OrderView
from checkout.shipments import model as shipments
from checkout.shipments.model import Shipment, ShipmentLine, ShipmentStatus


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel that leaves the warehouse. `quantities` by order line, in 10^-`scale` units of the line; empty for all that is left."""

    carrier: str
    tracking_number: str
    tracking_url: str
    quantities: Mapping[UUID, int]


async def ship(tx: Tx, order_id: UUID, parcel: Parcel, *, caller: Caller) -> OrderView:
    """The order with one more shipment. Emits OrderShipped.

    Raises OrderNotFound, OrderLineNotFound, SyntheticOrder, WrongOrderStatus, QuantityExceedsOrdered, NothingToShip.
    """
    order = await _lock(tx, order_id)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    before = order.status
    lines = await orders.lines_of(tx, [order_id])
    shipment = Shipment(
        id=uuid7(), order_id=order_id, carrier=parcel.carrier, tracking_number=parcel.tracking_number, tracking_url=parcel.tracking_url,
        shipped_at=tx.now,
    )  # fmt: skip
    packed = _pack(shipment, lines, parcel)
    await tx.insert(shipment)
    await tx.insert(*packed)
    for line in lines:
        await tx.run("UPDATE order_line SET shipped_quantity = %s WHERE id = %s", [line.shipped_quantity, line.id])
    is_all = not any(line.unshipped_quantity for line in lines)
    order.become(OrderStatus.SHIPPED if is_all else OrderStatus.PARTIALLY_SHIPPED)
    await orders.save(tx, order)
    orders.note(tx, order, Actor.STAFF)
    audits.record(
        tx, caller, "order.ship", order, before={"status": before}, after={"status": order.status, "shipment_id": str(shipment.id)}
    )
    view = (await order_views.of(tx, [order]))[0]
    await tx.emit(messages.order_shipped(view, shipment), key=order_id, synthetic=order.is_synthetic)
    return view


async def mark_delivered(tx: Tx, order_id: UUID, shipment_id: UUID, *, caller: Caller) -> OrderView:
    """The order with the shipment delivered; once all are, and nothing is left to ship, the order is. Idempotent. Emits OrderDelivered.

    Raises OrderNotFound, ShipmentNotFound.
    """
    order = await _lock(tx, order_id)
    of_order = await shipments.of_orders(tx, [order_id])
    shipment = next((each for each in of_order if each.id == shipment_id), None)
    if shipment is None:
        raise ShipmentNotFound
    if shipment.status is ShipmentStatus.DELIVERED:
        return (await order_views.of(tx, [order]))[0]
    before = order.status
    shipment.status, shipment.delivered_at = ShipmentStatus.DELIVERED, tx.now
    await tx.update(shipment)
    if order.status is OrderStatus.SHIPPED and all(each.status is ShipmentStatus.DELIVERED for each in of_order):
        order.become(OrderStatus.DELIVERED)
        orders.note(tx, order, Actor.STAFF)
    await orders.save(tx, order)
    audits.record(
        tx, caller, "order.deliver", order, before={"status": before}, after={"status": order.status, "shipment_id": str(shipment_id)}
    )
    view = (await order_views.of(tx, [order]))[0]
    await tx.emit(messages.order_delivered(view, shipment), key=order_id, synthetic=order.is_synthetic)
    return view


async def _lock(tx: Tx, order_id: UUID) -> Order:
    order = await tx.lock(Order, order_id)
    if order is None:
        raise OrderNotFound
    return order


def _pack(shipment: Shipment, lines: list[OrderLine], parcel: Parcel) -> list[ShipmentLine]:
    """The shipment's lines; counts them as shipped on the order's."""
    by_id = {line.id: line for line in lines}
    wanted = parcel.quantities or {line.id: line.unshipped_quantity for line in lines if line.unshipped_quantity}
    if not wanted:
        raise NothingToShip
    for line_id, quantity in wanted.items():
        line = by_id.get(line_id)
        if line is None:
            raise OrderLineNotFound(order_line_id=line_id)
        if quantity > line.unshipped_quantity:
            raise QuantityExceedsOrdered(order_line_id=line_id, unshipped_quantity=line.unshipped_quantity)
        line.shipped_quantity += quantity
    return [ShipmentLine(shipment_id=shipment.id, order_line_id=line_id, quantity=quantity) for line_id, quantity in wanted.items()]
