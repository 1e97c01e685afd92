"""Prices of buyers who are relieved of the tax that the prices include."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from chassis.line_item import Availability, ItemKind
from chassis.testing import an_item
from checkout.checkouts.cart import CartForOrder, CartLine, CartStatus
from checkout.checkouts.net_prices import take_out_tax
from checkout.checkouts.totals import price_order
from checkout.delivery.options import DeliveryOption
from checkout.taxes.calculation import TaxRule, tax_order
from checkout.taxes.model import Place, TaxSettings
from checkout.taxes.relief import TaxBuyer
from checkout.vat_ids.model import VatIdCheck, VatIdStatus

DAY = date(2026, 6, 1)
BUSINESS = TaxBuyer(VatIdCheck("ATU13585627", VatIdStatus.VALID))


def a_cart(*items: Any) -> CartForOrder:
    lines = [CartLine(str(uuid4()), item, Availability.IN_STOCK) for item in items]
    return CartForOrder(
        cart_id=uuid4(), version=1, status=CartStatus.OPEN, owner_id=uuid4(), currency="EUR",
        channel_id="web", locale="en", email="", is_tax_included=True, lines=tuple(lines),
        promotion_codes=(), notices=(),
    )  # fmt: skip


def an_option(price_minor: int) -> DeliveryOption:
    return DeliveryOption("standard", "Standard", price_minor, "EUR", DAY, DAY)


def rule(place: str, **given: Any) -> TaxRule:
    return TaxRule(Place(place), DAY, **{"origin": "DE", "buyer": BUSINESS, **given})


def test_a_business_of_another_country_pays_the_price_without_the_tax_that_others_pay() -> None:
    # Austria's 20 %, as the channel collects everywhere: 120.00 with it are 100.00.
    item = an_item(quantity=2, price_minor=60_00)

    cart, option, net = take_out_tax(a_cart(item), an_option(6_00), rule("AT"), tax_order)
    totals = price_order(
        [line.item for line in cart.lines], fulfillment_minor=5_00, currency="EUR", rule=net
    )

    [line] = cart.lines
    assert (line.item.unit_price.amount_minor, line.item.subtotal.amount_minor) == (50_00, 100_00)
    assert option is not None
    assert option.price_minor == 5_00
    assert (totals.total_minor, totals.tax_minor, net.is_included) == (105_00, 0, False)
    assert [entry.label for entry in totals.entries if entry.label] == ["Intra-Community supply"]


def test_a_gift_card_stays_as_it_is_and_bears_no_part_of_the_delivery() -> None:
    card = replace(an_item(price_minor=50_00), kind=ItemKind.GIFT_CARD, tax_class="exempt")
    cart = a_cart(card, an_item(price_minor=12_00))

    found, option, _ = take_out_tax(cart, an_option(6_00), rule("AT"), tax_order)

    assert [line.item.total.amount_minor for line in found.lines] == [50_00, 10_00]
    assert option is not None
    assert option.price_minor == 5_00


def test_prices_without_tax_and_taxed_orders_stay_as_they_are() -> None:
    cart, option = a_cart(an_item()), an_option(6_00)

    for each in (rule("DE"), rule("AT", buyer=TaxBuyer()), rule("AT", is_included=False)):
        assert take_out_tax(cart, option, each, tax_order) == (cart, option, each)


def test_an_export_costs_the_same_or_less_by_the_tax_of_its_origin_as_the_settings_say() -> None:
    cart = a_cart(an_item(price_minor=119_00))

    def settings(*, deducts: bool) -> TaxSettings:
        return TaxSettings(channel="", collects_in=["DE"], deducts_on_export=deducts)

    kept, lowered = (
        take_out_tax(
            cart, None, rule("CH", settings=settings(deducts=deducts), buyer=TaxBuyer()), tax_order
        )[0]
        for deducts in (False, True)
    )

    assert [each.lines[0].item.total.amount_minor for each in (kept, lowered)] == [119_00, 100_00]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 50), st.integers(0, 10**7), st.integers(0, 100),
            st.sampled_from(["standard", "reduced", "zero"]),
        ),
        min_size=1, max_size=6,
    ),
    st.integers(0, 10**5),
)  # fmt: skip
def test_net_lines_and_delivery_are_the_gross_ones_without_their_tax(
    lines: list[tuple[int, int, int, str]], delivery_minor: int
) -> None:
    items = [
        an_item(
            quantity=quantity, price_minor=price, tax_class=tax_class,
            discount_minor=-(quantity * price * percent // 100),
        )
        for quantity, price, percent, tax_class in lines
    ]  # fmt: skip
    gross = price_order(
        items, fulfillment_minor=delivery_minor, currency="EUR", rule=rule("AT", buyer=TaxBuyer())
    )

    cart, option, net = take_out_tax(
        a_cart(*items), an_option(delivery_minor), rule("AT"), tax_order
    )

    found = [line.item for line in cart.lines]
    assert option is not None
    totals = price_order(found, fulfillment_minor=option.price_minor, currency="EUR", rule=net)
    assert totals.total_minor == gross.total_minor - gross.tax_minor
    assert all(item.total.amount_minor >= 0 for item in found)
    assert all(item.discount.amount_minor <= 0 <= item.unit_price.amount_minor for item in found)
