"""Prices that staff agree with a shopper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cart.carts.model import Line, NewLine, PriceOverride, PriceOverrideReason
from cart.carts.offers import Offer, Offers
from cart.carts.totals import price_cart
from cart.errors import PriceOverrideNotAllowed
from cart.price_overrides.model import require_allowed
from chassis.line_item import ItemKind
from chassis.money import Money
from chassis.runtime.clock import uuid7
from services.cart.tests.unit.test_totals import NOW, a_basket, an_offer


def today(offer: Offer) -> Offers:
    return Offers.answered("EUR", [offer.variant_id], [offer])


def an_override(unit_price_minor: int, currency: str = "EUR") -> PriceOverride:
    return PriceOverride(unit_price_minor, currency, PriceOverrideReason.DAMAGED, uuid7())


def total_of(offer: Offer, quantity: int, override: PriceOverride) -> int:
    priced = a_basket((offer, quantity))
    priced.cart.lines[0].override = override
    return price_cart(priced, NOW).total_minor


def test_an_agreed_price_stands_in_the_place_of_the_catalogues_and_its_tiers() -> None:
    offer = replace(an_offer(10_00), tiers=((1, 9_50),))

    assert total_of(offer, 2, an_override(8_00)) == 16_00


def test_an_agreed_price_of_another_currency_counts_nothing() -> None:
    assert total_of(an_offer(10_00), 2, an_override(8_00, "USD")) == 20_00


@pytest.mark.parametrize(
    ("price", "is_allowed"), [(9_00, True), (10_00, True), (8_99, False), (10_01, False)]
)
def test_no_more_is_taken_off_than_the_limit_and_nothing_is_put_on(
    price: int, is_allowed: bool
) -> None:
    offer, agreed = an_offer(10_00), Money(price, "EUR")

    if is_allowed:
        require_allowed(agreed, offer, 1, most_basis_points=1_000)
        return
    with pytest.raises(PriceOverrideNotAllowed) as refusal:
        require_allowed(agreed, offer, 1, most_basis_points=1_000)
    assert refusal.value.metadata["least_minor"] == "900"


def test_without_a_limit_no_price_is_lower() -> None:
    with pytest.raises(PriceOverrideNotAllowed):
        require_allowed(Money(9_99, "EUR"), an_offer(10_00), 1, most_basis_points=0)


def test_a_gift_card_has_no_other_price() -> None:
    card = replace(an_offer(10_00), kind=ItemKind.GIFT_CARD)

    with pytest.raises(PriceOverrideNotAllowed):
        require_allowed(Money(9_00, "EUR"), card, 1, most_basis_points=5_000)


def test_a_line_that_grows_loses_its_price_and_one_that_shrinks_keeps_it() -> None:
    offer = an_offer(10_00)
    cart = a_basket((offer, 3)).cart
    line: Line = cart.lines[0]
    line.override = an_override(8_00)

    cart.set_quantity(line, 2, today(offer))
    kept = line.override
    cart.add(NewLine(offer.variant_id, 1), today(offer))

    assert kept is not None
    assert line.override is None


def test_a_line_with_prices_by_quantity_that_shrinks_loses_its_price() -> None:
    offer = replace(an_offer(10_00), tiers=((10, 5_00),))
    cart = a_basket((offer, 10)).cart
    line: Line = cart.lines[0]
    line.override = an_override(4_50)

    cart.set_quantity(line, 1, today(offer))

    assert line.override is None


def test_a_price_of_the_catalogue_that_fell_below_the_agreed_one_counts() -> None:
    assert total_of(an_offer(7_00), 2, an_override(8_00)) == 14_00
