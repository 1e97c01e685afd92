"""Taxes by place, class and day, reliefs from them, and properties of any table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.errors.taxes import TaxRateNotSet
from checkout.taxes.calculation import TaxedLine, TaxLine, TaxRule, tax_order
from checkout.taxes.model import (
    DeliveryTaxRule,
    HalfRounding,
    Place,
    Rounding,
    TaxRate,
    TaxSettings,
    UnconfirmedVatIds,
)
from checkout.taxes.relief import GrantedExemption, TaxBuyer
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import TaxTable, in_union
from checkout.vat_ids.model import VatIdCheck, VatIdStatus

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
    *lines: tuple[Any, ...],
    delivery: int = 0,
    currency: str = "EUR",
    day: date = DAY,
    **rule: Any,
) -> tuple[list[tuple[str, int]], int]:
    """Returns each tax with its amount, and the sum."""
    found = tax_order(
        [TaxedLine(*line) for line in lines],
        delivery_minor=delivery,
        currency=currency,
        rule=TaxRule(place, day, table=table, **rule),
    )
    return [(line.title, line.amount_minor) for line in found.tax_lines], found.total_minor


NET: dict[str, Any] = {"is_included": False}


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
        [TaxedLine(amount, "standard") for amount in lines],
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


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # 30.00 at 19 % and 70.00 at 7 %: 10.00 of delivery has 3.00 at 19 % and 7.00 at 7 %.
        (DeliveryTaxRule.PROPORTIONAL, [("VAT 19 %", 6_27), ("VAT 7 %", 5_39)]),
        (DeliveryTaxRule.MAIN, [("VAT 19 %", 5_70), ("VAT 7 %", 5_60)]),
        (DeliveryTaxRule.HIGHEST, [("VAT 19 %", 7_60), ("VAT 7 %", 4_90)]),
    ],
)
def test_delivery_is_taxed_by_the_rule_of_the_settings(
    rule: DeliveryTaxRule, expected: list[tuple[str, int]]
) -> None:
    found, _ = taxes_of(
        SEEDED, Place("DE"), (30_00, "standard"), (70_00, "reduced"), delivery=10_00,
        settings=settings(delivery_tax_rule=rule), **NET,
    )  # fmt: skip

    assert found == expected


def a_business(vat_id: str, status: VatIdStatus = VatIdStatus.VALID) -> TaxBuyer:
    return TaxBuyer(VatIdCheck(vat_id, status))


def lines_of(place: Place, *lines: tuple[Any, ...], **rule: Any) -> list[TaxLine]:
    found = tax_order(
        [TaxedLine(*line) for line in lines],
        delivery_minor=10_00,
        currency="EUR",
        rule=TaxRule(place, DAY, origin=rule.pop("origin", "DE"), **NET, **rule),
    )
    assert sum(found.of_lines_minor) + found.of_delivery_minor == found.total_minor
    return list(found.tax_lines)


GOODS, SERVICE = (100_00, "standard"), (50_00, "standard", True)
AUSTRIAN = "ATU13585627"


def test_a_business_of_another_eu_country_owes_the_tax_itself() -> None:
    found = lines_of(Place("AT"), GOODS, SERVICE, buyer=a_business(AUSTRIAN), locale="de-AT")

    assert [(line.category, line.reason_code, line.rate, line.amount_minor) for line in found] == [
        ("K", "VATEX-EU-IC", 0, 0),
        ("AE", "VATEX-EU-AE", 0, 0),
    ]
    assert found[0].title == "Innergemeinschaftliche Lieferung"
    assert "Artikel 138" in found[0].reason
    assert "Artikel 196" in found[1].reason


@pytest.mark.parametrize(
    ("place", "buyer", "given"),
    [
        # At home tax is due whatever the id says.
        (Place("DE"), a_business("DE136695976"), {}),
        (Place("DE"), a_business(AUSTRIAN), {}),
        # The id of the seller's own country does not make the supply one to another country.
        (Place("AT"), a_business("DE136695976"), {}),
        (Place("AT"), a_business(AUSTRIAN, VatIdStatus.INVALID), {}),
        (Place("AT"), a_business(AUSTRIAN, VatIdStatus.UNCONFIRMED), {}),
        (Place("AT"), TaxBuyer(), {}),
        # The sender is not in the EU.
        (Place("AT"), a_business(AUSTRIAN), {"origin": "CH"}),
        # A British id is not of the EU, and the Canary Islands are not in its area of tax.
        (Place("AT"), a_business("GB980780684"), {}),
        (Place("ES", "CN", "35001"), a_business(AUSTRIAN), {}),
    ],
)
def test_a_supply_that_is_not_one_to_a_business_of_another_eu_country_is_taxed(
    place: Place, buyer: TaxBuyer, given: dict[str, Any]
) -> None:
    assert {line.category for line in lines_of(place, GOODS, buyer=buyer, **given)} == {"S"}


def test_an_unconfirmed_vat_id_relieves_where_the_settings_accept_it() -> None:
    accepts = settings(unconfirmed_vat_ids=UnconfirmedVatIds.ACCEPT)
    buyer = a_business(AUSTRIAN, VatIdStatus.UNCONFIRMED)

    assert [line.category for line in lines_of(Place("AT"), GOODS, buyer=buyer, settings=accepts)] \
        == ["K"]  # fmt: skip


def test_what_leaves_the_places_of_collection_is_an_export_or_out_of_scope() -> None:
    in_germany, in_california = settings(collects_in=["DE"]), settings(collects_in=["US-CA"])

    abroad = lines_of(Place("CH"), GOODS, SERVICE, settings=in_germany)
    canaries = lines_of(Place("ES", "CN", "35001"), GOODS, settings=in_germany)
    oregon = lines_of(Place("US", "OR"), GOODS, settings=in_california, origin="US")

    assert [(line.category, line.reason_code) for line in abroad] == [
        ("G", "VATEX-EU-G"), ("O", "VATEX-EU-O"),
    ]  # fmt: skip
    assert [line.category for line in canaries] == ["G"]
    assert [line.category for line in oregon] == ["O"]


IOSS: dict[str, Any] = {"collects_in": ["CH"], "ioss_number": "IM2760000001"}


@pytest.mark.parametrize(
    ("place", "lines", "given", "expected"),
    [
        # The value is without the Austrian 20 %, and without what is not sent.
        (Place("AT"), [(180_00, "standard")], {}, True),
        (Place("AT"), [(180_01, "standard")], {}, False),
        (Place("AT"), [(120_00, "standard"), (60_01, "standard")], {}, False),
        (Place("AT"), [(180_00, "standard"), (50_00, "standard", True)], {}, True),
        (Place("AT"), [(50_00, "standard", True)], {}, False),
        (Place("AT"), [(180_01, "standard")], {"ioss_limits": {"EUR": 160_00}}, True),
        (Place("AT"), [(180_00, "standard")], {"ioss_limits": {"USD": 160_00}}, False),
        (Place("AT"), [(180_00, "standard")], {"ioss_number": ""}, False),
        (Place("AT"), [(180_00, "standard")], {"collects_in": ["CH", "AT"]}, False),
        (Place("ES", "CN", "35001"), [(100_00, "standard")], {}, False),
        (Place("US", "NY"), [(100_00, "standard")], {}, False),
    ],
)
def test_the_import_scheme_is_for_goods_of_low_value_from_outside_the_union(
    place: Place, lines: list[tuple[Any, ...]], given: dict[str, Any], expected: bool
) -> None:
    chosen = settings(**{**IOSS, **given})
    rule = TaxRule(place, DAY, table=SEEDED, settings=chosen, origin="CH")

    found = rule.with_import_scheme([TaxedLine(*line) for line in lines], "EUR")

    assert (found.ioss_number == IOSS["ioss_number"]) is expected
    assert found.is_ioss is expected


def test_the_import_scheme_is_for_consumers_and_for_senders_outside_the_union() -> None:
    goods = [TaxedLine(*GOODS)]
    business = TaxRule(
        Place("AT"), DAY, settings=settings(**IOSS), origin="CH", buyer=a_business(AUSTRIAN)
    )
    from_germany = TaxRule(Place("AT"), DAY, settings=settings(**IOSS), origin="DE")

    assert not business.with_import_scheme(goods, "EUR").is_ioss
    assert not from_germany.with_import_scheme(goods, "EUR").is_ioss


def test_goods_under_the_import_scheme_have_the_tax_of_their_destination() -> None:
    rule = TaxRule(Place("AT"), DAY, settings=settings(**IOSS), origin="CH", **NET)
    lines = [TaxedLine(*GOODS)]

    def tax(each: TaxRule) -> list[tuple[str, int]]:
        found = tax_order(lines, delivery_minor=10_00, currency="EUR", rule=each)
        return [(line.category, line.amount_minor) for line in found.tax_lines]

    assert tax(rule) == [("G", 0)]
    assert tax(rule.with_import_scheme(lines, "EUR")) == [("S", 22_00)]


def test_an_exempt_customer_is_told_why_and_a_supply_to_a_business_comes_first() -> None:
    exemption = GrantedExemption("embassy", "Diplomatic mission", "DM-7")

    at_home = lines_of(Place("DE"), GOODS, buyer=TaxBuyer(exemption=exemption))
    abroad = lines_of(Place("AT"), GOODS, buyer=TaxBuyer(a_business(AUSTRIAN).vat_id, exemption))

    assert [(line.category, line.reason_code, line.reason) for line in at_home] == [
        ("E", "", "Diplomatic mission")
    ]
    assert [line.category for line in abroad] == ["K"]


def test_classes_without_tax_are_told_beside_those_that_are_taxed() -> None:
    found = lines_of(Place("DE"), GOODS, (10_00, "exempt"), (10_00, "zero"))

    assert [(line.category, line.amount_minor) for line in found] == [
        ("S", 20_58), ("E", 0), ("Z", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("ES", "MD", "28001"), True), (Place("ES", "", "38 001"), False),
        (Place("DE", "", "27498"), False), (Place("FR", "", "97400"), False),
        (Place("FI", "", "22 100"), False), (Place("FI", "", "00100"), True),
        (Place("AX", "", "22100"), False), (Place("IT", "", "22061"), False),
        (Place("IT", "", "23041"), False), (Place("CH"), False), (Place("AT"), True),
    ],
)  # fmt: skip
def test_the_area_of_the_eu_s_tax_leaves_some_territories_out(place: Place, expected: bool) -> None:
    assert in_union(place) is expected
