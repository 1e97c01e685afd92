"""Work of the staff on orders: tags, holds and notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import actor_id_of
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.desk import events
from checkout.desk.model import (
    MOST_NOTES,
    MOST_TAGS,
    HoldReason,
    OrderHold,
    OrderNote,
    OrderTag,
    require_tags,
)
from checkout.desk.queries import find_notes, find_open_hold, find_tags, get_note
from checkout.errors.orders import (
    OrderNotFound,
    SyntheticOrder,
    TooManyOrderNotes,
    TooManyOrderTags,
)
from checkout.fraud.store import require_not_reviewed
from checkout.orders.access import audit_order
from checkout.orders.model import Order, OrderStatus
from checkout.orders.store import lock_order, save_order


@dataclass(frozen=True, slots=True)
class TagChanges:
    """Tags that orders are to have, and tags that they are not to have."""

    add: Sequence[str]
    remove: Sequence[str]


async def tag_orders(
    tx: Tx, order_ids: Sequence[UUID], changes: TagChanges, *, caller: Caller
) -> int:
    """Changes the tags of orders, all or none; returns how many have others now.

    Emits OrderTagsChanged of each. Raises InvalidOrderTag, OrderNotFound, TooManyOrderTags.
    """
    require_tags(changes.add, "add")
    changed = 0
    # In one order of ids, so that two calls wait for each other.
    for order_id in sorted(order_ids):
        changed += await _store_tags(tx, order_id, changes, caller=caller)
    return changed


async def hold_order(
    tx: Tx,
    order_id: UUID,
    reason: HoldReason,
    note: str,
    *,
    caller: Caller,
    expected_version: int = 0,
) -> Order:
    """Holds an order; one that is held already has another reason and note then.

    Emits OrderHeld. Raises OrderNotFound, SyntheticOrder, WrongOrderStatus, OrderUnderReview,
    VersionMismatch.
    """
    order = await _lock(tx, order_id, expected_version)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    await require_not_reviewed(tx, order_id)
    hold = await find_open_hold(tx, order_id)
    if hold and (hold.reason, hold.note) == (reason, note):
        return order
    before = hold.reason if hold else None
    if hold:
        hold.reason, hold.note = reason, note
        await tx.update(hold)
    else:
        hold = OrderHold(
            id=uuid7(),
            order_id=order_id,
            reason=reason,
            note=note,
            held_by=actor_id_of(caller),
            held_at=tx.now,
        )
        await tx.insert(hold)
    await save_order(tx, order)
    # The note may tell of a person: the hold alone has it.
    audit_order(tx, caller, "order.hold", order, before={"hold": before}, after={"hold": reason})
    await tx.emit(events.order_held(order, hold), key=order_id)
    return order


async def release_order(
    tx: Tx, order_id: UUID, *, caller: Caller, expected_version: int = 0
) -> Order:
    """Releases an order; one that is not held stays as it is.

    Emits OrderReleased. Raises OrderNotFound, OrderUnderReview, VersionMismatch.
    """
    order = await _lock(tx, order_id, expected_version)
    await require_not_reviewed(tx, order_id)
    hold = await find_open_hold(tx, order_id)
    if hold is None:
        return order
    hold.released_by, hold.released_at = actor_id_of(caller), tx.now
    await tx.update(hold)
    await save_order(tx, order)
    audit_order(
        tx, caller, "order.release", order, before={"hold": hold.reason}, after={"hold": None}
    )
    await tx.emit(events.order_released(order), key=order_id)
    return order


async def add_order_note(tx: Tx, order_id: UUID, text: str, *, caller: Caller) -> OrderNote:
    """Adds a note. Emits OrderNoteChanged. Raises OrderNotFound, TooManyOrderNotes."""
    order = await lock_order(tx, order_id)
    if len(await find_notes(tx, order_id)) >= MOST_NOTES:
        raise TooManyOrderNotes(most=MOST_NOTES)
    note = OrderNote(
        id=uuid7(),
        order_id=order_id,
        text=text,
        author_id=actor_id_of(caller),
        created_at=tx.now,
    )
    await tx.insert(note)
    audit_order(tx, caller, "order.note.add", order, before={}, after={"note_id": str(note.id)})
    await tx.emit(events.order_note_changed(note), key=note.id)
    return note


async def update_order_note(
    tx: Tx,
    order_id: UUID,
    note_id: UUID,
    text: str,
    *,
    caller: Caller,
    expected_version: int = 0,
) -> OrderNote:
    """Changes the text of a note; a repeat changes nothing.

    Emits OrderNoteChanged. Raises OrderNoteNotFound, VersionMismatch.
    """
    order = await lock_order(tx, order_id)
    note = await get_note(tx, order_id, note_id)
    note.require_version(expected_version)
    if note.text == text:
        return note
    note.text, note.edited_by, note.edited_at = text, actor_id_of(caller), tx.now
    await tx.update(note)
    _audit_note(tx, caller, "order.note.update", order, note)
    await tx.emit(events.order_note_changed(note), key=note.id)
    return note


async def delete_order_note(
    tx: Tx, order_id: UUID, note_id: UUID, *, caller: Caller, expected_version: int = 0
) -> None:
    """Deletes a note; one that is gone already is fine.

    Emits OrderNoteChanged. Raises OrderNotFound, OrderNoteNotFound, VersionMismatch.
    """
    order = await lock_order(tx, order_id)
    if await tx.get(OrderNote, note_id) is None:
        return
    note = await get_note(tx, order_id, note_id)
    note.require_version(expected_version)
    await tx.delete(note)
    _audit_note(tx, caller, "order.note.delete", order, note)
    await tx.emit(events.order_note_changed(note, is_deleted=True), key=note.id)


async def _store_tags(tx: Tx, order_id: UUID, changes: TagChanges, *, caller: Caller) -> bool:
    """Says whether the order has other tags now."""
    order = await tx.lock(Order, order_id)
    if order is None:
        raise OrderNotFound(order_id=order_id)
    before = (await find_tags(tx, [order_id]))[order_id]
    after = sorted((set(before) | set(changes.add)) - set(changes.remove))
    if after == before:
        return False
    if len(after) > MOST_TAGS:
        raise TooManyOrderTags(order_id=order_id, most=MOST_TAGS)
    for tag in sorted(set(after) - set(before)):
        await tx.insert(OrderTag(order_id=order_id, tag=tag))
    for tag in sorted(set(before) - set(after)):
        await tx.delete(OrderTag(order_id=order_id, tag=tag))
    await save_order(tx, order)
    audit_order(
        tx, caller, "order.tag", order, before={"tags": [*before]}, after={"tags": [*after]}
    )
    event = events.order_tags_changed(order, after)
    await tx.emit(event, key=order_id, synthetic=order.is_synthetic)
    return True


async def _lock(tx: Tx, order_id: UUID, expected_version: int) -> Order:
    order = await lock_order(tx, order_id)
    if expected_version not in (0, order.version):
        raise VersionMismatch("the order changed: read it again", version=order.version)
    return order


def _audit_note(tx: Tx, caller: Caller, action: str, order: Order, note: OrderNote) -> None:
    facts: dict[str, JsonValue] = {"note_id": str(note.id), "version": note.version}
    audit_order(tx, caller, action, order, before=facts, after=facts)
