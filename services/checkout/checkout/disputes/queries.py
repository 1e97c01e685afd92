"""Reads of disputes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.disputes.model import PaymentDispute
from checkout.errors.fraud import PaymentDisputed
from checkout.payments.provider import DisputeStatus


async def find_disputes(read: Read, order_ids: Sequence[UUID]) -> list[PaymentDispute]:
    """Returns the disputes of orders, oldest first."""
    query = select(PaymentDispute).where(one_of(PaymentDispute.order_id, order_ids))
    return await read.all(query.order_by(col(PaymentDispute.id)))


async def list_disputes(
    read: Read, *, status: DisputeStatus | None, before: UUID | None, limit: int
) -> list[PaymentDispute]:
    """Returns disputes before an id, newest first; without a status each."""
    query = select(PaymentDispute)
    if status is not None:
        query = query.where(col(PaymentDispute.status) == status)
    if before is not None:
        query = query.where(col(PaymentDispute.id) < before)
    return await read.all(query.order_by(col(PaymentDispute.id).desc()).limit(limit))


async def find_lost_dispute(
    read: Read, payment_id: UUID, amount_minor: int
) -> PaymentDispute | None:
    """Returns a lost dispute of a payment by which the buyer has an amount of it back already."""
    query = select(PaymentDispute).where(
        col(PaymentDispute.payment_id) == payment_id,
        col(PaymentDispute.status) == DisputeStatus.LOST,
        col(PaymentDispute.amount_minor) - col(PaymentDispute.covered_minor) >= amount_minor,
    )
    return await read.one(query.order_by(col(PaymentDispute.id)).limit(1))


async def require_undisputed(read: Read, order_id: UUID) -> None:
    """Raises PaymentDisputed for an order of which a dispute is open."""
    for dispute in await find_disputes(read, [order_id]):
        if dispute.status.is_open:
            raise PaymentDisputed(order_id=order_id, dispute_status=dispute.status)
