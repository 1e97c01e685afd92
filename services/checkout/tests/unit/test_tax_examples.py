"""Taxes of eight countries, worked out by hand from the rates of their authorities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from checkout.taxes.calculation import TaxedLine, TaxRule, tax_order
from checkout.taxes.model import HalfRounding, Place, Rounding, TaxRate, TaxSettings
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import TaxTable

DAY = date(2026, 6, 1)


def a_rate(place: str, percent: str, title: str, **others: Any) -> TaxRate:
    country, _, region = place.partition("-")
    given = {
        "code": f"{place}-{title}".lower(), "country": country, "region": region,
        "postal_prefix": "", "tax_class": "standard", "titles": {"en": title},
        "rate_ppm": int(Decimal(percent) * 10_000), "level": 0, "is_compound": False, "source": "",
    }  # fmt: skip
    return TaxRate(**{**given, **others})


def taxes(
    table: TaxTable,
    place: Place,
    *lines: tuple[int, str],
    currency: str,
    delivery: int = 0,
    **rule: Any,
) -> list[tuple[str, int]]:
    """Returns each tax with its amount. Prices are net unless `is_included`."""
    found = tax_order(
        [TaxedLine(*line) for line in lines],
        delivery_minor=delivery,
        currency=currency,
        rule=TaxRule(place, DAY, table=table, **{"is_included": False, **rule}),
    )
    assert sum(found.of_lines_minor) + found.of_delivery_minor == found.total_minor
    return [(line.title, line.amount_minor) for line in found.tax_lines]


def settings(**given: Any) -> TaxSettings:
    return TaxSettings(**{"channel": "", "collects_in": [], **given})


def test_united_states_los_angeles() -> None:
    """California's 7.25 % and the districts of Los Angeles, 2.5 %, add up to 9.75 %.

    Source: California Department of Tax and Fee Administration, California City and County Sales
    and Use Tax Rates, in force since 2025-04-01.
    """
    table = TaxTable(
        [
            a_rate("US-CA", "7.25", "California"),
            a_rate("US-CA", "2.5", "Los Angeles County", level=1, postal_prefix="900"),
        ]
    )

    found = taxes(table, Place("US", "CA", "90012"), (100_00, "standard"), currency="USD")

    assert found == [("California 7.25 %", 7_25), ("Los Angeles County 2.5 %", 2_50)]


def test_united_states_austin() -> None:
    """Texas has 6.25 %, Austin 1 % and its transit authority 1 %: the most, 8.25 %.

    Delivery by the seller is taxed as the goods. 6.25 % of 90.00 is 5.625: half a cent goes to the
    even neighbour, or up where the settings say so. Sources: Texas Comptroller of Public Accounts,
    Sales and Use Tax, Local Sales Tax Rates (Austin 2227016, MTA 3227999); Texas Administrative
    Code, title 34, section 3.303.
    """
    table = TaxTable(
        [
            a_rate("US-TX", "6.25", "Texas"),
            a_rate("US-TX", "1", "Austin", level=1, postal_prefix="787"),
            a_rate("US-TX", "1", "Capital Metro", level=2, postal_prefix="787"),
        ]
    )
    order: dict[str, Any] = {"currency": "USD", "delivery": 10_00}
    austin, goods = Place("US", "TX", "78701"), (80_00, "standard")

    even = taxes(table, austin, goods, **order)
    up = taxes(table, austin, goods, settings=settings(half_rounding=HalfRounding.UP), **order)

    assert even == [("Texas 6.25 %", 5_62), ("Austin 1 %", 90), ("Capital Metro 1 %", 90)]
    assert up == [("Texas 6.25 %", 5_63), ("Austin 1 %", 90), ("Capital Metro 1 %", 90)]


def test_japan() -> None:
    """The standard rate is 10 %, that of food and drink 8 %, rounded once for each rate.

    A qualified invoice rounds once per rate: 3 times 333 yen have 99.9, shown as 100, and by line
    it would be 99. The yen has no minor unit. Source: National Tax Agency, Consumption Tax, rates
    since 2019-10-01 and qualified invoices since 2023-10-01.
    """
    table = TaxTable(
        [
            a_rate("JP", "10", "Consumption tax"),
            a_rate("JP", "8", "Consumption tax (reduced)", tax_class="reduced"),
        ]
    )
    lines = [*[(333, "standard")] * 3, (500, "reduced")]

    once = taxes(table, Place("JP"), *lines, currency="JPY")
    by_line = taxes(
        table, Place("JP"), *lines, currency="JPY", settings=settings(rounding=Rounding.LINE)
    )

    assert once == [("Consumption tax 10 %", 100), ("Consumption tax (reduced) 8 %", 40)]
    assert by_line == [("Consumption tax 10 %", 99), ("Consumption tax (reduced) 8 %", 40)]


def test_switzerland() -> None:
    """108.10 francs include 8.10 at 8.1 %, and 102.60 of food 2.60 at 2.6 %.

    Source: Federal Tax Administration, Current Tax Rates, in force since 2024-01-01 (article 25 of
    the VAT Act).
    """
    found = taxes(
        SEEDED, Place("CH"), (108_10, "standard"), (102_60, "reduced"), currency="CHF",
        is_included=True,
    )  # fmt: skip

    assert found == [("VAT 8.1 %", 8_10), ("VAT 2.6 %", 2_60)]


def test_great_britain() -> None:
    """120.00 pounds include 20.00, one sixth; books have a rate of zero, which is told.

    Source: HM Revenue & Customs, VAT rates, and VAT Notice 701/10 on books.
    """
    found = taxes(
        SEEDED, Place("GB"), (120_00, "standard"), (15_00, "zero"), currency="GBP", is_included=True
    )

    assert found == [("VAT 20 %", 20_00), ("Zero rated", 0)]


def test_germany() -> None:
    """119.00 euros include 19.00, 107.00 of books 7.00; delivery follows in their proportion.

    Of 6.00 for delivery 3.16 fall on the goods at 19 % (119 of 226) and 2.84 on those at 7 %:
    122.16 of 19/119 are 19.50, 109.84 of 7/107 are 7.19. Sources: Umsatzsteuergesetz, section 12;
    Umsatzsteuer-Anwendungserlass, 3.10, on ancillary services.
    """
    found = taxes(
        SEEDED, Place("DE"), (119_00, "standard"), (107_00, "reduced"), delivery=6_00,
        currency="EUR", is_included=True,
    )  # fmt: skip

    assert found == [("VAT 19 %", 19_50), ("VAT 7 %", 7_19)]


def test_france() -> None:
    """20 % on 100.00 euros of goods, 5.5 % on 100.00 of books.

    Source: Code général des impôts, articles 278 and 278-0 bis.
    """
    found = taxes(
        SEEDED, Place("FR"), (100_00, "standard"), (100_00, "reduced"), currency="EUR", locale="fr"
    )

    assert found == [("TVA 20 %", 20_00), ("TVA 5.5 %", 5_50)]


def test_australia() -> None:
    """GST is one eleventh of the price; half a cent is rounded up.

    12.155 of 133.705, and so of 133.71: 12.16. Source: A New Tax System (Goods and Services Tax)
    Act 1999, sections 9-70 and 9-90.
    """
    table, up = TaxTable([a_rate("AU", "10", "GST")]), settings(half_rounding=HalfRounding.UP)

    found = [
        taxes(
            table, Place("AU"), (amount, "standard"), currency="AUD", is_included=True, settings=up
        )
        for amount in (110_00, 133_71)
    ]

    assert found == [[("GST 10 %", 10_00)], [("GST 10 %", 12_16)]]


def test_brazil_like_taxes_are_on_each_other() -> None:
    """A tax on products of 12 %, and one on circulation of 18 % that is on the first one too.

    18 % of 112.00 reais, not of 100.00, and the same out of the gross price. Real taxes of Brazil
    depend on the goods' code and on both states: source of the structure: Constituição Federal,
    article 155, paragraph 2, XI, and Lei Complementar 87/1996, article 13.
    """
    table = TaxTable(
        [
            a_rate("BR", "12", "IPI"),
            a_rate("BR-SP", "18", "ICMS", level=1, is_compound=True),
        ]
    )
    expected = [("IPI 12 %", 12_00), ("ICMS 18 %", 20_16)]

    for amount, is_included in ((100_00, False), (132_16, True)):
        found = taxes(
            table, Place("BR", "SP"), (amount, "standard"), currency="BRL", is_included=is_included
        )
        assert found == expected
