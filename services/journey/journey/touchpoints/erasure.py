"""Deleting touchpoints of people who took their consent back, in rows and in files."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, or_
from sqlmodel import col

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from journey.history.model import ErasedBy, Erasure, queue_erasure_of_person, queue_erasures
from journey.touchpoints.model import FROM_TOUCHPOINT, OF_PERSON, TouchpointRow

_UNTIL: Final = "(%(until)s::timestamptz IS NULL OR t.occurred_at <= %(until)s)"


async def find_orders_of_person(
    read: Read, person_id: UUID, handles: Sequence[UUID], *, until: datetime | None
) -> list[UUID]:
    """Returns the orders that a person's touchpoints up to a time placed, or all."""
    found = await read.fetch(
        f"SELECT DISTINCT t.subject FROM {FROM_TOUCHPOINT} WHERE {OF_PERSON} AND {_UNTIL}"
        " AND t.kind = 'order.placed'",
        {"person": person_id, "handles": list(handles), "until": until},
    )
    return _ids(subject for (subject,) in found)


async def find_orders_of_visitor(
    read: Read, visitor_id: UUID, guest_ids: Sequence[UUID]
) -> list[UUID]:
    """Returns the orders that a visitor placed, or that were placed as their guests."""
    found = await read.fetch(
        "SELECT DISTINCT subject FROM touchpoint WHERE kind = 'order.placed' AND (visitor_id = "
        "%(visitor)s OR visitor_id IS NULL AND guest_id = ANY(%(guests)s))",
        {"visitor": visitor_id, "guests": list(guest_ids)},
    )
    return _ids(subject for (subject,) in found)


def _ids(subjects: Iterable[str]) -> list[UUID]:
    """An imported order may have an id of any form; only ours have answers."""
    found = []
    for subject in subjects:
        try:
            found.append(UUID(subject))
        except ValueError:
            continue
    return found


async def delete_touchpoints_of_person(
    tx: Tx, person_id: UUID, handles: Sequence[UUID], *, until: datetime | None
) -> int:
    """Deletes a person's touchpoints up to a time, or all. Returns how many PostgreSQL had."""
    before = None if until is None else until + timedelta(microseconds=1)
    await queue_erasure_of_person(tx, person_id, handles, before=before)
    return await tx.run(
        f"DELETE FROM touchpoint WHERE id IN (SELECT t.id FROM {FROM_TOUCHPOINT}"
        f" WHERE {OF_PERSON} AND (%(until)s::timestamptz IS NULL OR t.occurred_at <= %(until)s))",
        {"person": person_id, "handles": list(handles), "until": until},
    )


async def delete_touchpoints_of_visitor(tx: Tx, visitor_id: UUID, guest_ids: Sequence[UUID]) -> int:
    """Deletes what a visitor did, and what was done as their guests.

    Returns how many PostgreSQL had.
    """
    guests = [Erasure(ErasedBy.GUEST, id) for id in guest_ids]
    await queue_erasures(tx, [Erasure(ErasedBy.VISITOR, visitor_id), *guests])
    return await tx.execute(_FORGET_VISITOR, visitor_id=visitor_id, guest_ids=list(guest_ids))


async def delete_touchpoints_of_customer(tx: Tx, customer_id: UUID) -> int:
    """Deletes the touchpoints that name a customer. Returns how many PostgreSQL had."""
    await queue_erasures(tx, [Erasure(ErasedBy.CUSTOMER, customer_id)])
    return await tx.execute(_FORGET_CUSTOMER, customer_id=customer_id)


_FORGET_VISITOR: Final = prepare(
    delete(TouchpointRow).where(
        or_(
            col(TouchpointRow.visitor_id) == bindparam("visitor_id"),
            and_(
                col(TouchpointRow.visitor_id).is_(None), one_of(TouchpointRow.guest_id, "guest_ids")
            ),
        )
    )
)
_FORGET_CUSTOMER: Final = prepare(
    delete(TouchpointRow).where(col(TouchpointRow.customer_id) == bindparam("customer_id"))
)
