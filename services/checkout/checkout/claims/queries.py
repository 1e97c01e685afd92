"""Reads of claims."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.claims.model import Claim, ClaimStatus
from checkout.errors.after_sale import ClaimNotFound

_OF_ORDERS: Final = prepare(
    select(Claim)
    .where(one_of(Claim.order_id, "order_ids"))
    .order_by(col(Claim.order_id), col(Claim.id))
)


async def get_claim(read: Read, claim_id: UUID) -> Claim:
    """Returns a claim. Raises ClaimNotFound."""
    found = await read.get(Claim, claim_id)
    if found is None:
        raise ClaimNotFound
    return found


async def find_claims(read: Read, order_ids: Sequence[UUID]) -> list[Claim]:
    """Returns the claims of orders, oldest first."""
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def list_claims(
    read: Read,
    *,
    owner_ids: Collection[UUID] | None,
    status: ClaimStatus | None,
    order_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Claim]:
    """Returns claims before an id, newest first; None is no filter."""
    query = select(Claim).order_by(col(Claim.id).desc()).limit(limit)
    if owner_ids is not None:
        query = query.where(one_of(Claim.owner_id, list(owner_ids)))
    if status is not None:
        query = query.where(Claim.status == status)
    if order_id is not None:
        query = query.where(Claim.order_id == order_id)
    if before is not None:
        query = query.where(Claim.id < before)
    return await read.all(query)
