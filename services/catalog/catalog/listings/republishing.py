"""The job that rewrites all stored parts after a change of channels, also after a stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, bindparam, or_, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row, counter
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx

# A process that is gone leaves the job to another one after it.
LEASE: Final = timedelta(seconds=60)


class Republishing(Row, table=True):
    """The one row of the job: products up to `last_product_id` are done.

    `generation` rises with each change, which begins it anew; `last_product_id` is NULL where there
    is nothing to do.
    """

    __tablename__ = "republishing"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    generation: int = counter(default=1)
    last_product_id: UUID | None = None
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """The next part of the job: products after `last`, in a generation of it."""

    generation: int
    last: UUID


_BEGIN: Final = prepare(
    update(Republishing).values(
        generation=Republishing.generation + 1, last_product_id=UUID(int=0), leased_until=None
    )
)
_CLAIM: Final = prepare(
    update(Republishing)
    .where(
        col(Republishing.last_product_id).is_not(None),
        or_(
            col(Republishing.leased_until).is_(None),
            col(Republishing.leased_until) < bindparam("now"),
        ),
    )
    .values(leased_until=bindparam("until"))
)
_CURRENT: Final = prepare(select(Republishing))
_ADVANCE: Final = prepare(
    update(Republishing)
    .where(col(Republishing.generation) == bindparam("of_generation"))
    .values(last_product_id=bindparam("last"), leased_until=None)
)


async def begin_republishing(tx: Tx) -> None:
    """Asks for all stored parts to be written anew, from the first product."""
    await tx.execute(_BEGIN)


async def is_republishing(read: Read) -> bool:
    """Returns whether stored parts are still to be written anew."""
    job = await read.one(_CURRENT)
    return job is not None and job.last_product_id is not None


async def claim_round(tx: Tx) -> Round | None:
    """Takes the next part of the job, unless another process works on it or there is none."""
    if not await tx.execute(_CLAIM, now=tx.now, until=tx.now + LEASE):
        return None
    job = await tx.one(_CURRENT)
    if job is None or job.last_product_id is None:
        return None
    return Round(job.generation, job.last_product_id)


async def finish_round(tx: Tx, done: Round, last: UUID | None) -> None:
    """Notes the products up to `last` as done, all of them for None.

    A job that began anew meanwhile is left as it is.
    """
    await tx.execute(_ADVANCE, of_generation=done.generation, last=last)
