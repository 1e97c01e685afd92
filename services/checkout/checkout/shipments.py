"""What left the warehouse, and what arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read


class ShipmentStatus(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"


TRANSITIONS: Final[dict[ShipmentStatus, set[ShipmentStatus]]] = {
    ShipmentStatus.SHIPPED: {ShipmentStatus.DELIVERED},
    ShipmentStatus.DELIVERED: set(),
}


@dataclass(kw_only=True)
class Shipment(Row, table="shipment"):
    """A parcel of an order."""

    id: UUID
    order_id: UUID
    status: ShipmentStatus = ShipmentStatus.SHIPPED
    carrier: str
    tracking_number: str
    tracking_url: str
    external_id: str | None = None
    shipped_at: datetime
    delivered_at: datetime | None = None


@dataclass(kw_only=True)
class ShipmentLine(Row, table="shipment_line", key=("shipment_id", "order_line_id")):
    """A quantity of an order line in a parcel, in increments."""

    shipment_id: UUID
    order_line_id: UUID
    quantity: int


async def of_orders(read: Read, order_ids: Sequence[UUID]) -> list[Shipment]:
    """Oldest first."""
    return await read.find(Shipment, "WHERE order_id = ANY(%s) ORDER BY order_id, id", [list(order_ids)])


async def lines_of(read: Read, shipment_ids: Sequence[UUID]) -> list[ShipmentLine]:
    return await read.find(ShipmentLine, "WHERE shipment_id = ANY(%s) ORDER BY order_line_id", [list(shipment_ids)])
