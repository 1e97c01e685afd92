"""Reads of orders by their numbers."""

from uuid import UUID

from sqlmodel import col, select

from chassis.data.tx import Read
from checkout.bulk_shipments.model import ShipmentRow
from checkout.errors.orders import OrderNotFound, OrderNumberAmbiguous
from checkout.orders.model import Order


async def find_numbered_order(read: Read, row: ShipmentRow) -> UUID:
    """Returns the id of the order of a row. Raises OrderNotFound, OrderNumberAmbiguous."""
    number = row.order_number.strip().upper()
    query = select(Order.id).where(col(Order.number) == number).limit(2)
    if row.channel:
        query = query.where(Order.channel_id == row.channel)
    found = await read.all(query)
    if not found:
        raise OrderNotFound
    if len(found) > 1:
        raise OrderNumberAmbiguous
    return found[0]
