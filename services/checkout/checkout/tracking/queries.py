"""Reads of what carriers told of parcels."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.delivery.model import DeliveryCarrier
from checkout.shipments.model import Shipment
from checkout.tracking.model import ShipmentEvent, WaitingParcelEvent

_OF_SHIPMENTS: Final = prepare(
    select(ShipmentEvent)
    .where(one_of(ShipmentEvent.shipment_id, "shipment_ids"))
    .order_by(col(ShipmentEvent.occurred_at).desc(), col(ShipmentEvent.event_id).desc())
)
_OF_PARCEL: Final = prepare(
    select(Shipment)
    .where(
        col(Shipment.carrier_code) == bindparam("carrier_code"),
        func.upper(func.replace(Shipment.tracking_number, " ", "")) == bindparam("key"),
    )
    .order_by(col(Shipment.id))
)
_WAITING: Final = prepare(
    select(WaitingParcelEvent)
    .where(
        col(WaitingParcelEvent.carrier_code) == bindparam("carrier_code"),
        col(WaitingParcelEvent.tracking_key) == bindparam("key"),
    )
    .order_by(col(WaitingParcelEvent.occurred_at), col(WaitingParcelEvent.event_id))
)
_CARRIERS: Final = prepare(select(DeliveryCarrier).where(one_of(DeliveryCarrier.code, "codes")))


async def find_shipment_events(read: Read, shipment_ids: Sequence[UUID]) -> list[ShipmentEvent]:
    """Returns what carriers told of shipments, newest first."""
    return await read.all(_OF_SHIPMENTS, shipment_ids=list(shipment_ids))


async def find_shipments_of_parcel(read: Read, carrier_code: str, key: str) -> list[Shipment]:
    """Returns the shipments of a carrier's tracking number, as `tracking_key` has it."""
    return await read.all(_OF_PARCEL, carrier_code=carrier_code, key=key)


async def find_waiting_events(read: Read, carrier_code: str, key: str) -> list[WaitingParcelEvent]:
    """Returns the events that wait for a shipment of a tracking number, oldest first."""
    return await read.all(_WAITING, carrier_code=carrier_code, key=key)


async def find_carriers(read: Read, codes: Sequence[str]) -> dict[str, DeliveryCarrier]:
    """Returns the carriers of codes that are kept, by code."""
    return {found.code: found for found in await read.all(_CARRIERS, codes=list(codes))}
