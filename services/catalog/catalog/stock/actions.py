"""Stocking: counts, adjustments, transfers and rules of levels, as staff make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import select

from catalog import events
from catalog.errors import (
    BelowReserved,
    InvalidStockChange,
    NotEnoughFree,
    TooMuchStock,
    UnknownSku,
    UnknownWarehouse,
    WarehouseNotFound,
)
from catalog.products.model import Variant
from catalog.stock import ledger
from catalog.stock import model as stock
from catalog.stock.changed_levels import CatalogContext, apply_changes, publish_levels
from catalog.stock.ledger import Change, Entry, StockReason
from catalog.stock.model import MOST_ON_HAND, StockLevel
from catalog.stock.promises import fill_promises
from catalog.stock.queries import LevelOfVariant, variant_of
from catalog.warehouses.model import keep_warehouses, warehouse_of
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import ItemKind
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

# Reasons that only add, and those that only take.
_ADDING: Final = {StockReason.RECEIPT, StockReason.RETURN}
_TAKING: Final = {StockReason.DAMAGE, StockReason.LOSS}
_OF_SKUS: Final = prepare(select(Variant).where(one_of(Variant.sku, "skus")))


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Steps of a SKU to add to a warehouse (empty: the default one); below zero, to take.

    `path` is the place of the line in the request.
    """

    sku: str
    warehouse: str
    quantity: int
    reason: StockReason
    path: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Steps by SKU that one warehouse gives to another."""

    source: str
    destination: str
    lines: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of a level to set; None keeps one. A threshold of 0 tells of no low stock."""

    safety_stock: int | None = None
    low_stock_at_most: int | None = None


async def set_stock(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    warehouse_code: str,
    on_hand: int,
    *,
    entry: Entry,
    expected_version: int = 0,
) -> LevelOfVariant:
    """Sets what is on hand of a SKU in a warehouse.

    Raises VariantNotFound, WarehouseNotFound, BelowReserved, VersionMismatch.
    """
    variant = await variant_of(tx, sku)
    levels, level = await _open_and_lock(tx, variant, warehouse_code, expected_version)
    if on_hand < level.reserved:
        raise BelowReserved("more is reserved than that", sku=sku, reserved=level.reserved)
    if on_hand != level.on_hand:
        was = _counts(level)
        change = Change(
            variant.id, level.warehouse, on_hand - level.on_hand, reason=StockReason.COUNT
        )
        await _change(tx, context, levels, [change], entry)
        record_audit(
            tx, entry.actor_id, "set_stock", f"sku:{sku}", before=was, after=_counts(level)
        )
    return LevelOfVariant(level, variant.sku, variant.scale, variant.unit_code)


