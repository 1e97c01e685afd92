"""What left the warehouse, and what arrived."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read


class ShipmentStatus(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"


TRANSITIONS: Final[dict[ShipmentStatus, set[ShipmentStatus]]] = {
    ShipmentStatus.SHIPPED: {ShipmentStatus.DELIVERED},
    ShipmentStatus.DELIVERED: set(),
}


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
    """A quantity of an order line in a parcel, in the line's 10^-`scale` units."""

    __tablename__ = "shipment_line"
    __table_args__ = (CheckConstraint("quantity > 0"),)

    shipment_id: UUID = Field(primary_key=True, foreign_key="shipment.id")
    order_line_id: UUID = Field(primary_key=True, foreign_key="order_line.id")
    quantity: int = counter()


_OF_ORDERS: Final = prepare(
    select(Shipment).where(one_of(Shipment.order_id, "order_ids")).order_by(col(Shipment.order_id), col(Shipment.id))
)
_LINES: Final = prepare(
    select(ShipmentLine).where(one_of(ShipmentLine.shipment_id, "shipment_ids")).order_by(col(ShipmentLine.order_line_id))
)


async def of_orders(read: Read, order_ids: Sequence[UUID]) -> list[Shipment]:
    """Oldest first."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def lines_of(read: Read, shipment_ids: Sequence[UUID]) -> list[ShipmentLine]:
    return await read.all(_LINES, shipment_ids=list(shipment_ids))
