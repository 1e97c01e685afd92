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
from chassis.line_item import Availability, ItemKind, LineItem
from chassis.money import MOST_MINOR, Money
from chassis.notice_texts import NoticeText, notice_text
from chassis.notices import Notice, NoticeCode, Severity

_WHY: Final = {
    Ineligibility.UNKNOWN: NoticeText.COUPON_UNKNOWN,
    Ineligibility.EXPIRED: NoticeText.COUPON_EXPIRED,
    Ineligibility.USED_UP: NoticeText.COUPON_USED_UP,
    Ineligibility.NOT_FIRST_ORDER: NoticeText.COUPON_NOT_FIRST_ORDER,
    Ineligibility.BELOW_MINIMUM: NoticeText.COUPON_BELOW_MINIMUM,
}


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
        unit_price_minor = offer.unit_price_minor(self.line.quantity)
        promise = self.availability if self.availability is offer.promise else None
        return LineItem(
            variant_id=self.line.variant_id,
            product_id=str(offer.product_id),
            sku=offer.sku,
            title=offer.title,
            options=offer.options,
            product_slug=offer.product_slug,
            image_url=offer.image_url,
            quantity=quantity,
            unit_price=Money(min(unit_price_minor, MOST_MINOR), offer.currency),
            subtotal=Money(self.subtotal_minor, offer.currency),
            discount=Money(self.discount_minor, offer.currency),
            tax_class=offer.tax_class,
            mass_grams=quantity.mass(offer.weight_grams),
            volume_cm3=quantity.volume(offer.volume_cm3),
            promise=promise,
            expected_at=offer.expected_at if promise else None,
            kind=offer.kind,
            gift_card_value=None
            if offer.gift_card_value_minor is None
            else Money(offer.gift_card_value_minor, offer.currency),
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
    offers = [line.agreed(priced.offers.current(line.seen)) for line in cart.lines]
    subtotals = [
        offer.subtotal_minor(line.quantity) for offer, line in zip(offers, cart.lines, strict=True)
    ]
    if is_too_large := sum(subtotals) > MOST_MINOR:
        subtotals = [min(subtotal, MOST_MINOR) for subtotal in subtotals]
    discountable = [
        DiscountableLine(subtotal, offer.category_slugs, offer.kind is ItemKind.GIFT_CARD)
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
        PricedLine(line, offer, subtotal, off, offer.availability(line.quantity))
        for line, offer, subtotal, off in zip(
            cart.lines, offers, subtotals, taken.of_lines_minor, strict=True
        )
    ]
    notices = [
        *_notices(priced, lines, taken.refused),
        *([_too_large(cart.locale)] if is_too_large else []),
    ]
    return Totals(priced, lines, taken.applied, taken.refused, notices)


def _notices(
    priced: PricedCart, lines: Sequence[PricedLine], refused: dict[str, Ineligibility]
) -> Iterator[Notice]:
    locale = priced.cart.locale
    if not priced.offers.is_current:
        content = notice_text(NoticeText.PRICES_NOT_CURRENT, locale)
        yield Notice.warning(NoticeCode.PRICES_NOT_CURRENT, "$.lines", content)
    if lines and not priced.offers.may_buy:
        content = notice_text(NoticeText.LOGIN_REQUIRED, locale)
        login = Severity.REQUIRES_BUYER_INPUT
        yield Notice.error(NoticeCode.LOGIN_REQUIRED, "$", content, login)
    for index, line in enumerate(lines):
        path = f"$.lines[{index}]"
        if notice := _stock_notice(priced, line, path):
            yield notice
        if line.line.variant_id in priced.repriced:
            content = notice_text(NoticeText.PRICE_CHANGED, locale)
            yield Notice.warning(NoticeCode.PRICE_CHANGED, path, content)
    for index, code in enumerate(priced.cart.coupon_codes):
        if why := refused.get(code):
            path, content = f"$.coupon_codes[{index}]", notice_text(_WHY[why], locale)
            yield Notice.warning(NoticeCode.COUPON_NOT_VALID, path, content)


def _stock_notice(priced: PricedCart, line: PricedLine, path: str) -> Notice | None:
    locale = priced.cart.locale
    if priced.offers.is_gone(line.line.variant_id):
        content = notice_text(NoticeText.ITEM_UNAVAILABLE, locale)
        return Notice.error(NoticeCode.ITEM_UNAVAILABLE, path, content)
    if line.availability is Availability.OUT_OF_STOCK:
        content = notice_text(NoticeText.OUT_OF_STOCK, locale)
        return Notice.error(NoticeCode.OUT_OF_STOCK, path, content)
    if not line.offer.is_available(line.line.quantity):
        content = notice_text(NoticeText.NOT_ENOUGH_STOCK, locale)
        return Notice.error(NoticeCode.OUT_OF_STOCK, path, content)
    if line.availability is Availability.BACKORDER:
        return Notice.info(NoticeCode.BACKORDER, path, notice_text(NoticeText.BACKORDER, locale))
    if line.availability is Availability.PREORDER:
        return Notice.info(NoticeCode.PREORDER, path, notice_text(NoticeText.PREORDER, locale))
    if line.availability is Availability.LOW_STOCK:
        return Notice.info(NoticeCode.LOW_STOCK, path, notice_text(NoticeText.LOW_STOCK, locale))
    return None


def _too_large(locale: str) -> Notice:
    content = notice_text(NoticeText.TOTAL_TOO_LARGE, locale)
    return Notice.error(NoticeCode.TOTAL_TOO_LARGE, "$.totals", content)
