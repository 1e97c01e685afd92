"""Taxes by place, class and day: worked examples of countries, and properties of any table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.errors import TaxRateNotSet
from checkout.taxes.calculation import TaxRule, tax_order
from checkout.taxes.model import HalfRounding, Place, Rounding, TaxRate, TaxSettings
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import TaxTable

DAY = date(2026, 6, 1)


def a_rate(place: str, percent: str, **others: Any) -> TaxRate:
    country, _, region = place.partition("-")
    given = {
        "code": f"{place}-{percent}-{others.get('level', 0)}-{others.get('postal_prefix', '')}",
        "country": country,
        "region": region,
        "postal_prefix": "",
        "tax_class": "standard",
        "titles": {"en": "Tax"},
        "rate_ppm": int(Decimal(percent) * 10_000),
        "level": 0,
        "is_compound": False,
        "source": "",
    }
    return TaxRate(**{**given, **others})


def settings(**given: Any) -> TaxSettings:
    return TaxSettings(**{"channel": "", "collects_in": [], **given})


def taxes_of(
    table: TaxTable,
    place: Place,
    *lines: tuple[int, str],
    delivery: int = 0,
    currency: str = "EUR",
    day: date = DAY,
    **rule: Any,
) -> tuple[list[tuple[str, int]], int]:
    """Returns each tax with its amount, and the sum."""
    found = tax_order(
        lines,
        delivery_minor=delivery,
        currency=currency,
        rule=TaxRule(place, day, table=table, **rule),
    )
    return [(line.title, line.amount_minor) for line in found.tax_lines], found.total_minor


LOS_ANGELES = TaxTable(
    [
        a_rate("US-CA", "7.25", titles={"en": "California"}),
        a_rate("US-CA", "2.5", level=1, postal_prefix="900", titles={"en": "Los Angeles County"}),
    ]
)
AUSTIN = TaxTable(
    [
        a_rate("US-TX", "6.25", titles={"en": "Texas"}),
        a_rate("US-TX", "1", level=1, postal_prefix="787", titles={"en": "Austin"}),
        a_rate("US-TX", "1", level=2, postal_prefix="787", titles={"en": "Capital Metro"}),
    ]
)
JAPAN = TaxTable(
    [
        a_rate("JP", "10", titles={"en": "Consumption tax"}),
        a_rate("JP", "8", tax_class="reduced", titles={"en": "Consumption tax"}),
    ]
)
AUSTRALIA = TaxTable([a_rate("AU", "10", titles={"en": "GST"})])
# Brazilian taxes on goods and on services stack: one is on the price with the other.
STACKED = TaxTable(
    [
        a_rate("BR", "12", titles={"en": "IPI"}),
        a_rate("BR-SP", "18", level=1, is_compound=True, titles={"en": "ICMS"}),
    ]
)
NET: dict[str, Any] = {"is_included": False}
EXAMPLES = [
    # 100.00 of goods: 7.25 % of the state and 2.5 % of the county.
    (LOS_ANGELES, Place("US", "CA", "90012"), [(100_00, "standard")], 0, "USD", NET,
     [("California 7.25 %", 7_25), ("Los Angeles County 2.5 %", 2_50)]),
    # 80.00 and 10.00 of delivery, which Texas taxes too: half a cent goes to the even one.
    (AUSTIN, Place("US", "TX", "78701"), [(80_00, "standard")], 10_00, "USD", NET,
     [("Texas 6.25 %", 5_62), ("Austin 1 %", 90), ("Capital Metro 1 %", 90)]),
    # 1,000 yen of goods and 500 of food: no minor unit below the yen.
    (JAPAN, Place("JP"), [(1000, "standard"), (500, "reduced")], 0, "JPY", NET,
     [("Consumption tax 10 %", 100), ("Consumption tax 8 %", 40)]),
    (SEEDED, Place("CH"), [(108_10, "standard")], 0, "CHF", {}, [("VAT 8.1 %", 8_10)]),
    (SEEDED, Place("GB"), [(120_00, "standard")], 0, "GBP", {}, [("VAT 20 %", 20_00)]),
    (SEEDED, Place("DE"), [(119_00, "standard"), (107_00, "reduced")], 0, "EUR", {},
     [("VAT 19 %", 19_00), ("VAT 7 %", 7_00)]),
    (SEEDED, Place("FR"), [(100_00, "standard"), (100_00, "reduced")], 0, "EUR", NET,
     [("VAT 20 %", 20_00), ("VAT 5.5 %", 5_50)]),
    (AUSTRALIA, Place("AU"), [(110_00, "standard")], 0, "AUD", {}, [("GST 10 %", 10_00)]),
    # 18 % of 112.00, not of 100.00.
    (STACKED, Place("BR", "SP"), [(100_00, "standard")], 0, "BRL", NET,
     [("IPI 12 %", 12_00), ("ICMS 18 %", 20_16)]),
    (STACKED, Place("BR", "SP"), [(132_16, "standard")], 0, "BRL", {},
     [("IPI 12 %", 12_00), ("ICMS 18 %", 20_16)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "place", "lines", "delivery", "currency", "rule", "expected"), EXAMPLES
)
def test_a_country_s_taxes_are_those_of_its_worked_example(
    table: TaxTable, place: Place, lines: list[tuple[int, str]], delivery: int, currency: str,
    rule: dict[str, Any], expected: list[tuple[str, int]],
) -> None:  # fmt: skip
    found, total = taxes_of(table, place, *lines, delivery=delivery, currency=currency, **rule)

    assert found == expected
    assert total == sum(amount for _, amount in expected)


def test_the_rate_of_the_day_counts() -> None:
    table = TaxTable(
        [
            a_rate("DE", "19", code="a", valid_to=date(2020, 7, 1)),
            a_rate("DE", "16", code="b", valid_from=date(2020, 7, 1), valid_to=date(2021, 1, 1)),
            a_rate("DE", "19", code="c", valid_from=date(2021, 1, 1)),
        ]
    )

    found = [
        taxes_of(table, Place("DE"), (100_00, "standard"), day=day, **NET)[1]
        for day in (date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1))
    ]

    assert found == [19_00, 16_00, 16_00, 19_00]


def test_what_began_last_counts_although_the_old_rate_has_no_end() -> None:
    table = TaxTable([a_rate("DE", "19"), a_rate("DE", "21", valid_from=DAY)])

    before, since = (
        taxes_of(table, Place("DE"), (100_00, "standard"), day=day, **NET)[1]
        for day in (DAY - timedelta(days=1), DAY)
    )

    assert (before, since) == (19_00, 21_00)


def test_the_most_specific_place_counts() -> None:
    table = TaxTable(
        [
            a_rate("ES", "21"),
            a_rate("ES-CN", "7"),
            a_rate("ES-CN", "3", postal_prefix="3800"),
        ]
    )

    places = Place("ES", "MD", "28001"), Place("ES", "CN", "35001"), Place("ES", "CN", "38 001")
    found = [taxes_of(table, place, (100_00, "standard"), **NET)[1] for place in places]

    assert found == [21_00, 7_00, 3_00]


def test_an_unknown_place_class_or_day_is_refused_and_an_unknown_region_waits() -> None:
    table = TaxTable([a_rate("US-CA", "7.25", valid_from=DAY)])

    for place, tax_class, day in (
        (Place("KP"), "standard", DAY),
        (Place("US", "CA"), "books", DAY),
        (Place("US", "NV"), "standard", DAY),
        (Place("US", "CA"), "standard", DAY - timedelta(days=1)),
    ):
        with pytest.raises(TaxRateNotSet):
            table.components(place, tax_class, day)
    assert table.components(Place("US"), "standard", DAY) == ()
    assert table.components(Place("KP"), "exempt", DAY) == ()


def test_rounding_is_on_the_order_or_on_each_line_and_halves_go_where_the_settings_say() -> None:
    table = TaxTable([a_rate("CH", "2.5")])
    # 0.05 francs of tax in 2.00: 0.025 each.
    lines = [(1_00, "standard")] * 2
    by_order = settings()
    up = settings(rounding=Rounding.LINE, half_rounding=HalfRounding.UP)
    even = settings(rounding=Rounding.LINE)

    found = [
        taxes_of(table, Place("CH"), *lines, settings=chosen, **NET)[1]
        for chosen in (by_order, up, even)
    ]

    assert found == [5, 6, 4]


def test_delivery_is_taxed_in_a_class_of_its_own_where_the_settings_say_so() -> None:
    chosen = settings(delivery_tax_class="standard")

    proportional = taxes_of(SEEDED, Place("DE"), (100_00, "reduced"), delivery=10_00, **NET)
    standard = taxes_of(
        SEEDED, Place("DE"), (100_00, "reduced"), delivery=10_00, settings=chosen, **NET
    )

    assert proportional == ([("VAT 7 %", 7_70)], 7_70)
    assert standard == ([("VAT 19 %", 1_90), ("VAT 7 %", 7_00)], 8_90)


@pytest.mark.parametrize(
    ("destination", "given", "expected"),
    [
        (Place("FR"), {}, 20_00),
        # Below the threshold of distance sales: the tax of the origin.
        (Place("FR"), {"collects_in": ["DE"]}, 19_00),
        (Place("FR"), {"collects_in": ["DE"], "has_one_stop_shop": True}, 20_00),
        (Place("FR"), {"collects_in": ["DE", "FR"]}, 20_00),
        (Place("CH"), {"collects_in": ["DE"], "has_one_stop_shop": True}, 0),
        (Place("US", "CA"), {"collects_in": ["DE", "US-CA"]}, 7_25),
        (Place("US", "NY"), {"collects_in": ["DE", "US-CA"]}, 0),
    ],
)
def test_a_merchant_collects_taxes_where_the_settings_say(
    destination: Place, given: dict[str, Any], expected: int
) -> None:
    found = taxes_of(
        SEEDED, destination, (100_00, "standard"), settings=settings(**given), origin="DE", **NET
    )

    assert found[1] == expected


RATES = st.lists(st.tuples(st.integers(0, 300_000), st.booleans()), min_size=1, max_size=4)
LINES = st.lists(st.integers(0, 10**8), min_size=1, max_size=8)


@given(RATES, LINES, st.integers(0, 10**6), st.booleans(), st.sampled_from(list(Rounding)))
def test_parts_add_up_and_net_and_gross_agree(
    rates: list[tuple[int, bool]], lines: list[int], delivery: int, included: bool,
    rounding: Rounding,
) -> None:  # fmt: skip
    table = TaxTable(
        a_rate(
            "XX", "0", code=str(level), rate_ppm=ppm, level=level, is_compound=on_top and level > 0
        )
        for level, (ppm, on_top) in enumerate(rates)
    )
    rule = TaxRule(
        Place("XX"), DAY, is_included=included, table=table, settings=settings(rounding=rounding)
    )
    found = tax_order(
        [(amount, "standard") for amount in lines],
        delivery_minor=delivery,
        currency="EUR",
        rule=rule,
    )

    assert sum(found.of_lines_minor) + found.of_delivery_minor == found.total_minor
    net = sum(lines) + delivery - (found.total_minor if included else 0)
    expected = Decimal(0)
    for ppm, on_top in rates:
        base = net + expected if on_top and expected else Decimal(net)
        expected += base * ppm / 1_000_000
    # Each tax of each line may be half a minor unit off, and so much the net amount.
    slack = len(rates) * (len(lines) + 1)
    assert abs(found.total_minor - expected) <= slack * 2
