"""Reads of returns and their reasons."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.errors.after_sale import ReturnNotFound
from checkout.payments.refunds import Refund
from checkout.returns.model import Return, ReturnReason, ReturnStatus

_OF_ORDERS: Final = prepare(
    select(Return)
    .where(one_of(Return.order_id, "order_ids"))
    .order_by(col(Return.order_id), col(Return.id))
)
_REASONS: Final = prepare(
    select(ReturnReason).order_by(col(ReturnReason.position), col(ReturnReason.code))
)
_PENDING_REFUNDS: Final = prepare(
    select(Refund)
    # As in the partial index `refund_pending`.
    .where(text("status = 'pending'"), Refund.order_id == bindparam("order_id"))
    .where(Refund.return_id == bindparam("return_id"))
    .order_by(col(Refund.id))
)


async def get_return(read: Read, return_id: UUID) -> Return:
    """Returns a return. Raises ReturnNotFound."""
    found = await read.get(Return, return_id)
    if found is None:
        raise ReturnNotFound
    return found


async def find_returns(read: Read, order_ids: Sequence[UUID]) -> list[Return]:
    """Returns the returns of orders, oldest first."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def list_returns(
    read: Read,
    *,
    owner_ids: Collection[UUID] | None,
    status: ReturnStatus | None,
    order_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Return]:
    """Returns returns before an id, newest first; None is no filter."""
    query = select(Return).order_by(col(Return.id).desc()).limit(limit)
    if owner_ids is not None:
        query = query.where(one_of(Return.owner_id, list(owner_ids)))
    if status is not None:
        query = query.where(Return.status == status)
    if order_id is not None:
        query = query.where(Return.order_id == order_id)
    if before is not None:
        query = query.where(Return.id < before)
    return await read.all(query)


async def find_return_reasons(read: Read) -> list[ReturnReason]:
    """Returns all reasons by position."""
    return await read.all(_REASONS)


async def find_pending_return_refunds(read: Read, found: Return) -> list[Refund]:
    """Returns the refunds of a return that are not done."""
    return await read.all(_PENDING_REFUNDS, order_id=found.order_id, return_id=found.id)