async def update_stock_rules(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    warehouse_code: str,
    rules: Rules,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> LevelOfVariant:
    """Sets rules of a level, which begins with nothing on hand where there is none.

    Raises VariantNotFound, WarehouseNotFound, VersionMismatch.
    """
    variant = await variant_of(tx, sku)
    levels, level = await _open_and_lock(tx, variant, warehouse_code, expected_version)
    before = [each.copy_row() for each in levels]
    was = _rules(level)
    if rules.safety_stock is not None:
        level.safety_stock = rules.safety_stock
    if rules.low_stock_at_most is not None:
        level.low_stock_at_most = rules.low_stock_at_most or None
    if was != _rules(level):
        await tx.update(level)
        record_audit(
            tx, actor_id, "update_stock_rules", f"sku:{sku}", before=was, after=_rules(level)
        )
        await publish_levels(tx, context, before, levels)
    return LevelOfVariant(level, variant.sku, variant.scale, variant.unit_code)


async def adjust_stock(
    tx: Tx, context: CatalogContext, adjustments: Sequence[Adjustment], entry: Entry
) -> list[UUID]:
    """Adds to levels and takes from them, all or none. Returns the movements' ids.

    Raises UnknownSku, UnknownWarehouse, InvalidStockChange, BelowReserved, TooMuchStock, each with
    the `path` of its line.
    """
    variants = await variants_by_sku(tx, [(each.sku, f"{each.path}.sku") for each in adjustments])
    default = (await warehouse_of(tx, "")).code
    codes = [each.warehouse or default for each in adjustments]
    known = await keep_warehouses(tx, codes)
    paths: dict[tuple[UUID, str], str] = {}
    changes: list[Change] = []
    for each, code in zip(adjustments, codes, strict=True):
        if code not in known:
            raise UnknownWarehouse(path=f"{each.path}.warehouse", warehouse=code[:40])
        _require_sign(each)
        place = (variants[each.sku].id, code)
        if place in paths:
            raise InvalidStockChange("names a SKU in a warehouse once", path=each.path)
        paths[place] = f"{each.path}.quantity"
        changes.append(Change(*place, each.quantity, reason=each.reason))
    return await _move_stock(tx, context, changes, paths, entry, "adjust_stock")


async def transfer_stock(
    tx: Tx, context: CatalogContext, transfer: Transfer, entry: Entry
) -> list[UUID]:
    """Moves stock between two warehouses, all or none. Returns the movements' ids.

    Raises UnknownSku, UnknownWarehouse, InvalidStockChange, NotEnoughFree, TooMuchStock.
    """
    if transfer.source == transfer.destination:
        raise InvalidStockChange("goes to another warehouse", path="destination")
    variants = await variants_by_sku(
        tx, [(sku, f"lines[{number}].sku") for number, (sku, _) in enumerate(transfer.lines)]
    )
    known = await keep_warehouses(tx, [transfer.source, transfer.destination])
    for name in ("source", "destination"):
        if (code := getattr(transfer, name)) not in known:
            raise UnknownWarehouse(path=name, warehouse=code[:40])
    paths: dict[tuple[UUID, str], str] = {}
    changes: list[Change] = []
    for number, (sku, quantity) in enumerate(transfer.lines):
        variant_id = variants[sku].id
        if (variant_id, transfer.source) in paths:
            raise InvalidStockChange("names a SKU once", path=f"lines[{number}].sku")
        for code, signed in ((transfer.source, -quantity), (transfer.destination, quantity)):
            paths[variant_id, code] = f"lines[{number}].quantity"
            changes.append(Change(variant_id, code, signed, reason=StockReason.TRANSFER))
    return await _move_stock(tx, context, changes, paths, entry, "transfer_stock")


def new_reference() -> str:
    """Returns a reference for movements that belong together and have none."""
    return str(uuid7())


async def get_stock(read: Read, sku: str) -> list[StockLevel]:
    """Levels of a SKU, one per warehouse. Raises VariantNotFound."""
    levels = await stock.levels_of(read, [(await variant_of(read, sku)).id])
    return [level for level in levels if level.warehouse not in stock.VIRTUAL]


async def _open_and_lock(
    tx: Tx, variant: Variant, warehouse_code: str, expected_version: int
) -> tuple[list[StockLevel], StockLevel]:
    """Locks all levels of a variant; the one of the warehouse begins where there is none."""
    require_stocked(variant, "sku")
    warehouse = await warehouse_of(tx, warehouse_code)
    if warehouse.code not in await keep_warehouses(tx, [warehouse.code]):
        raise WarehouseNotFound(warehouse=warehouse.code)
    await tx.insert_new(
        StockLevel(variant_id=variant.id, warehouse=warehouse.code, on_hand=0, reserved=0)
    )
    levels = await stock.lock_levels(tx, [variant.id])
    level = next(each for each in levels if each.warehouse == warehouse.code)
    if expected_version not in (0, level.version):
        raise VersionMismatch("the stock level changed meanwhile", version=level.version)
    return levels, level


async def variants_by_sku(read: Read, skus: Sequence[tuple[str, str]]) -> Mapping[str, Variant]:
    """Variants by SKU.

    Raises UnknownSku with the path of the first that no variant has, and InvalidStockChange with
    that of the first that is in no warehouse.
    """
    asked = [sku for sku, _ in skus if sku.isprintable()]
    found = {variant.sku: variant for variant in await read.all(_OF_SKUS, skus=asked)}
    for sku, path in skus:
        if sku not in found:
            raise UnknownSku(path=path, sku=sku[:80])
        require_stocked(found[sku], path)
    return found


def require_stocked(variant: Variant, path: str) -> None:
    """Raises InvalidStockChange for what is in no warehouse."""
    if variant.kind is not ItemKind.PHYSICAL:
        raise InvalidStockChange("is in no warehouse", path=path)


def _require_sign(adjustment: Adjustment) -> None:
    quantity, path = adjustment.quantity, f"{adjustment.path}.quantity"
    if quantity == 0:
        raise InvalidStockChange("changes nothing", path=path)
    if quantity < 0 and adjustment.reason in _ADDING:
        raise InvalidStockChange(f"a {adjustment.reason} adds stock", path=path)
    if quantity > 0 and adjustment.reason in _TAKING:
        raise InvalidStockChange(f"{adjustment.reason} takes stock", path=path)


async def _move_stock(
    tx: Tx,
    context: CatalogContext,
    changes: Sequence[Change],
    paths: Mapping[tuple[UUID, str], str],
    entry: Entry,
    action: str,
) -> list[UUID]:
    for change in sorted(changes, key=lambda each: (each.variant_id, each.warehouse)):
        if change.on_hand > 0:
            await tx.insert_new(
                StockLevel(
                    variant_id=change.variant_id, warehouse=change.warehouse, on_hand=0, reserved=0
                )
            )
    levels = await stock.lock_levels(tx, {change.variant_id for change in changes})
    by_place = {(level.variant_id, level.warehouse): level for level in levels}
    for change in changes:
        place = (change.variant_id, change.warehouse)
        _require_possible(change, by_place.get(place), paths[place])
    ids = await _change(tx, context, levels, changes, entry)
    record_audit(
        tx,
        entry.actor_id,
        action,
        f"stock:{entry.reference or ids[0]}",
        after={"reference": entry.reference, "lines": len(changes)},
    )
    return ids


def _require_possible(change: Change, level: StockLevel | None, path: str) -> None:
    on_hand, reserved = (level.on_hand, level.reserved) if level else (0, 0)
    if on_hand + change.on_hand > MOST_ON_HAND:
        raise TooMuchStock(path=path, most=MOST_ON_HAND, on_hand=on_hand)
    if level is not None and on_hand + change.on_hand >= reserved:
        return
    free = on_hand - reserved
    if change.reason is StockReason.TRANSFER:
        raise NotEnoughFree("less is free than that", path=path, free=free)
    raise BelowReserved(
        "less than that is free", path=path, reserved=reserved, on_hand=on_hand, free=free
    )


async def _change(
    tx: Tx,
    context: CatalogContext,
    levels: Sequence[StockLevel],
    changes: Sequence[Change],
    entry: Entry,
) -> list[UUID]:
    """Changes locked levels and publishes the effect."""
    before = [level.copy_row() for level in levels]
    ids = await ledger.change_levels(tx, changes, entry)
    apply_changes(levels, changes)
    await fill_promises(tx, levels, changes, entry)
    changed = {(change.variant_id, change.warehouse) for change in changes}
    for level in levels:
        if (level.variant_id, level.warehouse) in changed:
            key = f"{level.variant_id}:{level.warehouse}"
            await tx.emit(events.stock_adjusted(level), key=key)
    await publish_levels(tx, context, before, levels)
    return ids


def _counts(level: StockLevel) -> dict[str, str | int]:
    return {"warehouse": level.warehouse, "on_hand": level.on_hand, "reserved": level.reserved}


def _rules(level: StockLevel) -> dict[str, str | int | None]:
    return {
        "warehouse": level.warehouse,
        "safety_stock": level.safety_stock,
        "low_stock_at_most": level.low_stock_at_most,
    }
