"""The ledger of stock: each change of what is on hand is a row that never changes.

The movements of a level add up to `StockLevel.recorded`, which is what is on hand unless a release
without the ledger changed it; `record_missing` then writes the difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from catalog.errors import Oversold
from catalog.stock.model import Allocation
from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

_AT_ONCE: Final = 500


class StockReason(StrEnum):
    """Reasons for which what is on hand changed."""

    OPENING = "opening"
    RECEIPT = "receipt"
    CORRECTION = "correction"
    DAMAGE = "damage"
    LOSS = "loss"
    RETURN = "return"
    TRANSFER = "transfer"
    COUNT = "count"
    SALE = "sale"
    CANCELLATION = "cancellation"
    UNRECORDED = "unrecorded"


class StockMovement(Row, table=True):
    """A change of what is on hand of a variant in a warehouse. It is never written again.

    `reference` is what it belongs to: an order's id, a delivery note, a transfer.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("quantity <> 0"),
        states("reason", StockReason),
        Index("stock_movement_of_level", "variant_id", "warehouse", "id"),
        Index("stock_movement_of_warehouse", "warehouse", "id"),
        Index("stock_movement_by_time", "created_at"),
        Index(
            "stock_movement_of_reference",
            "reference",
            "id",
            postgresql_where=text("reference <> ''"),
        ),
    )

    id: UUID = Field(primary_key=True)
    variant_id: UUID
    warehouse: str
    quantity: int = counter()
    on_hand_after: int = counter()
    reason: StockReason = code(StockReason)
    reference: str
    note: str
    actor_id: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Steps to add to a locked level; below zero, to take."""

    variant_id: UUID
    warehouse: str
    on_hand: int
    reserved: int = 0
    reason: StockReason = StockReason.CORRECTION


@dataclass(frozen=True, slots=True)
class Entry:
    """The part of the ledger that all changes of one request share."""

    reference: str = ""
    note: str = ""
    actor_id: UUID | None = None


_RESERVE: Final = (
    "UPDATE stock_level s SET reserved = s.reserved + a.quantity"
    " FROM unnest(%(variants)s::uuid[], %(warehouses)s::text[], %(quantities)s::bigint[]) AS a "
    "(variant_id, warehouse, quantity)"
    " WHERE s.variant_id = a.variant_id AND s.warehouse = a.warehouse"
    " AND s.reserved + a.quantity BETWEEN 0 AND s.on_hand"
)
_CHANGE: Final = (
    "WITH changed AS (UPDATE stock_level s SET on_hand = s.on_hand + a.on_hand,"
    " reserved = s.reserved + a.reserved, recorded = s.recorded + a.on_hand,"
    " version = s.version + 1"
    " FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(warehouses)s::text[],"
    " %(on_hand)s::bigint[], %(reserved)s::bigint[], %(reasons)s::text[]) AS a"
    " (id, variant_id, warehouse, on_hand, reserved, reason)"
    " WHERE s.variant_id = a.variant_id AND s.warehouse = a.warehouse"
    " AND s.reserved + a.reserved BETWEEN 0 AND s.on_hand + a.on_hand"
    " RETURNING a.id, s.variant_id, s.warehouse, a.on_hand AS quantity,"
    " s.on_hand AS on_hand_after, a.reason),"
    " recorded AS (INSERT INTO stock_movement (id, variant_id, warehouse, quantity, on_hand_after,"
    " reason, reference, note, actor_id, created_at)"
    " SELECT c.*, %(reference)s, %(note)s, %(actor)s::uuid, %(now)s::timestamptz FROM changed c"
    " WHERE c.quantity <> 0)"
    " SELECT count(*) FROM changed"
)
_OPEN: Final = (
    "WITH opened AS (INSERT INTO stock_level (variant_id, warehouse, on_hand, reserved, recorded)"
    " SELECT a.variant_id, a.warehouse, a.on_hand, 0, a.on_hand"
    " FROM unnest(%(variants)s::uuid[], %(warehouses)s::text[], %(on_hand)s::bigint[]) AS a"
    " (variant_id, warehouse, on_hand) ON CONFLICT DO NOTHING"
    " RETURNING variant_id, warehouse, on_hand)"
    " INSERT INTO stock_movement (id, variant_id, warehouse, quantity, on_hand_after, reason,"
    " reference, note, created_at)"
    " SELECT b.id, o.variant_id, o.warehouse, o.on_hand, o.on_hand, 'opening', '', '',"
    " %(now)s::timestamptz"
    " FROM opened o JOIN unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(warehouses)s::text[]) AS b"
    " (id, variant_id, warehouse) ON b.variant_id = o.variant_id AND b.warehouse = o.warehouse"
    " WHERE o.on_hand > 0"
)
_RECORD_MISSING: Final = (
    "WITH found AS (SELECT variant_id, warehouse, recorded FROM stock_level"
    " WHERE on_hand <> recorded ORDER BY variant_id, warehouse LIMIT %(most)s"
    " FOR UPDATE SKIP LOCKED),"
    " recorded AS (UPDATE stock_level s SET recorded = s.on_hand FROM found f"
    " WHERE s.variant_id = f.variant_id AND s.warehouse = f.warehouse"
    " RETURNING s.variant_id, s.warehouse, s.on_hand, s.on_hand - f.recorded AS quantity)"
    " INSERT INTO stock_movement (id, variant_id, warehouse, quantity, on_hand_after, reason,"
    " reference, note, created_at)"
    " SELECT i.id, r.variant_id, r.warehouse, r.quantity, r.on_hand,"
    " CASE WHEN EXISTS (SELECT FROM stock_movement m WHERE m.variant_id = r.variant_id"
    " AND m.warehouse = r.warehouse) THEN 'unrecorded' ELSE 'opening' END, '', '',"
    " %(now)s::timestamptz"
    " FROM (SELECT *, row_number() OVER () AS number FROM recorded) r"
    " JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS i (id, number) USING (number)"
)


async def hold(tx: Tx, allocations: Sequence[Allocation], *, sign: int) -> None:
    """Adds each quantity to what is reserved of its locked level, or takes it (`sign` -1).

    Raises Oversold, a defect, if a level would reserve less than nothing or more than it has.
    """
    touched = await tx.run(
        _RESERVE,
        {
            "variants": [each.variant_id for each in allocations],
            "warehouses": [each.warehouse for each in allocations],
            "quantities": [each.quantity * sign for each in allocations],
        },
    )
    _require_all(touched, allocations)


async def change_levels(tx: Tx, changes: Sequence[Change], entry: Entry) -> list[UUID]:
    """Changes locked levels, each once, and records what is on hand. Returns the movements' ids.

    Raises Oversold, a defect, if a level would fall below nothing or below what is reserved.
    """
    ids = [uuid7() for _ in changes]
    record = await tx.fetch_one(
        _CHANGE,
        {
            "ids": ids,
            "variants": [change.variant_id for change in changes],
            "warehouses": [change.warehouse for change in changes],
            "on_hand": [change.on_hand for change in changes],
            "reserved": [change.reserved for change in changes],
            "reasons": [str(change.reason) for change in changes],
            "reference": entry.reference,
            "note": entry.note,
            "actor": entry.actor_id,
            "now": tx.now,
        },
    )
    _require_all(record[0] if record else 0, changes)
    return ids


def _require_all(touched: int, wanted: Sequence[object]) -> None:
    if touched != len(wanted):
        raise Oversold("a stock level does not have what was allocated from it")


async def open_levels(tx: Tx, counts: Mapping[tuple[UUID, str], int]) -> None:
    """Begins levels by (variant, warehouse) with what is on hand; those that exist are kept."""
    in_lock_order: Iterable[tuple[tuple[UUID, str], int]] = sorted(counts.items())
    await tx.run(
        _OPEN,
        {
            "ids": [uuid7() for _ in counts],
            "variants": [variant_id for (variant_id, _), _ in in_lock_order],
            "warehouses": [warehouse for (_, warehouse), _ in in_lock_order],
            "on_hand": [count for _, count in in_lock_order],
            "now": tx.now,
        },
    )


async def record_missing(tx: Tx) -> int:
    """Records changes of levels that a release without the ledger made, a batch of them.

    Returns how many levels it found.
    """
    return await tx.run(
        _RECORD_MISSING,
        {"most": _AT_ONCE, "ids": [uuid7() for _ in range(_AT_ONCE)], "now": tx.now},
    )
