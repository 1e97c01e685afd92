"""Stocking: what staff count and set."""

from uuid import UUID

from catalog.errors import BelowReserved, VariantNotFound
from catalog.products import model as products
from catalog.products.model import Variant
from catalog.reservations.actions import CatalogContext, publish_availability
from catalog.stock import model as stock
from catalog.stock.model import StockLevel
from chassis.data.audit import record_audit
from chassis.data.tx import Read, Tx


async def set_stock(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    warehouse_code: str,
    on_hand: int,
    *,
    actor_id: UUID | None = None,
) -> StockLevel:
    """Sets what is on hand of a SKU in a warehouse.

    Raises VariantNotFound, WarehouseNotFound, BelowReserved.
    """
    variant = await _variant(tx, sku)
    warehouse = await stock.warehouse_of(tx, warehouse_code)
    await tx.insert_new(
        StockLevel(variant_id=variant.id, warehouse=warehouse.code, on_hand=0, reserved=0)
    )
    levels = await stock.lock_levels(tx, [variant.id])
    level = next(level for level in levels if level.warehouse == warehouse.code)
    if on_hand < level.reserved:
        raise BelowReserved("more is reserved than that", sku=sku, reserved=level.reserved)
    if on_hand == level.on_hand:
        return level
    counts, before = stock.counts_of(levels), _counts(level)
    level.on_hand = on_hand
    await tx.update(level)
    record_audit(tx, actor_id, "set_stock", f"sku:{sku}", before=before, after=_counts(level))
    await publish_availability(tx, context, counts, stock.counts_of(levels))
    return level


async def get_stock(read: Read, sku: str) -> list[StockLevel]:
    """Levels of a SKU, one per warehouse. Raises VariantNotFound."""
    return await stock.levels_of(read, [(await _variant(read, sku)).id])


async def _variant(read: Read, sku: str) -> Variant:
    variant = await products.variant_of_sku(read, sku) if sku.isprintable() else None
    if variant is None:
        raise VariantNotFound(sku=sku[:80])
    return variant


def _counts(level: StockLevel) -> dict[str, str | int]:
    return {"warehouse": level.warehouse, "on_hand": level.on_hand, "reserved": level.reserved}
