"""Totals and notices of a cart, in the vocabulary of the Universal Commerce Protocol. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cart.carts.model import Line, PricedCart
from cart.carts.offers import Offer
from cart.promotions import engine
from cart.promotions.engine import AppliedPromotion, DiscountableLine
from cart.promotions.model import NO_RULES, Ineligibility
from chassis.line_item import Availability, LineItem
from chassis.money import MOST_MINOR, Money
from chassis.notices import Notice, NoticeCode

_WHY: Final = {
    Ineligibility.UNKNOWN: "This code is not known.",
    Ineligibility.EXPIRED: "This code has expired.",
    Ineligibility.USED_UP: "This code has been used up.",
    Ineligibility.NOT_FIRST_ORDER: "This code is for a first order.",
    Ineligibility.BELOW_MINIMUM: "The cart does not meet this code's conditions.",
}


_TOO_LARGE: Final = Notice.error(
    NoticeCode.TOTAL_TOO_LARGE,
    "$.totals",
    "This is more than can be ordered at once; take something out.",
)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line at today's price, in minor units; the discount is negative or zero.

    Amounts stop at the most that an amount may be.
    """

    line: Line
    offer: Offer
    subtotal_minor: int
    discount_minor: int
    availability: Availability

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.discount_minor

    @property
    def item(self) -> LineItem:
        """The line as carts and orders show it.

        A unit price beyond the bound of amounts is shown as the bound.
        """
        offer, quantity = self.offer, self.offer.quantity(self.line.quantity)
        return LineItem(
            variant_id=self.line.variant_id,
            product_id=str(offer.product_id),
            sku=offer.sku,
            title=offer.title,
            options=offer.options,
            product_slug=offer.product_slug,
            image_url=offer.image_url,
            quantity=quantity,
            unit_price=Money(min(offer.price_minor, MOST_MINOR), offer.currency),
            subtotal=Money(self.subtotal_minor, offer.currency),
            discount=Money(self.discount_minor, offer.currency),
            tax_class=offer.tax_class,
            mass_grams=quantity.mass(offer.weight_grams),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """A cart, priced.

    Amounts are minor units of the cart's currency; `refused` are coupon codes that do nothing.

    If prices rose so far that the lines cost more than an amount may be, amounts stop there and
    promotions take nothing off. A notice that is an error then keeps the cart from being ordered
    until something is taken out.
    """

    priced: PricedCart
    lines: Sequence[PricedLine]
    applied: Sequence[AppliedPromotion]
    refused: dict[str, Ineligibility]
    notices: Sequence[Notice]

    @property
    def subtotal_minor(self) -> int:
        return min(sum(line.subtotal_minor for line in self.lines), MOST_MINOR)

    @property
    def discount_minor(self) -> int:
        """Negative or zero."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.discount_minor

    @property
    def is_tax_included(self) -> bool:
        """Returns whether the prices include tax; true for an empty cart."""
        return all(line.offer.tax_included for line in self.lines)


def price_cart(priced: PricedCart, now: datetime) -> Totals:
    """Returns the totals of a cart at today's offers and promotions."""
    cart = priced.cart
    offers = [priced.offers.current(line.seen) for line in cart.lines]
    subtotals = [
        offer.subtotal_minor(line.quantity) for offer, line in zip(offers, cart.lines, strict=True)
    ]
    if is_too_large := sum(subtotals) > MOST_MINOR:
        subtotals = [min(subtotal, MOST_MINOR) for subtotal in subtotals]
    discountable = [
        DiscountableLine(subtotal, offer.category_slugs)
        for subtotal, offer in zip(subtotals, offers, strict=True)
    ]
    rules = NO_RULES if is_too_large else priced.rules
    taken = engine.apply_promotions(
        discountable,
        rules,
        () if is_too_large else cart.coupon_codes,
        currency=cart.currency,
        now=now,
    )
    lines = [
        PricedLine(line, offer, subtotal, off, offer.availability())
        for line, offer, subtotal, off in zip(
            cart.lines, offers, subtotals, taken.of_lines_minor, strict=True
        )
    ]
    notices = [*_notices(priced, lines, taken.refused), *([_TOO_LARGE] if is_too_large else [])]
    return Totals(priced, lines, taken.applied, taken.refused, notices)


def _notices(
    priced: PricedCart, lines: Sequence[PricedLine], refused: dict[str, Ineligibility]
) -> Iterator[Notice]:
    if not priced.offers.is_current:
        yield Notice.warning(
            NoticeCode.PRICES_NOT_CURRENT,
            "$.lines",
            "Prices and availability could not be checked just now.",
        )
    for index, line in enumerate(lines):
        path = f"$.lines[{index}]"
        if notice := _stock_notice(priced, line, path):
            yield notice
        if line.line.variant_id in priced.repriced:
            yield Notice.warning(
                NoticeCode.PRICE_CHANGED, path, "The price has changed since this was added."
            )
    for index, code in enumerate(priced.cart.coupon_codes):
        if why := refused.get(code):
            yield Notice.warning(NoticeCode.COUPON_NOT_VALID, f"$.coupon_codes[{index}]", _WHY[why])


def _stock_notice(priced: PricedCart, line: PricedLine, path: str) -> Notice | None:
    if priced.offers.is_gone(line.line.variant_id):
        return Notice.error(NoticeCode.ITEM_UNAVAILABLE, path, "This is not sold any more.")
    if not line.offer.is_available(line.line.quantity):
        left = (
            f"Only {line.offer.available} left."
            if line.availability is Availability.LOW_STOCK
            else "Not enough of this is in stock."
        )
        content = (
            "This is out of stock." if line.availability is Availability.OUT_OF_STOCK else left
        )
        return Notice.error(NoticeCode.OUT_OF_STOCK, path, content)
    if line.availability is Availability.LOW_STOCK:
        return Notice.info(NoticeCode.LOW_STOCK, path, f"Only {line.offer.available} left.")
    return None
