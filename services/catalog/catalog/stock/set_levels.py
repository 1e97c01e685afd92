"""Many levels at once, set to what a count or another system says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog import events
from catalog.errors import BelowReserved, UnknownWarehouse
from catalog.products.model import Variant
from catalog.stock import ledger
from catalog.stock import model as stock
from catalog.stock.actions import variants_by_sku
from catalog.stock.changed_levels import CatalogContext, apply_changes, publish_levels
from catalog.stock.ledger import Change, Entry, StockReason
from catalog.stock.model import StockLevel
from catalog.stock.promises import fill_promises
from catalog.warehouses.model import keep_warehouses, warehouse_of
from chassis.data.audit import record_audit
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCount:
    """Facts of a SKU in a warehouse (empty: the default one); None leaves one as it is.

    `path` is the place of the line in the request. A threshold of 0 tells of no low stock.
    """

    sku: str
    warehouse: str
    on_hand: int | None
    safety_stock: int | None
    low_stock_at_most: int | None
    path: str


@dataclass(frozen=True, slots=True)
class LevelsSet:
    """Levels by what became of them."""

    created: int
    updated: int
    unchanged: int


async def set_levels(
    tx: Tx, context: CatalogContext, counts: Sequence[LevelCount], entry: Entry
) -> LevelsSet:
    """Sets levels, all or none; each SKU in a warehouse once. The ledger gets the differences.

    Raises UnknownSku, UnknownWarehouse, BelowReserved, each with the `path` of its line.
    """
    variants = await variants_by_sku(tx, [(each.sku, f"{each.path}.sku") for each in counts])
    wanted = await _by_place(tx, counts, variants)
    created = {
        place
        for place in sorted(wanted)
        if await tx.insert_new(
            StockLevel(variant_id=place[0], warehouse=place[1], on_hand=0, reserved=0)
        )
    }
    levels = await stock.lock_levels(tx, {variant_id for variant_id, _ in wanted})
    before = [level.copy_row() for level in levels]
    changes: list[Change] = []
    ruled: set[tuple[UUID, str]] = set()
    for level in levels:
        if (count := wanted.get((level.variant_id, level.warehouse))) is None:
            continue
        change = _change(level, count)
        if change is not None:
            changes.append(change)
        if _set_rules(level, count):
            await tx.update(level)
            ruled.add((level.variant_id, level.warehouse))
    if changes:
        await ledger.change_levels(tx, changes, entry)
        apply_changes(levels, changes)
        await fill_promises(tx, levels, changes, entry)
    moved = {(change.variant_id, change.warehouse) for change in changes}
    for level in levels:
        if (level.variant_id, level.warehouse) in moved:
            await tx.emit(events.stock_adjusted(level), key=f"{level.variant_id}:{level.warehouse}")
    touched = moved | ruled
    if touched or created:
        await publish_levels(tx, context, before, levels)
        record_audit(
            tx,
            entry.actor_id,
            "set_levels",
            f"stock:{entry.reference}",
            after={"lines": len(counts), "changed": len(touched)},
        )
    updated = len(touched - created)
    return LevelsSet(len(created), updated, len(counts) - len(created) - updated)


async def _by_place(
    tx: Tx, counts: Sequence[LevelCount], variants: Mapping[str, Variant]
) -> dict[tuple[UUID, str], LevelCount]:
    default = (await warehouse_of(tx, "")).code
    codes = [each.warehouse or default for each in counts]
    known = await keep_warehouses(tx, codes)
    found: dict[tuple[UUID, str], LevelCount] = {}
    for each, code in zip(counts, codes, strict=True):
        if code not in known:
            raise UnknownWarehouse(
                "is no code of a warehouse", path=f"{each.path}.warehouse", warehouse=code[:40]
            )
        found[variants[each.sku].id, code] = each
    return found


def _change(level: StockLevel, count: LevelCount) -> Change | None:
    if count.on_hand is None or count.on_hand == level.on_hand:
        return None
    if count.on_hand < level.reserved:
        raise BelowReserved(
            "is at least what is reserved",
            path=f"{count.path}.on_hand",
            reserved=level.reserved,
            on_hand=level.on_hand,
        )
    return Change(
        level.variant_id,
        level.warehouse,
        count.on_hand - level.on_hand,
        reason=StockReason.COUNT,
    )


def _set_rules(level: StockLevel, count: LevelCount) -> bool:
    """Sets the rules that a count names. Returns whether any changed."""
    was = (level.safety_stock, level.low_stock_at_most)
    if count.safety_stock is not None:
        level.safety_stock = count.safety_stock
    if count.low_stock_at_most is not None:
        level.low_stock_at_most = count.low_stock_at_most or None
    return was != (level.safety_stock, level.low_stock_at_most)
