"""Reads of secret links to orders."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.runtime.clock import real_now
from checkout.errors.orders import OrderLinkNotFound
from checkout.order_links.model import LinkKind, OrderLink, digest_of_token
from checkout.orders.model import Order

_BY_NUMBER: Final = prepare(
    select(Order)
    .where(Order.number == bindparam("number"), func.lower(Order.email) == bindparam("email"))
    .order_by(col(Order.id))
)
_COUNT: Final = prepare(
    select(func.count())
    .select_from(OrderLink)
    .where(
        OrderLink.order_id == bindparam("order_id"),
        OrderLink.kind == LinkKind.MAILED,
        OrderLink.created_at > bindparam("since"),
    )
)


async def find_order_ids_by_number(read: Read, number: str, email: str) -> list[UUID]:
    """Returns the orders of an address with a number: one, unless channels share the number."""
    orders = await read.all(_BY_NUMBER, number=number, email=email.lower())
    return [order.id for order in orders if not order.is_synthetic]


async def count_links_since(read: Read, order_id: UUID, since: datetime) -> int:
    """Counts the links of an order that were mailed since a time."""
    return await read.one(_COUNT, order_id=order_id, since=since) or 0


async def get_accessed_order_id(read: Read, token: str) -> UUID:
    """Returns the order that an access token reads. Raises OrderLinkNotFound."""
    link = await read.get(OrderLink, digest_of_token(token))
    if link is None or link.kind is not LinkKind.ACCESS or link.expires_at <= real_now():
        raise OrderLinkNotFound
    return link.order_id
