"""The pool of licence keys of a variant, whose level DIGITAL counts the free ones.

Key rows and counter change in one transaction, under the lock of the level: on hand are exactly
the free keys, so that a reservation always finds its keys.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from catalog.errors import BelowReserved, OutOfStock
from catalog.stock import ledger
from catalog.stock import model as stock
from catalog.stock.changed_levels import CatalogContext, apply_changes, publish_levels
from catalog.stock.ledger import Change, Entry, StockReason
from catalog.stock.model import DIGITAL, Allocation, StockLevel
from chassis.data.tx import Tx

_ASSIGN: Final = (
    "UPDATE licence_key SET status = 'assigned', order_id = %(order_id)s WHERE id IN"
    " (SELECT id FROM licence_key WHERE variant_id = %(variant_id)s AND status = 'free'"
    " ORDER BY id LIMIT %(quantity)s)"
)
_FREE: Final = (
    "UPDATE licence_key SET status = 'free', order_id = NULL WHERE id IN"
    " (SELECT id FROM licence_key WHERE order_id = %(order_id)s AND variant_id = %(variant_id)s"
    " AND status = 'assigned' ORDER BY id DESC LIMIT %(quantity)s)"
)
_revoke_some: Final = (
    "UPDATE licence_key SET status = 'revoked', revoked_at = %(now)s WHERE id IN"
    " (SELECT id FROM licence_key WHERE order_id = %(order_id)s AND variant_id = %(variant_id)s"
    " AND status = 'delivered' ORDER BY id "
)
_REVOKE_SOME: Final = f"{_revoke_some} DESC LIMIT %(quantity)s)"
_REVOKE_SURPLUS: Final = f"{_revoke_some} OFFSET %(kept)s)"
_REVOKE: Final = (
    "UPDATE licence_key SET status = 'revoked', revoked_at = %(now)s"
    " WHERE order_id = %(order_id)s AND variant_id = ANY(%(variant_ids)s)"
    " AND status = 'delivered'"
)


async def open_pool(tx: Tx, variant_id: UUID) -> tuple[list[StockLevel], StockLevel]:
    """Locks all levels of a variant; that of its pool begins where there is none."""
    await tx.insert_new(StockLevel(variant_id=variant_id, warehouse=DIGITAL, on_hand=0, reserved=0))
    levels = await stock.lock_levels(tx, [variant_id])
    return levels, next(level for level in levels if level.warehouse == DIGITAL)


async def set_pool(
    tx: Tx,
    context: CatalogContext,
    variant_id: UUID,
    on_hand: int,
    *,
    low_stock_at_most: int | None,
    entry: Entry,
) -> None:
    """Sets what a pool has on hand, and from where on it is low. Raises BelowReserved."""
    levels, level = await open_pool(tx, variant_id)
    if on_hand < level.reserved:
        raise BelowReserved("more is reserved than that", reserved=level.reserved)
    before = [each.copy_row() for each in levels]
    if level.low_stock_at_most != low_stock_at_most:
        level.low_stock_at_most = low_stock_at_most
        await tx.update(level)
    if on_hand != level.on_hand:
        change = Change(variant_id, DIGITAL, on_hand - level.on_hand, reason=StockReason.COUNT)
        await ledger.change_levels(tx, [change], entry)
        apply_changes(levels, [change])
    await publish_levels(tx, context, before, levels)


async def change_pool(
    tx: Tx,
    context: CatalogContext,
    variant_id: UUID,
    quantity: int,
    *,
    reason: StockReason,
    entry: Entry,
) -> None:
    """Adds keys to what a pool has on hand, or takes them. Raises BelowReserved."""
    levels, level = await open_pool(tx, variant_id)
    if level.on_hand + quantity < level.reserved:
        raise BelowReserved("all free keys are reserved", reserved=level.reserved)
    before = [each.copy_row() for each in levels]
    change = Change(variant_id, DIGITAL, quantity, reason=reason)
    await ledger.change_levels(tx, [change], entry)
    apply_changes(levels, [change])
    await publish_levels(tx, context, before, levels)


async def assign_keys(tx: Tx, order_id: UUID, lines: Sequence[Allocation]) -> None:
    """Gives an order the keys that it reserved; the levels are locked.

    Raises OutOfStock, a defect, where the pool has fewer keys than its level says.
    """
    for line in lines:
        if line.warehouse != DIGITAL:
            continue
        assigned = await tx.run(
            _ASSIGN,
            {"order_id": order_id, "variant_id": line.variant_id, "quantity": line.quantity},
        )
        if assigned != line.quantity:
            raise OutOfStock(variant_id=line.variant_id, available=assigned)


async def return_keys(tx: Tx, order_id: UUID, lines: Sequence[Allocation]) -> list[Allocation]:
    """Takes the keys of an order back; the levels are locked.

    Keys that the buyer did not see are free again, others are revoked. Returns the lines with what
    is on hand again.
    """
    back: list[Allocation] = []
    for line in lines:
        if line.warehouse != DIGITAL:
            back.append(line)
            continue
        wanted = {
            "order_id": order_id, "variant_id": line.variant_id, "quantity": line.quantity
        }  # fmt: skip
        freed = await tx.run(_FREE, wanted)
        if freed < line.quantity:
            await tx.run(_REVOKE_SOME, {**wanted, "quantity": line.quantity - freed, "now": tx.now})
        if freed:
            back.append(replace(line, quantity=freed))
    return back


async def revoke_surplus(tx: Tx, order_id: UUID, variant_id: UUID, *, kept: int) -> None:
    """Revokes the delivered keys of an order for a variant but for some, the first ones."""
    await tx.run(
        _REVOKE_SURPLUS,
        {"order_id": order_id, "variant_id": variant_id, "kept": kept, "now": tx.now},
    )


async def revoke_keys(tx: Tx, order_id: UUID, variant_ids: Sequence[UUID]) -> int:
    """Revokes the delivered keys of an order. Returns how many."""
    return await tx.run(
        _REVOKE, {"order_id": order_id, "variant_ids": list(variant_ids), "now": tx.now}
    )
