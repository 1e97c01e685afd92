"""Prices of bundles that are the sum of their parts' prices: they follow these."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlmodel import select

from catalog.bundles.model import (
    WHOLE_BASIS_POINTS,
    Bundle,
    BundlePricing,
    Part,
    bundles_with,
    parts_of,
)
from catalog.prices.model import Price
from catalog.products.model import products_of_variants
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.quantity import Quantity

_BUNDLES: Final = prepare(select(Bundle).where(one_of(Bundle.variant_id, "variant_ids")))
_PRICES: Final = prepare(select(Price).where(one_of(Price.variant_id, "variant_ids")))


async def reprice_bundles(tx: Tx, variant_ids: Iterable[UUID]) -> list[UUID]:
    """Prices the bundles anew that are among some variants, or hold one of them.

    Returns their products, in the order of ids: publish them too. Raises AmountTooLarge.
    """
    changed = sorted({*variant_ids})
    found = {**await bundles_with(tx, changed), **await parts_of(tx, changed)}
    if not found:
        return []
    summed = [
        bundle
        for bundle in await tx.all(_BUNDLES, variant_ids=sorted(found))
        if bundle.pricing is BundlePricing.SUM
    ]
    if not summed:
        return []
    part_ids = sorted({part.part_id for each in summed for part in found[each.variant_id]})
    by_place: dict[tuple[str, str], dict[UUID, Price]] = {}
    for price in await tx.all(_PRICES, variant_ids=part_ids):
        by_place.setdefault((price.price_list, price.currency), {})[price.variant_id] = price
    bundle_ids = [each.variant_id for each in summed]
    await tx.run("DELETE FROM price WHERE variant_id = ANY(%s)", [bundle_ids])
    await tx.run("DELETE FROM price_tier WHERE variant_id = ANY(%s)", [bundle_ids])
    rows = [
        _price(bundle, found[bundle.variant_id], code, currency, prices)
        for bundle in summed
        for (code, currency), prices in sorted(by_place.items())
        if all(part.part_id in prices for part in found[bundle.variant_id])
    ]
    await tx.upsert_many(Price, rows)
    return await products_of_variants(tx, bundle_ids)


def _price(
    bundle: Bundle, parts: Sequence[Part], code: str, currency: str, prices: dict[UUID, Price]
) -> Price:
    total = Money(0, currency)
    for part in parts:
        unit_price = Money(prices[part.part_id].amount_minor, currency)
        total += Quantity(part.quantity, part.scale).times(unit_price)
    share = Decimal(WHOLE_BASIS_POINTS - bundle.discount_basis_points) / WHOLE_BASIS_POINTS
    price = total.at_rate(share)
    return Price(
        variant_id=bundle.variant_id,
        price_list=code,
        currency=currency,
        amount_minor=price.amount_minor,
        compare_at_minor=total.amount_minor if total.amount_minor > price.amount_minor else None,
    )
