"""Events of parcels, as their carriers tell them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index

from chassis.data.rows import Field, Row, code, states

# A carrier uses a tracking number again after a year or later: an event is about a parcel that
# left within this time of it. It may come before, as labels are made before parcels leave.
BEFORE_SHIPMENT: Final = timedelta(days=30)
AFTER_SHIPMENT: Final = timedelta(days=300)
# So long an event waits for its parcel.
WAITS_FOR_SHIPMENT: Final = timedelta(days=30)


class ParcelStatus(StrEnum):
    """States of a parcel, as a carrier tells them."""

    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    FAILED_ATTEMPT = "failed_attempt"
    RETURNED = "returned"


_FINAL: Final = (ParcelStatus.DELIVERED, ParcelStatus.RETURNED)


class ShipmentEvent(Row, table=True):
    """An event of a shipment. `event_id` is the carrier's."""

    __tablename__ = "shipment_event"
    __table_args__ = (states("status", ParcelStatus),)

    shipment_id: UUID = Field(primary_key=True, foreign_key="shipment.id")
    event_id: str = Field(primary_key=True)
    status: ParcelStatus = code(ParcelStatus)
    occurred_at: datetime
    received_at: datetime
    place: str = Field(repr=False)
    country: str
    note: str = Field(repr=False)
    signed_by: str = Field(repr=False)
    picture_reference: str = Field(repr=False)


class WaitingParcelEvent(Row, table=True):
    """An event of a parcel that no shipment has yet."""

    __tablename__ = "waiting_parcel_event"
    __table_args__ = (
        states("status", ParcelStatus),
        Index("waiting_parcel_event_parcel", "carrier_code", "tracking_key"),
        Index("waiting_parcel_event_received", "received_at"),
    )

    carrier_code: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    tracking_key: str
    status: ParcelStatus = code(ParcelStatus)
    occurred_at: datetime
    received_at: datetime
    place: str = Field(repr=False)
    country: str
    note: str = Field(repr=False)
    signed_by: str = Field(repr=False)
    picture_reference: str = Field(repr=False)


def tracking_key(tracking_number: str) -> str:
    """Returns a tracking number as parcels are found by it: in upper case, without spaces."""
    return tracking_number.replace(" ", "").upper()


def is_about(shipped_at: datetime, occurred_at: datetime) -> bool:
    """Returns whether an event of a tracking number is about the parcel that left at a time."""
    return shipped_at - BEFORE_SHIPMENT <= occurred_at <= shipped_at + AFTER_SHIPMENT


def latest_of(events: Iterable[ShipmentEvent]) -> ShipmentEvent | None:
    """Returns the event that tells where a parcel is: the last one, but for what ends its way.

    Events may have come in any order.
    """
    return max(
        events,
        key=lambda event: (event.status in _FINAL, event.occurred_at, event.event_id),
        default=None,
    )
