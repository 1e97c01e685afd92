"""Shipments and their lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text

from chassis.data.rows import Code, Field, Row, code, column, counter, states
from checkout.tracking.model import ParcelStatus

# Kind of the timer that tells of a shipment that is late. Its key is the shipment's id.
REPORT_LATE: Final = "shipment.late"


class ShipmentStatus(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"


TRANSITIONS: Final[dict[ShipmentStatus, set[ShipmentStatus]]] = {
    ShipmentStatus.SHIPPED: {ShipmentStatus.DELIVERED},
    ShipmentStatus.DELIVERED: set(),
}


@dataclass(frozen=True, slots=True)
class NewShipment:
    """A shipment to create.

    `carrier` is the code of one, or a name; empty for the carrier of the order's delivery method.
    `quantities` are by order line in 10^-`scale` units of the line; empty for all that has not
    shipped. An `id` makes it the one shipment of that id.
    """

    carrier: str
    tracking_number: str
    tracking_url: str
    quantities: Mapping[UUID, int]
    id: UUID | None = None


class Shipment(Row, table=True):
    """A parcel of an order."""

    __tablename__ = "shipment"
    __table_args__ = (
        states("status", ShipmentStatus),
        states("tracking_status", ParcelStatus),
        Index("shipment_order", "order_id"),
        Index(
            "shipment_parcel",
            "carrier_code",
            text("upper(replace(tracking_number, ' ', ''))"),
            postgresql_where=text("carrier_code <> ''"),
        ),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    status: ShipmentStatus = code(ShipmentStatus, default=ShipmentStatus.SHIPPED)
    carrier: str
    tracking_number: str
    tracking_url: str
    external_id: str | None = None
    shipped_at: datetime
    delivered_at: datetime | None = None
    # Of a carrier that staff keep or kept; empty where `carrier` is free text.
    carrier_code: str = column(Text, default="", server_default="''")
    # None while the carrier told nothing, and in older shipments.
    tracking_status: ParcelStatus | None = column(Code(ParcelStatus), default=None, nullable=True)
    late_from: datetime | None = None
    # When it was told to be late.
    late_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Returns whether it is late, or arrived late."""
        return self.late_from is not None and (self.delivered_at or now) >= self.late_from


class ShipmentLine(Row, table=True):
    """A quantity of an order line in a shipment, in 10^-`scale` units of the line."""

    __tablename__ = "shipment_line"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    shipment_id: UUID = Field(primary_key=True, foreign_key="shipment.id")
    order_line_id: UUID = Field(primary_key=True, foreign_key="order_line.id")
    quantity: int = counter()
