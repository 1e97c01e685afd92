"""Effects of changed stock levels: availability on pages, and levels that became low."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import select

from catalog import events
from catalog.bundles.model import bundle_classes, bundles_with
from catalog.categories.model import CategoryTree
from catalog.channels.model import Channels
from catalog.listings.publish import reclassify
from catalog.products.model import Variant
from catalog.stock import model as stock
from catalog.stock.ledger import Change
from catalog.stock.model import StockLevel
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx

_SKUS: Final = prepare(select(Variant.id, Variant.sku).where(one_of(Variant.id, "variant_ids")))


@dataclass(frozen=True, slots=True)
class CatalogContext:
    """Channels, whose warehouses hold the stock, and the tree, which product events name."""

    channels: Channels
    tree: CategoryTree


def apply_changes(levels: Iterable[StockLevel], changes: Iterable[Change]) -> None:
    """Applies changes to levels in memory, as `change_levels` does to their rows."""
    by_level = {(change.variant_id, change.warehouse): change for change in changes}
    for level in levels:
        if change := by_level.get((level.variant_id, level.warehouse)):
            level.on_hand += change.on_hand
            level.reserved += change.reserved
            level.recorded += change.on_hand
            level.version += 1


async def publish_levels(
    tx: Tx, context: CatalogContext, before: Sequence[StockLevel], after: Sequence[StockLevel]
) -> None:
    """Publishes variants whose availability class differs between two states of their levels.

    `before` and `after` are all levels of the variants, locked. Emits StockLow for each that
    became low.
    """
    was = stock.classes_of(context.channels, stock.counts_of(before))
    is_now = stock.classes_of(context.channels, stock.counts_of(after))
    changed = {
        variant_id
        for (channel, variant_id), kind in is_now.items()
        if was.get((channel, variant_id)) is not kind
    }
    await _tell_low(tx, before, after)
    changed |= await _changed_bundles(tx, context.channels, before, after)
    if changed:
        await reclassify(tx, context.channels, context.tree, sorted(changed))


async def _changed_bundles(
    tx: Tx, channels: Channels, before: Sequence[StockLevel], after: Sequence[StockLevel]
) -> set[UUID]:
    """Returns the bundles whose class differs as the levels of their parts do."""
    moved = {level.variant_id for level in after}
    bundles = await bundles_with(tx, moved) if moved else {}
    if not bundles:
        return set()
    others = {part.part_id for parts in bundles.values() for part in parts} - moved
    counts = await stock.available_counts(tx, sorted(others)) if others else []
    was = bundle_classes(channels, bundles, [*stock.counts_of(before), *counts])
    is_now = bundle_classes(channels, bundles, [*stock.counts_of(after), *counts])
    return {
        bundle_id for (code, bundle_id), kind in is_now.items() if was[code, bundle_id] is not kind
    }


async def _tell_low(tx: Tx, before: Sequence[StockLevel], after: Sequence[StockLevel]) -> None:
    were_low = {(level.variant_id, level.warehouse) for level in before if level.is_low}
    fell = [
        level
        for level in after
        if level.is_low and (level.variant_id, level.warehouse) not in were_low
    ]
    if not fell:
        return
    skus = dict(await tx.all(_SKUS, variant_ids=[level.variant_id for level in fell]))
    for level in fell:
        await tx.emit(
            events.stock_low(level, skus.get(level.variant_id, "")),
            key=f"{level.variant_id}:{level.warehouse}",
        )
