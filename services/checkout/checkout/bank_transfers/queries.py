"""Reads of transfers that are awaited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, tuple_
from sqlmodel import col, select

from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.orders.model import PAID, Order
from checkout.payments.model import Payment, PaymentStatus


async def list_outstanding(
    read: Read, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[Payment, Order]]:
    """Returns pending transfers of placed orders after a position, those that are due first."""
    due_at, id = col(Payment.due_at), col(Payment.id)
    query = (
        select(Payment, Order)
        .join(Order, col(Order.id) == col(Payment.order_id))
        .where(
            col(Payment.status) == PaymentStatus.PENDING,
            due_at.is_not(None),
            one_of(Order.status, [each.value for each in PAID]),
        )
    )
    if after is not None:
        place: Any = tuple_(literal(after[0]), literal(after[1]))
        query = query.where(tuple_(due_at, id) > place)
    return await read.all(query.order_by(due_at, id).limit(limit))
