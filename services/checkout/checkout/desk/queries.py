"""Reads of tags, holds and notes of orders."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.desk.model import OrderHold, OrderNote, OrderTag
from checkout.errors.orders import OrderNoteNotFound

# Verbatim as in the partial index `order_hold_open`.
_IS_OPEN: Final = text("released_at IS NULL")
_OPEN_HOLDS: Final = prepare(
    select(OrderHold).where(_IS_OPEN, one_of(OrderHold.order_id, "order_ids"))
)
_HOLDS: Final = prepare(
    select(OrderHold).where(OrderHold.order_id == bindparam("order_id")).order_by(col(OrderHold.id))
)
_TAGS: Final = prepare(
    select(OrderTag)
    .where(one_of(OrderTag.order_id, "order_ids"))
    .order_by(col(OrderTag.order_id), col(OrderTag.tag))
)
_NOTES: Final = prepare(
    select(OrderNote).where(OrderNote.order_id == bindparam("order_id")).order_by(col(OrderNote.id))
)


async def find_open_hold(read: Read, order_id: UUID) -> OrderHold | None:
    """Returns the hold of an order that is held."""
    return await read.one(_OPEN_HOLDS, order_ids=[order_id])


async def find_open_holds(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, OrderHold]:
    """Returns the holds of orders that are held, by order."""
    found = await read.all(_OPEN_HOLDS, order_ids=list(order_ids))
    return {hold.order_id: hold for hold in found}


async def find_holds(read: Read, order_id: UUID) -> list[OrderHold]:
    """Returns all holds of an order, oldest first."""
    return await read.all(_HOLDS, order_id=order_id)


async def find_tags(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Returns the tags of orders, sorted."""
    found: dict[UUID, list[str]] = {order_id: [] for order_id in order_ids}
    for each in await read.all(_TAGS, order_ids=list(order_ids)):
        found[each.order_id].append(each.tag)
    return found


async def find_notes(read: Read, order_id: UUID) -> list[OrderNote]:
    """Returns the notes of an order, oldest first."""
    return await read.all(_NOTES, order_id=order_id)


async def get_note(read: Read, order_id: UUID, note_id: UUID) -> OrderNote:
    """Returns a note of an order. Raises OrderNoteNotFound."""
    note = await read.get(OrderNote, note_id)
    if note is None or note.order_id != order_id:
        raise OrderNoteNotFound
    return note


async def require_not_held(read: Read, order_id: UUID) -> None:
    """Raises OrderOnHold for an order that is held, in the transaction that locked it."""
    hold = await find_open_hold(read, order_id)
    if hold is not None:
        raise hold.refuse()
