"""Corrections of touchpoints: the old row goes, and a new one takes its place.

A row that moved into files cannot be changed there. The old one is erased by its person and its
exact time; the new one has another id and is a microsecond later, so that no erasure and no move
that is under way mistakes one for the other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from journey.history.model import ErasedBy, Erasure, queue_erasures
from journey.touchpoints.model import TouchpointRow

STEP: Final = timedelta(microseconds=1)


async def erase_touchpoint(
    tx: Tx, id: UUID, *, at: datetime, handles: Iterable[UUID]
) -> datetime | None:
    """Deletes one touchpoint, wherever it lies; returns its time if PostgreSQL had it.

    `at` is its time where PostgreSQL does not have it any more, and `handles` are the ids of who
    did it.
    """
    deleted: datetime | None = await tx.one(_DELETE, id=id)
    since = deleted or at
    rules = [
        Erasure(erased_by, handle, since, since + STEP)
        for handle in handles
        for erased_by in (ErasedBy.VISITOR, ErasedBy.CUSTOMER)
    ]
    await queue_erasures(tx, rules)
    return at


_DELETE: Final = prepare(
    delete(TouchpointRow)
    .where(col(TouchpointRow.id) == bindparam("id"))
    .returning(col(TouchpointRow.occurred_at))
)
