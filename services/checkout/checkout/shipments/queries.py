"""Reads of shipments."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.shipments.model import Shipment, ShipmentLine

_OF_ORDERS: Final = prepare(
    select(Shipment)
    .where(one_of(Shipment.order_id, "order_ids"))
    .order_by(col(Shipment.order_id), col(Shipment.id))
)
_LINES: Final = prepare(
    select(ShipmentLine)
    .where(one_of(ShipmentLine.shipment_id, "shipment_ids"))
    .order_by(col(ShipmentLine.order_line_id))
)


async def find_shipments(read: Read, order_ids: Sequence[UUID]) -> list[Shipment]:
    """Returns the shipments of orders, oldest first."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def find_shipment_lines(read: Read, shipment_ids: Sequence[UUID]) -> list[ShipmentLine]:
    """Returns the lines of shipments."""
    return await read.all(_LINES, shipment_ids=list(shipment_ids))
