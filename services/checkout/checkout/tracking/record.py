"""Events of carriers on the shipments that they are about."""

from chassis.data.tx import Tx
from checkout.orders.model import Actor, Order
from checkout.orders.store import save_order
from checkout.shipments.arrival import arrive, tell_arrival
from checkout.shipments.model import Shipment, ShipmentStatus
from checkout.tracking.model import (
    ParcelStatus,
    ShipmentEvent,
    WaitingParcelEvent,
    is_about,
    latest_of,
    tracking_key,
)
from checkout.tracking.queries import find_shipment_events, find_waiting_events

_OF_CARRIER = {"carrier_code", "tracking_key"}


async def lock_parcel(tx: Tx, carrier_code: str, key: str) -> None:
    """Lets one transaction at a time say whether a tracking number has a shipment.

    So no event waits for a shipment that another transaction makes meanwhile.
    """
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"parcel:{carrier_code}:{key}"])


async def record_event(tx: Tx, order: Order, shipment: Shipment, event: ShipmentEvent) -> bool:
    """Adds an event to a shipment of a locked order; returns whether it is new.

    A shipment that is delivered by it is delivered as staff would say it, at the time that the
    carrier tells. Emits OrderDelivered then, and OrderPaid for a payment in cash.
    """
    if not await tx.insert_new(event):
        return False
    latest = latest_of(await find_shipment_events(tx, [shipment.id]))
    shipment.tracking_status = latest.status if latest else None
    if event.status is not ParcelStatus.DELIVERED or shipment.status is ShipmentStatus.DELIVERED:
        await tx.update(shipment)
        await save_order(tx, order)
        return True
    at = min(max(event.occurred_at, shipment.shipped_at), tx.now)
    is_paid_now = await arrive(tx, order, shipment, at=at, actor=Actor.SYSTEM)
    await tell_arrival(tx, order, shipment, is_paid_now=is_paid_now)
    return True


async def adopt_events(tx: Tx, order: Order, shipment: Shipment) -> bool:
    """Gives a new shipment of a locked order the events that waited for it.

    Returns whether there were any.
    """
    key = tracking_key(shipment.tracking_number)
    if not shipment.carrier_code or not key:
        return False
    await lock_parcel(tx, shipment.carrier_code, key)
    is_changed = False
    for waiting in await find_waiting_events(tx, shipment.carrier_code, key):
        if is_about(shipment.shipped_at, waiting.occurred_at):
            told = waiting.model_dump(exclude=_OF_CARRIER)
            event = ShipmentEvent(shipment_id=shipment.id, **told)
            is_changed |= await record_event(tx, order, shipment, event)
            await tx.delete(waiting)
    return is_changed


def waiting_event(carrier_code: str, key: str, event: ShipmentEvent) -> WaitingParcelEvent:
    """Returns an event that waits for its shipment."""
    told = event.model_dump(exclude={"shipment_id"})
    return WaitingParcelEvent(carrier_code=carrier_code, tracking_key=key, **told)
