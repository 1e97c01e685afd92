"""Shipments and their lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index

from chassis.data.rows import Field, Row, code, counter, states


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
    __table_args__ = (states("status", ShipmentStatus), Index("shipment_order", "order_id"))

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    status: ShipmentStatus = code(ShipmentStatus, default=ShipmentStatus.SHIPPED)
    carrier: str
    tracking_number: str
    tracking_url: str
    external_id: str | None = None
    shipped_at: datetime
    delivered_at: datetime | None = None


class ShipmentLine(Row, table=True):
    """A quantity of an order line in a shipment, in 10^-`scale` units of the line."""

    __tablename__ = "shipment_line"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    shipment_id: UUID = Field(primary_key=True, foreign_key="shipment.id")
    order_line_id: UUID = Field(primary_key=True, foreign_key="order_line.id")
    quantity: int = counter()
