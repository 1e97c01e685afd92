"""Placed orders as checkout tells them, without any personal data but ids."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Uuid

from chassis.data.rows import Field, Row, column
from chassis.data.tx import Read


class PurchasedOrder(Row, table=True):
    """The products of an order. `buyer_id` is a customer's or a guest's; None once erased."""

    __tablename__ = "purchased_order"

    order_id: UUID = Field(primary_key=True)
    buyer_id: UUID | None = Field(default=None, index=True)
    product_ids: list[UUID] = column(ARRAY(Uuid()))
    is_cancelled: bool = column(Boolean, default=False)
    placed_at: datetime


class BuyerGuest(Row, table=True):
    """A guest who became a customer: what the guest bought is the customer's."""

    __tablename__ = "buyer_guest"

    guest_id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(index=True)


_HAS_BOUGHT: Final = (
    "SELECT EXISTS (SELECT FROM purchased_order WHERE NOT is_cancelled"
    " AND %(product_id)s = ANY (product_ids) AND (buyer_id = %(customer_id)s OR buyer_id IN"
    " (SELECT guest_id FROM buyer_guest WHERE customer_id = %(customer_id)s)))"
)


async def has_bought(read: Read, customer_id: UUID, product_id: UUID) -> bool:
    """Returns whether a customer bought a product, as such or as a guest before."""
    found = await read.fetch_one(
        _HAS_BOUGHT, {"customer_id": customer_id, "product_id": product_id}
    )
    return found is not None and bool(found[0])
