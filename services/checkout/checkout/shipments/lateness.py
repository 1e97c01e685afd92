"""Shipments that do not arrive on their promised days."""

from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, save_order
from checkout.shipments import events
from checkout.shipments.model import REPORT_LATE, Shipment, ShipmentStatus
from checkout.tracking.model import ParcelStatus


async def await_arrival(tx: Tx, shipment: Shipment) -> None:
    """Sets the timer that looks whether a new shipment has arrived in time."""
    if shipment.late_from is not None:
        await timers.schedule(tx, REPORT_LATE, str(shipment.id), shipment.late_from)


async def report_late_shipment(tx: Tx, shipment_id: UUID) -> bool:
    """Tells of a shipment that is late, once; returns whether it did.

    One that went back to the shop is not waited for. Emits ShipmentLate.
    """
    found = await tx.get(Shipment, shipment_id)
    if found is None:
        return False
    order = await lock_order(tx, found.order_id)
    shipment = await tx.get(Shipment, shipment_id)
    if (
        shipment is None
        or shipment.late_at is not None
        or shipment.status is ShipmentStatus.DELIVERED
        or shipment.tracking_status is ParcelStatus.RETURNED
        or not shipment.is_late(tx.now)
    ):
        return False
    shipment.late_at = tx.now
    await tx.update(shipment)
    await save_order(tx, order)
    [view] = await load_views(tx, [order])
    await tx.emit(events.shipment_late(view, shipment), key=order.id)
    return True
