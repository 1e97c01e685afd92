"""Reads of all that the catalogue holds, in orders that do not depend on ids."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, tuple_
from sqlmodel import col, select

from catalog.prices.model import Price, PriceTier
from catalog.products.model import Product, ProductExternalId, Variant
from catalog.stock.model import StockLevel, is_in_warehouse
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_PRODUCTS: Final = prepare(
    select(Product)
    .where(
        col(Product.slug) > bindparam("after"),
        col(Product.deleted_at).is_(None),
        ~col(Product.is_synthetic),
    )
    .order_by(col(Product.slug))
    .limit(bindparam("size"))
)
_VARIANTS: Final = prepare(
    select(Variant)
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.deleted_at).is_(None))
    .order_by(col(Variant.product_id), col(Variant.position), col(Variant.sku))
)
_PRICES: Final = prepare(
    select(Price)
    .where(one_of(Price.variant_id, "variant_ids"), col(Price.price_list) == bindparam("code"))
    .order_by(col(Price.currency))
)
_REFERENCES: Final = prepare(
    select(ProductExternalId)
    .where(one_of(ProductExternalId.product_id, "product_ids"))
    .order_by(col(ProductExternalId.source), col(ProductExternalId.external_id))
)
_ON_HAND: Final = prepare(
    select(StockLevel.variant_id, StockLevel.on_hand).where(
        one_of(StockLevel.variant_id, "variant_ids"),
        col(StockLevel.warehouse) == bindparam("warehouse"),
    )
)
_TIERS: Final = prepare(
    select(PriceTier)
    .where(one_of(PriceTier.variant_id, "variant_ids"))
    .order_by(col(PriceTier.min_quantity))
)


@dataclass(frozen=True, slots=True)
class ProductParts:
    """Products with what belongs to them, by product or by variant."""

    products: list[Product]
    variants: dict[UUID, list[Variant]]
    prices: dict[UUID, list[Price]]
    references: dict[UUID, list[tuple[str, str]]]
    on_hand: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class PriceParts:
    """Prices with their SKUs, and tiers by price list, variant and currency."""

    prices: list[tuple[Price, str]]
    tiers: dict[tuple[str, UUID, str], list[PriceTier]]


async def export_products(
    read: Read, *, after: str, size: int, price_list: str, warehouse: str
) -> ProductParts:
    """Products after a slug, with prices of one list and what a warehouse has on hand."""
    products = await read.all(_PRODUCTS, after=after, size=size)
    product_ids = [product.id for product in products]
    variants: dict[UUID, list[Variant]] = {}
    for variant in await read.all(_VARIANTS, product_ids=product_ids):
        variants.setdefault(variant.product_id, []).append(variant)
    variant_ids = [variant.id for of_product in variants.values() for variant in of_product]
    prices: dict[UUID, list[Price]] = {}
    for price in await read.all(_PRICES, variant_ids=variant_ids, code=price_list):
        prices.setdefault(price.variant_id, []).append(price)
    references: dict[UUID, list[tuple[str, str]]] = {}
    for each in await read.all(_REFERENCES, product_ids=product_ids):
        references.setdefault(each.product_id, []).append((each.source, each.external_id))
    on_hand = dict(await read.all(_ON_HAND, variant_ids=variant_ids, warehouse=warehouse))
    return ProductParts(products, variants, prices, references, on_hand)


async def export_prices(read: Read, *, after: tuple[str, str, str] | None, size: int) -> PriceParts:
    """Prices after a position (price list, SKU, currency), with their tiers."""
    place = (col(Price.price_list), col(Variant.sku), col(Price.currency))
    query = (
        select(Price, Variant.sku)
        .join(Variant, col(Variant.id) == col(Price.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(Variant.deleted_at).is_(None), ~col(Product.is_synthetic))
    )
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    prices = list(await read.all(query.order_by(*place).limit(size)))
    tiers: dict[tuple[str, UUID, str], list[PriceTier]] = {}
    ids = list({price.variant_id for price, _ in prices})
    for tier in await read.all(_TIERS, variant_ids=ids):
        tiers.setdefault((tier.price_list, tier.variant_id, tier.currency), []).append(tier)
    return PriceParts([(price, sku) for price, sku in prices], tiers)


async def export_levels(
    read: Read, *, after: tuple[str, str] | None, size: int
) -> list[tuple[StockLevel, str]]:
    """Levels with their SKUs after a position (SKU, warehouse)."""
    place = (col(Variant.sku), col(StockLevel.warehouse))
    query = (
        select(StockLevel, Variant.sku)
        .join(Variant, col(Variant.id) == col(StockLevel.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(
            col(Variant.deleted_at).is_(None),
            ~col(Product.is_synthetic),
            is_in_warehouse(col(StockLevel.warehouse)),
        )
    )
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return list(await read.all(query.order_by(*place).limit(size)))
