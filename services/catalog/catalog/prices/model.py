"""Price lists and prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, select
from sqlmodel import col

from catalog.products.model import Variant
from chassis.data.rows import Field, Row, minor
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read


class PriceList(Row, table=True):
    """Prices for one channel; for one organization where `organization_id` is set.

    `tax_included` says whether they hold tax.
    """

    __tablename__ = "price_list"

    code: str = Field(primary_key=True)
    channel: str = Field(foreign_key="channel.code")
    organization_id: UUID | None = None
    tax_included: bool


class Price(Row, table=True):
    """The price of one unit in a list, and the price before a reduction; minor units."""

    __tablename__ = "price"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0"),
        CheckConstraint("compare_at_minor > amount_minor"),
    )

    variant_id: UUID = Field(primary_key=True)
    price_list: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    amount_minor: int = minor()
    compare_at_minor: int | None = minor(default=None)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of one unit, and the price before a reduction; minor units."""

    amount_minor: int
    compare_at_minor: int | None


# Variant, price list, currency.
PriceKey = tuple[UUID, str, str]
_LISTS: Final = prepare(select(PriceList))
_OF_PRODUCTS: Final = prepare(
    select(
        col(Price.variant_id),
        col(Price.price_list),
        col(Price.currency),
        col(Price.amount_minor),
        col(Price.compare_at_minor),
    )
    .join(Variant, col(Variant.id) == col(Price.variant_id))
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.is_active))
)


async def price_lists(read: Read) -> dict[str, PriceList]:
    """Every price list by code."""
    return {found.code: found for found in await read.all(_LISTS)}


async def prices_of(read: Read, product_ids: Sequence[UUID]) -> dict[PriceKey, UnitPrice]:
    """All prices of the active variants of products."""
    records = await read.all(_OF_PRODUCTS, product_ids=list(product_ids))
    return {
        (variant, code, currency): UnitPrice(amount, before)
        for variant, code, currency, amount, before in records
    }
