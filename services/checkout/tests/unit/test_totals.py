"""Totals and taxes: sums are exact to the minor unit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.line_item import LineItem
from chassis.money import MOST_MINOR, AmountTooLarge, Money
from chassis.testing import an_item
from chassis.totals import TotalType
from checkout.checkouts.totals import Fee, price_order
from checkout.errors.taxes import TaxRateNotSet
from checkout.taxes.calculation import TaxedLine, TaxRule, share_of, tax_in, tax_order
from checkout.taxes.model import Place
from checkout.taxes.seeds import COUNTRIES, SEEDED
from checkout.taxes.table import EU, Component
from checkout.texts import rated_title

CLASSES = st.sampled_from(["standard", "reduced", "zero", "exempt"])
LINES = st.lists(st.builds(TaxedLine, st.integers(0, 10**9), CLASSES), max_size=12)
DAY = date(2026, 6, 1)
RULES = st.builds(
    TaxRule,
    st.builds(Place, st.sampled_from(COUNTRIES), st.sampled_from(["", "CA", "OR"])),
    st.just(DAY),
    is_included=st.booleans(),
)


def a_rule(country: str, region: str = "", **options: object) -> TaxRule:
    return TaxRule(Place(country, region), DAY, **options)


def rate_of(country: str, region: str, tax_class: str) -> Decimal:
    components = SEEDED.components(Place(country, region), tax_class, DAY)
    return sum((one.rate for one in components), Decimal(0))


def an_item_of(amount_minor: int) -> LineItem:
    """Returns an item whose amount may exceed MOST_MINOR."""
    return an_item(price_minor=1, subtotal=Money(amount_minor, "EUR"))


@given(LINES, st.integers(0, 10**6), RULES)
def test_tax_of_lines_and_delivery_adds_up_to_the_tax_lines(lines, delivery_minor, rule):
    found = tax_order(lines, delivery_minor=delivery_minor, currency="EUR", rule=rule)

    assert sum(found.of_lines_minor) + found.of_delivery_minor == found.total_minor
    assert all(tax >= 0 for tax in found.of_lines_minor)
    assert {line.is_included for line in found.tax_lines} <= {rule.is_included}


@given(LINES, st.integers(0, 10**6), RULES, st.integers(0, 10**4))
def test_totals_add_up(lines, delivery_minor, rule, fee_minor):
    found = price_order(
        [
            an_item(price_minor=amount + 5, discount_minor=-5, tax_class=tax_class)
            for amount, tax_class, _ in lines
        ],
        fulfillment_minor=delivery_minor,
        currency="EUR",
        rule=rule,
        fee=Fee("Cash on delivery", fee_minor) if fee_minor else None,
    )

    entries = {entry.type: entry.amount_minor for entry in found.entries}
    tax = 0 if rule.is_included else entries[TotalType.TAX]
    assert entries[TotalType.TOTAL] == (
        entries[TotalType.SUBTOTAL]
        + entries.get(TotalType.DISCOUNT, 0)
        + entries[TotalType.FULFILLMENT]
        + entries.get(TotalType.FEE, 0)
        + tax
    )
    assert entries[TotalType.TOTAL] == found.total_minor


@given(
    st.integers(0, 10**9), st.sampled_from([Decimal("0.19"), Decimal("0.055"), Decimal("0.255")])
)
def test_tax_in_a_price_is_the_tax_on_its_net(net_minor, rate):
    tax = Component({}, "VAT", 0, rate, rate)
    gross = net_minor + tax_in(net_minor, share_of(tax, [tax], is_included=False))

    within = tax_in(gross, share_of(tax, [tax], is_included=True))
    assert abs(within - (gross - net_minor)) <= 1


def test_delivery_is_taxed_as_the_goods_are():
    rule = a_rule("DE")

    found = tax_order(
        [TaxedLine(10_00, "standard"), TaxedLine(10_00, "reduced")],
        delivery_minor=4_00,
        currency="EUR",
        rule=rule,
    )

    assert [(line.title, line.amount_minor) for line in found.tax_lines] == [
        ("VAT 19 %", 1_92),
        ("VAT 7 %", 79),
    ]
    assert found.of_delivery_minor == 32 + 13


def test_rates_of_sample_places_match_their_sources():
    assert rate_of("FI", "", "standard") == Decimal("0.255")
    assert rate_of("US", "OR", "standard") == 0
    assert rate_of("US", "CA", "standard") == Decimal("0.0725")
    assert rate_of("CH", "", "reduced") == Decimal("0.026")
    assert rate_of("DE", "", "exempt") == 0
    assert set(COUNTRIES) >= EU | {"GB", "US", "CH"}
    assert rated_title("VAT", Decimal("0.055"), "en-GB") == "VAT 5.5 %"
    assert rated_title("MwSt.", Decimal("0.055"), "de-AT") == "MwSt. 5,5 %"


@pytest.mark.parametrize(
    ("lines", "delivery_minor"),
    [
        ([MOST_MINOR + 1], 0),
        ([MOST_MINOR, 1], 0),
        ([MOST_MINOR], 1),
        ([2**63 - 1] * 100, 0),
        ([MOST_MINOR // 2 + 1] * 2, 0),
    ],
)
def test_totals_beyond_the_bound_are_refused(lines, delivery_minor):
    with pytest.raises(AmountTooLarge) as refusal:
        price_order(
            [an_item_of(amount) for amount in lines],
            fulfillment_minor=delivery_minor,
            currency="EUR",
            rule=a_rule("DE"),
        )

    assert refusal.value.metadata["most_minor"] == str(MOST_MINOR)


def test_a_total_that_tax_lifts_beyond_the_bound_is_refused():
    found = price_order(
        [an_item_of(MOST_MINOR)],
        fulfillment_minor=0,
        currency="EUR",
        rule=a_rule("DE", is_included=False),
    )

    with pytest.raises(AmountTooLarge):
        _ = found.total_minor


@pytest.mark.parametrize(
    ("country", "region", "tax_class"),
    [("DE", "", "books"), ("ZZ", "", "standard"), ("US", "ZZ", "standard"), ("US", "CA", "luxury")],
)
def test_a_tax_rate_that_is_not_set_is_refused(country, region, tax_class):
    with pytest.raises(TaxRateNotSet):
        rate_of(country, region, tax_class)


def test_a_state_without_a_sales_tax_has_a_rate_of_zero():
    assert rate_of("US", "OR", "standard") == 0


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (a_rule("DE", locale="en"), "VAT 19 %, VAT 7 % included"),
        (a_rule("DE", locale="de-DE"), "MwSt. 19 %, MwSt. 7 % enthalten"),
        (a_rule("DE", is_included=False), "VAT 19 %, VAT 7 %"),
        (a_rule("US", "OR"), ""),
    ],
)
def test_the_label_of_the_tax_names_it_in_the_locale_of_the_order(rule, label):
    lines = [an_item(price_minor=10_00, tax_class=each) for each in ("standard", "reduced")]

    found = price_order(lines, fulfillment_minor=0, currency="EUR", rule=rule)

    assert [entry.label for entry in found.entries if entry.type is TotalType.TAX] == [label]
