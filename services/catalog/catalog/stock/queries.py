"""Reads of stock levels and of the ledger for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import exists, tuple_
from sqlmodel import col, select

from catalog.errors import StockLevelNotFound, VariantNotFound
from catalog.products.model import Variant, variant_of_sku
from catalog.stock.ledger import StockMovement, StockReason
from catalog.stock.model import StockLevel, is_in_warehouse
from catalog.warehouses.model import warehouse_of
from chassis.data.statements import one_of
from chassis.data.tx import Read


@dataclass(frozen=True, slots=True)
class LevelOfVariant:
    """A level with what its quantities mean."""

    level: StockLevel
    sku: str
    scale: int
    unit_code: str


@dataclass(frozen=True, slots=True)
class MovementOfVariant:
    """A movement with the SKU of its variant."""

    movement: StockMovement
    sku: str


@dataclass(frozen=True, slots=True)
class LevelFilter:
    """A choice of levels; empty and None mean any."""

    skus: Sequence[str] = ()
    warehouse: str = ""
    is_low: bool = False
    changed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """A choice of movements; empty and None mean any."""

    sku: str = ""
    warehouse: str = ""
    reason: StockReason | None = None
    reference: str = ""


_threshold: Final = col(StockLevel.low_stock_at_most)


async def variant_of(read: Read, sku: str) -> Variant:
    """The variant of a SKU. Raises VariantNotFound."""
    variant = await variant_of_sku(read, sku) if sku.isprintable() else None
    if variant is None:
        raise VariantNotFound(sku=sku[:80])
    return variant


async def get_stock_level(read: Read, sku: str, warehouse: str) -> LevelOfVariant:
    """One level. Raises VariantNotFound, WarehouseNotFound, StockLevelNotFound."""
    variant = await variant_of(read, sku)
    code = (await warehouse_of(read, warehouse)).code
    level = await read.get(StockLevel, variant.id, code)
    if level is None:
        raise StockLevelNotFound(sku=sku[:80], warehouse=code)
    return LevelOfVariant(level, variant.sku, variant.scale, variant.unit_code)


async def list_stock_levels(
    read: Read, chosen: LevelFilter, *, after: tuple[UUID, str] | None, size: int
) -> list[LevelOfVariant]:
    """Levels after a position, in the order of variants' ids and warehouses' codes."""
    query = select(StockLevel, Variant.sku, Variant.scale, Variant.unit_code).join(
        Variant, col(Variant.id) == col(StockLevel.variant_id)
    )
    if chosen.skus:
        query = query.where(one_of(Variant.sku, list(chosen.skus)))
    if chosen.warehouse:
        query = query.where(col(StockLevel.warehouse) == chosen.warehouse)
    else:
        query = query.where(is_in_warehouse(col(StockLevel.warehouse)))
    if chosen.is_low:
        left = col(StockLevel.on_hand) - col(StockLevel.reserved)
        query = query.where(_threshold.is_not(None), left <= _threshold)
    if chosen.changed_since is not None:
        moved = exists().where(
            col(StockMovement.variant_id) == col(StockLevel.variant_id),
            col(StockMovement.warehouse) == col(StockLevel.warehouse),
            col(StockMovement.created_at) >= chosen.changed_since,
        )
        query = query.where(moved)
    if after is not None:
        query = query.where(
            tuple_(col(StockLevel.variant_id), col(StockLevel.warehouse)) > tuple_(*after)
        )
    query = query.order_by(col(StockLevel.variant_id), col(StockLevel.warehouse)).limit(size)
    return [LevelOfVariant(*record) for record in await read.all(query)]


async def list_stock_movements(
    read: Read, chosen: MovementFilter, *, before: UUID | None, size: int
) -> list[MovementOfVariant]:
    """Movements before a position, newest first. Raises VariantNotFound."""
    query = select(StockMovement, Variant.sku).join(
        Variant, col(Variant.id) == col(StockMovement.variant_id)
    )
    if chosen.sku:
        variant = await variant_of(read, chosen.sku)
        query = query.where(col(StockMovement.variant_id) == variant.id)
    if chosen.warehouse:
        query = query.where(col(StockMovement.warehouse) == chosen.warehouse)
    else:
        query = query.where(is_in_warehouse(col(StockMovement.warehouse)))
    if chosen.reason is not None:
        query = query.where(col(StockMovement.reason) == chosen.reason)
    if chosen.reference:
        query = query.where(col(StockMovement.reference) == chosen.reference)
    if before is not None:
        query = query.where(col(StockMovement.id) < before)
    query = query.order_by(col(StockMovement.id).desc()).limit(size)
    return [MovementOfVariant(*record) for record in await read.all(query)]


async def movements_of(read: Read, ids: Sequence[UUID]) -> list[MovementOfVariant]:
    """Movements by id, in the order of variants' ids and warehouses' codes."""
    query = (
        select(StockMovement, Variant.sku)
        .join(Variant, col(Variant.id) == col(StockMovement.variant_id))
        .where(one_of(StockMovement.id, list(ids)))
        .order_by(col(StockMovement.variant_id), col(StockMovement.warehouse))
    )
    return [MovementOfVariant(*record) for record in await read.all(query)]
