"""Costs of a unit of each variant, of which orders of later are worth less."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import select

from chassis.data.rows import Field, Row, minor
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class Cost(Row, table=True):
    """Cost of a unit to the merchant, in minor units; None where it is no longer known."""

    __tablename__ = "unit_cost"

    variant_id: UUID = Field(primary_key=True)
    amount_minor: int | None = minor(default=None)
    currency: str
    told_at: datetime


_OF: Final = prepare(select(Cost).where(one_of(Cost.variant_id, "variant_ids")))


async def store_cost(tx: Tx, cost: Cost) -> None:
    """Keeps a cost unless a later one is known: events may come again and in any order."""
    before = await tx.lock(Cost, cost.variant_id)
    if before is None:
        if await tx.insert_new(cost):
            return
        before = await tx.lock(Cost, cost.variant_id)
    if before is not None and before.told_at < cost.told_at:
        await tx.update(cost)


async def costs_of(read: Read, variant_ids: Iterable[UUID]) -> dict[str, Cost]:
    """Returns the costs that are known of some variants, by their ids as texts."""
    found = await read.all(_OF, variant_ids=sorted(set(variant_ids)))
    return {str(cost.variant_id): cost for cost in found if cost.amount_minor is not None}
