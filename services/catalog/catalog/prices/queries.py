"""Reads of price lists and prices for staff."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, tuple_
from sqlmodel import col, select

from catalog.errors import PriceListNotFound
from catalog.prices.model import Price, PriceList, PriceTier
from catalog.products.model import Variant
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_PAGE: Final = prepare(
    select(PriceList)
    .where(col(PriceList.code) > bindparam("after"))
    .order_by(col(PriceList.code))
    .limit(bindparam("size"))
)
_TIERS: Final = prepare(
    select(PriceTier)
    .where(
        col(PriceTier.price_list) == bindparam("code"), one_of(PriceTier.variant_id, "variant_ids")
    )
    .order_by(col(PriceTier.min_quantity))
)


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A price of a list with the SKU of its variant, and its tiers, the least first."""

    price: Price
    sku: str
    tiers: list[PriceTier]


async def get_price_list(read: Read, code: str) -> PriceList:
    """One list. Raises PriceListNotFound."""
    found = await read.get(PriceList, code) if code.isprintable() else None
    if found is None:
        raise PriceListNotFound(price_list=code[:40])
    return found


async def list_price_lists(read: Read, *, after: str, size: int) -> list[PriceList]:
    """Lists after a code, in the order of their codes."""
    return await read.all(_PAGE, after=after, size=size)


async def list_prices(
    read: Read, code: str, *, sku: str, after: tuple[UUID, str] | None, size: int
) -> list[ListedPrice]:
    """Prices of a list after a position (variant, currency). Raises PriceListNotFound."""
    await get_price_list(read, code)
    query = select(Price, Variant.sku).join(Variant, col(Variant.id) == col(Price.variant_id))
    query = query.where(col(Price.price_list) == code)
    if sku:
        query = query.where(col(Variant.sku) == sku)
    if after is not None:
        query = query.where(tuple_(col(Price.variant_id), col(Price.currency)) > tuple_(*after))
    query = query.order_by(col(Price.variant_id), col(Price.currency)).limit(size)
    found = await read.all(query)
    tiers: dict[tuple[UUID, str], list[PriceTier]] = {}
    ids = list({price.variant_id for price, _ in found})
    for tier in await read.all(_TIERS, code=code, variant_ids=ids):
        tiers.setdefault((tier.variant_id, tier.currency), []).append(tier)
    return [
        ListedPrice(price, name, tiers.get((price.variant_id, price.currency), []))
        for price, name in found
    ]
