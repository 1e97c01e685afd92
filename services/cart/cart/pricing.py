"""What a cart costs: pure arithmetic over lines, offers and promotions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cart.carts import Cart, CartLine
from cart.offers import Offers, availability_of
from cart.promotions import Promotion
from chassis.money import Money, allocate
from sojourn.catalog.v1 import catalog_pb2

BASIS_POINTS: Final = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line at its price now; `offer` is None where the variant cannot be had, or catalog did not answer."""

    line: CartLine
    offer: catalog_pb2.Offer | None
    unit_price: Money
    subtotal: Money
    discount: Money

    @property
    def total(self) -> Money:
        return self.subtotal + self.discount


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say about the cart, in the vocabulary of the Universal Commerce Protocol."""

    type: str
    code: str
    path: str
    content: str
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Pricing:
    """A priced cart. `discount` is negative or zero, and the sum of the lines' discounts."""

    lines: Sequence[PricedLine]
    subtotal: Money
    discount: Money
    promotion: Promotion | None
    notices: Sequence[Notice]

    @property
    def total(self) -> Money:
        return self.subtotal + self.discount


def price(
    cart: Cart, lines: Sequence[CartLine], offers: Offers, promotions: Sequence[Promotion], *, is_first_order: bool, now: datetime
) -> Pricing:
    """Prices a cart with the best promotion that holds. The discount is split over the lines it is for, losing no minor unit."""
    unit_prices = [_unit_price(cart, line, offers) for line in lines]
    subtotals = [unit_price_times(unit, line, offers) for unit, line in zip(unit_prices, lines, strict=True)]
    subtotal = sum(subtotals, Money(0, cart.currency))
    best, discounts = _best(cart, lines, offers, subtotals, [
        promotion for promotion in promotions if not promotion.why_not(now=now, is_first_order=is_first_order, subtotal=subtotal)
    ])  # fmt: skip
    priced = [
        PricedLine(line, offers.by_variant.get(line.variant_id), unit, amount, discount)
        for line, unit, amount, discount in zip(lines, unit_prices, subtotals, discounts, strict=True)
    ]
    discount = sum(discounts, Money(0, cart.currency))
    return Pricing(priced, subtotal, discount, best, list(_notices(cart, priced, offers, promotions, is_first_order, now, subtotal)))


def _unit_price(cart: Cart, line: CartLine, offers: Offers) -> Money:
    offer = offers.by_variant.get(line.variant_id)
    return Money.from_proto(offer.price) if offer is not None else Money(line.seen_price_minor, cart.currency)


def unit_price_times(unit_price: Money, line: CartLine, offers: Offers) -> Money:
    """Price of a line's quantity: the price is for one unit, the quantity in steps of 10^-scale units; half to even."""
    offer = offers.by_variant.get(line.variant_id)
    scale = offer.scale if offer is not None else 0
    return unit_price.times(line.quantity) if scale == 0 else unit_price.at_rate(Decimal(line.quantity).scaleb(-scale))


def _best(
    cart: Cart, lines: Sequence[CartLine], offers: Offers, subtotals: Sequence[Money], holding: Sequence[Promotion]
) -> tuple[Promotion | None, list[Money]]:
    none = [Money(0, cart.currency)] * len(lines)
    best: tuple[int, Promotion | None, list[Money]] = (0, None, none)
    for promotion in holding:
        weights = [
            amount.amount_minor if _is_for(promotion, offers.by_variant.get(line.variant_id)) else 0
            for line, amount in zip(lines, subtotals, strict=True)
        ]
        if not any(weights):
            continue
        off = Money(sum(weights), cart.currency).at_rate(promotion.percent_basis_points / BASIS_POINTS)
        if off.amount_minor > best[0]:
            best = (off.amount_minor, promotion, allocate(-off, weights))
    return best[1], best[2]


def _is_for(promotion: Promotion, offer: catalog_pb2.Offer | None) -> bool:
    if not promotion.category_slugs:
        return True
    return offer is not None and not set(promotion.category_slugs).isdisjoint(offer.category_slugs)


def _notices(
    cart: Cart, lines: Sequence[PricedLine], offers: Offers, promotions: Sequence[Promotion], is_first_order: bool, now: datetime,
    subtotal: Money,
) -> list[Notice]:  # fmt: skip
    if not offers.are_current:
        return [Notice("warning", "prices_not_current", "$.totals", "Prices are as last seen; they will be checked before you pay.")]
    found: list[Notice] = []
    for index, line in enumerate(lines):
        path = f"$.lines[{index}]"
        if line.offer is None:
            found.append(Notice("error", "unavailable", path, f"{line.line.title} cannot be bought any more.", "requires_buyer_input"))
        elif line.offer.available < line.line.quantity:
            found.append(Notice("error", "out_of_stock", path, f"There is not enough of {line.offer.title}.", "requires_buyer_input"))
        elif availability_of(line.offer) == "low_stock":
            found.append(Notice("info", "low_stock", path, f"Only a few of {line.offer.title} are left."))
        if line.offer is not None and line.unit_price.amount_minor != line.line.seen_price_minor:
            found.append(Notice("warning", "price_changed", path, f"The price of {line.offer.title} changed."))
    for index, code in enumerate(cart.coupon_codes):
        why = next(
            (
                promotion.why_not(now=now, is_first_order=is_first_order, subtotal=subtotal)
                for promotion in promotions
                if code in promotion.coupon_codes
            ),
            "unknown",
        )
        if why:
            found.append(Notice("warning", "coupon_" + why, f"$.coupon_codes[{index}]", f"The code {code} does not apply."))
    return found
