"""Reads of refunds that failed."""

from uuid import UUID

from sqlmodel import col, func, select

from chassis.data.tx import Read
from checkout.orders.model import Order
from checkout.payments.refunds import Refund, RefundStatus


async def list_failed_refunds(
    read: Read, *, before: UUID | None, limit: int
) -> list[tuple[Refund, Order]]:
    """Returns failed refunds before an id with their orders, newest first."""
    query = (
        select(Refund, Order)
        .join(Order, col(Order.id) == col(Refund.order_id))
        .where(col(Refund.status) == RefundStatus.FAILED)
    )
    if before is not None:
        query = query.where(col(Refund.id) < before)
    return await read.all(query.order_by(col(Refund.id).desc()).limit(limit))


async def count_owed_refunds(read: Read) -> int:
    """Returns how many refunds failed after they were told, and are still owed."""
    query = select(func.count()).select_from(Refund)
    is_owed = (col(Refund.status) == RefundStatus.FAILED, col(Refund.failed_at).is_not(None))
    return await read.one(query.where(*is_owed)) or 0
