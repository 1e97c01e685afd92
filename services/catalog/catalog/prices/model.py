"""Price lists and prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Boolean, CheckConstraint, Index, Integer, Text, select
from sqlmodel import col

from catalog.products.model import Variant
from chassis.data.rows import Field, Row, column, counter, document, minor
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read


class PriceList(Row, table=True):
    """Prices of one channel, for everybody, a customer group or an organization, and when.

    `tax_included` says whether they hold tax; it is that of the channel's own list, so that a cart
    never mixes both. `currency` is the only one, or empty.
    """

    __tablename__ = "price_list"
    __table_args__ = (
        CheckConstraint("organization_id IS NULL OR customer_group = ''"),
        CheckConstraint("valid_to > valid_from"),
        Index("price_list_of_channel", "channel", "code"),
    )

    code: str = Field(primary_key=True)
    channel: str = Field(foreign_key="channel.code")
    organization_id: UUID | None = None
    tax_included: bool
    name: str = column(Text, default="", server_default="''")
    currency: str = column(Text, default="", server_default="''")
    customer_group: str = column(Text, default="", server_default="''")
    priority: int = column(Integer, default=0, server_default="0")
    is_active: bool = column(Boolean, default=False, server_default="FALSE")
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    version: int = counter(default=1, server_default="1")
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    @property
    def is_public(self) -> bool:
        return self.organization_id is None and not self.customer_group

    def is_valid_at(self, now: datetime) -> bool:
        """Returns whether its schedule holds a time: from `valid_from` to before `valid_to`."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_to is None or now < self.valid_to
        )

    def next_boundary(self, now: datetime) -> datetime | None:
        """Returns when its validity changes next; None for never."""
        return min(
            (at for at in (self.valid_from, self.valid_to) if at is not None and at > now),
            default=None,
        )


class Price(Row, table=True):
    """The price of one unit in a list, and the price before a reduction; minor units."""

    __tablename__ = "price"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0"),
        CheckConstraint("compare_at_minor > amount_minor"),
        Index("price_of_list", "price_list", "variant_id", "currency"),
    )

    variant_id: UUID = Field(primary_key=True)
    price_list: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    amount_minor: int = minor()
    compare_at_minor: int | None = minor(default=None)


class PriceTier(Row, table=True):
    """The price of one unit from a quantity on, beside a price of the same list; minor units."""

    __tablename__ = "price_tier"
    __table_args__ = (CheckConstraint("amount_minor >= 0"), CheckConstraint("min_quantity > 1"))

    variant_id: UUID = Field(primary_key=True)
    price_list: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    min_quantity: int = counter(primary_key=True)
    amount_minor: int = minor()


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of one unit, and the price before a reduction; minor units.

    `tiers` are pairs of a quantity and the price from it on, the least first.
    """

    amount_minor: int
    compare_at_minor: int | None
    tiers: tuple[tuple[int, int], ...] = ()

    def at_quantity(self, quantity: int) -> int:
        """Returns the price of one unit of a quantity: of the greatest tier that it reaches."""
        reached = [amount for least, amount in self.tiers if least <= quantity]
        return reached[-1] if reached else self.amount_minor


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


_TIERS_OF_PRODUCTS: Final = prepare(
    select(
        col(PriceTier.variant_id),
        col(PriceTier.price_list),
        col(PriceTier.currency),
        col(PriceTier.min_quantity),
        col(PriceTier.amount_minor),
    )
    .join(Variant, col(Variant.id) == col(PriceTier.variant_id))
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.is_active))
    .order_by(col(PriceTier.min_quantity))
)


async def prices_of(read: Read, product_ids: Sequence[UUID]) -> dict[PriceKey, UnitPrice]:
    """All prices of the active variants of products, with their tiers."""
    records = await read.all(_OF_PRODUCTS, product_ids=list(product_ids))
    tiers: dict[PriceKey, list[tuple[int, int]]] = {}
    for variant, code, currency, least, amount in await read.all(
        _TIERS_OF_PRODUCTS, product_ids=list(product_ids)
    ):
        tiers.setdefault((variant, code, currency), []).append((least, amount))
    return {
        (variant, code, currency): UnitPrice(
            amount, before, tuple(tiers.get((variant, code, currency), ()))
        )
        for variant, code, currency, amount, before in records
    }
