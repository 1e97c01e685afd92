"""Price lists and prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read


@dataclass(kw_only=True)
class PriceList(Row, table="price_list", key=("code",)):
    """Prices for one channel; for one organization where `organization_id` is set. `tax_included` says whether they hold tax."""

    code: str
    channel: str
    organization_id: UUID | None
    tax_included: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs, and what it cost before where it is reduced; minor units."""

    amount_minor: int
    compare_at_minor: int | None


# Variant, price list, currency.
PriceKey = tuple[UUID, str, str]


async def price_lists(read: Read) -> dict[str, PriceList]:
    """Every price list by code."""
    return {found.code: found for found in await read.find(PriceList)}


async def prices_of(read: Read, product_ids: Sequence[UUID]) -> dict[PriceKey, Price]:
    """All prices of the active variants of products."""
    records = await read.fetch(
        "SELECT p.variant_id, p.price_list, p.currency, p.amount_minor, p.compare_at_minor FROM price p"
        " JOIN variant v ON v.id = p.variant_id WHERE v.product_id = ANY(%s) AND v.is_active",
        [list(product_ids)],
    )
    return {(variant, code, currency): Price(amount, before) for variant, code, currency, amount, before in records}
