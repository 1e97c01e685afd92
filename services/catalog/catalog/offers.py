"""What variants cost now and whether they can be had: read from the live tables, for carts and checkouts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from catalog.categories import NO_CATEGORY
from catalog.channels import Channel, View, localized
from chassis.data.tx import Read

MOST_VARIANTS: Final = 200
# Where an offer has its title.
_TITLE: Final = 9


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant in one view. `available` is the sum over the channel's warehouses, in increments; `amount_minor` is for one unit."""

    variant_id: UUID
    product_id: UUID
    sku: str
    options: list[tuple[str, str]]
    weight_grams: int
    tax_class: str
    unit_code: str
    scale: int
    increment: int
    title: str
    product_slug: str
    category_id: UUID
    image: Any
    amount_minor: int
    tax_included: bool
    available: int


async def offers_of(read: Read, channel: Channel, view: View, variant_ids: Sequence[UUID]) -> list[Offer]:
    """Offers of different variants, in any order; what the view does not offer is left out. One statement."""
    return [
        Offer(*record)
        for record in await read.fetch(
            _OFFERS, [view.currency, channel.price_list, channel.warehouses, view.channel, view.locale, list(variant_ids)]
        )
    ]


async def synthetic_offers_of(read: Read, channel: Channel, view: View, variant_ids: Sequence[UUID]) -> list[Offer]:
    """Offers of synthetic products, and of nothing else: of these variants in the order asked, or of all where none is named."""
    asked = {
        "currency": view.currency, "price_list": channel.price_list, "warehouses": channel.warehouses, "none": NO_CATEGORY,
        "variant_ids": list(variant_ids) or None, "most": MOST_VARIANTS,
    }  # fmt: skip
    records = await read.fetch(_SYNTHETIC_OFFERS, asked)
    found = {record[0]: replace(Offer(*record), title=localized(record[_TITLE], view.locale, channel.locales[0])) for record in records}
    return [found[variant_id] for variant_id in dict.fromkeys(variant_ids or found) if variant_id in found]


_OFFERS: Final = (
    "SELECT v.id, v.product_id, v.sku, v.options, v.weight_grams, v.tax_class, v.unit_code, v.scale, v.increment,"
    " t.title, t.slug, t.category_id, d.images -> 0, p.amount_minor, l.tax_included,"
    " coalesce((SELECT sum(s.on_hand - s.reserved)::bigint FROM stock_level s WHERE s.variant_id = v.id AND s.warehouse = ANY(a.warehouses)), 0)"
    " FROM (SELECT %s::text AS currency, %s::text AS price_list, %s::text[] AS warehouses, %s::text AS channel, %s::text AS locale) a"
    " JOIN variant v ON v.id = ANY(%s) AND v.is_active"
    " JOIN price p ON p.variant_id = v.id AND p.price_list = a.price_list AND p.currency = a.currency"
    " JOIN price_list l ON l.code = p.price_list"
    " JOIN listing_text t ON t.product_id = v.product_id AND t.channel = a.channel AND t.locale = a.locale"
    " JOIN product d ON d.id = v.product_id AND NOT d.is_synthetic"
)
# Nothing of a synthetic product is published, so that its texts come from the product itself.
_SYNTHETIC_OFFERS: Final = (
    "SELECT v.id, v.product_id, v.sku, v.options, v.weight_grams, v.tax_class, v.unit_code, v.scale, v.increment,"
    " d.title, d.slug, coalesce(d.category_id, %(none)s), d.images -> 0, p.amount_minor, l.tax_included,"
    " coalesce((SELECT sum(s.on_hand - s.reserved)::bigint FROM stock_level s"
    " WHERE s.variant_id = v.id AND s.warehouse = ANY(%(warehouses)s)), 0)"
    " FROM product d JOIN variant v ON v.product_id = d.id AND v.is_active"
    " JOIN price p ON p.variant_id = v.id AND p.price_list = %(price_list)s AND p.currency = %(currency)s"
    " JOIN price_list l ON l.code = p.price_list"
    " WHERE d.is_synthetic AND (%(variant_ids)s::uuid[] IS NULL OR v.id = ANY(%(variant_ids)s)) ORDER BY v.id LIMIT %(most)s"
)
