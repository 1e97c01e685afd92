"""Use cases of carriers' webhooks."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.text import printable
from checkout.carriers.integration import CarrierEvent
from checkout.errors.payments import MalformedWebhook
from checkout.orders.store import lock_order
from checkout.shipments.model import Shipment
from checkout.tracking.model import WAITS_FOR_SHIPMENT, ShipmentEvent, is_about, tracking_key
from checkout.tracking.queries import find_shipments_of_parcel
from checkout.tracking.record import lock_parcel, record_event, waiting_event

_NOBODY: Final = UUID(int=0)
_LONGEST_ID: Final = 200
_LONGEST_TEXT: Final = 200
_LONGEST_NUMBER: Final = 100
# Clocks of carriers may be ahead.
_AHEAD: Final = timedelta(days=1)
_FORGET: Final = (
    "DELETE FROM waiting_parcel_event WHERE (carrier_code, event_id) IN ("
    "SELECT carrier_code, event_id FROM waiting_parcel_event WHERE received_at < %s LIMIT %s)"
)


async def receive_carrier_event(database: Database, carrier_code: str, event: CarrierEvent) -> None:
    """Records an event on the shipments of its parcel, or keeps it until there is one.

    Idempotent by the event's id, in any order of events. Raises MalformedWebhook.
    """
    key = tracking_key(event.tracking_number)
    told = _checked(event, key, now=database.clock.now())
    async with database.tx() as tx:
        await lock_parcel(tx, carrier_code, key)
        shipments = [
            shipment
            for shipment in await find_shipments_of_parcel(tx, carrier_code, key)
            if is_about(shipment.shipped_at, event.occurred_at)
        ]
        if not shipments:
            await tx.insert_new(waiting_event(carrier_code, key, told))
    for found in shipments:
        async with database.tx() as tx:
            order = await lock_order(tx, found.order_id)
            shipment = await tx.get(Shipment, found.id)
            if shipment is not None:
                of_shipment = told.model_dump(exclude={"shipment_id"})
                row = ShipmentEvent(shipment_id=shipment.id, **of_shipment)
                await record_event(tx, order, shipment, row)


async def forget_waiting_events(tx: Tx, *, at_most: int) -> int:
    """Deletes events whose parcels never came; returns how many."""
    return await tx.run(_FORGET, [tx.now - WAITS_FOR_SHIPMENT, at_most])


def _checked(event: CarrierEvent, key: str, *, now: datetime) -> ShipmentEvent:
    """Returns an event as it is kept, without a shipment. Raises MalformedWebhook."""
    if not 0 < len(event.id) <= _LONGEST_ID or not event.id.isprintable():
        raise MalformedWebhook("the event has no id")
    if not 0 < len(key) <= _LONGEST_NUMBER or not key.isprintable():
        raise MalformedWebhook("the event has no tracking number")
    if event.occurred_at.tzinfo is None or event.occurred_at > now + _AHEAD:
        raise MalformedWebhook("the event has no time, or one that is to come")
    country = event.country.upper()
    is_country = len(country) == len("DE") and country.isascii() and country.isalpha()
    return ShipmentEvent(
        shipment_id=_NOBODY,
        event_id=event.id,
        status=event.status,
        occurred_at=event.occurred_at,
        received_at=now,
        place=_text(event.place),
        country=country if is_country else "",
        note=_text(event.note),
        signed_by=_text(event.signed_by),
        picture_reference=_text(event.picture_reference),
    )


def _text(text: str) -> str:
    return printable(text).strip()[:_LONGEST_TEXT]
