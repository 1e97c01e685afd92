"""Rates of value added and sales tax of a merchant who set none, as of January 2026.

Sources by row: EU member states, European Commission, Taxes in Europe Database (TEDB), standard
rate and the reduced rate under which most goods that have one fall; GB, HM Revenue & Customs, VAT
rates; CH, Federal Tax Administration; NO, Norwegian Tax Administration; US, Tax Foundation, State
and Local Sales Tax Rates, the state's part only (merchants add counties and cities as levels of
their own). Merchants check the rows of the countries that they sell to.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from checkout.taxes.model import MILLION, TaxRate
from checkout.taxes.table import EU, TaxTable

STANDARD: Final = "standard"
REDUCED: Final = "reduced"
_READ_ON: Final = date(2026, 1, 15)
_VAT_TITLES: Final = {
    "en": "VAT", "de": "MwSt.", "fr": "TVA", "it": "IVA", "es": "IVA", "pt": "IVA", "nl": "btw",
    "pl": "VAT", "sv": "moms", "da": "moms", "nb": "mva.", "fi": "ALV", "cs": "DPH", "hu": "ÁFA",
}  # fmt: skip
_SALES_TAX_TITLES: Final = {"en": "Sales tax", "de": "Verkaufssteuer"}
_SOURCES: Final = {
    "GB": "HM Revenue & Customs, VAT rates",
    "CH": "Federal Tax Administration",
    "NO": "Norwegian Tax Administration",
}
_EU_SOURCE: Final = "European Commission, Taxes in Europe Database"
_US_SOURCE: Final = "Tax Foundation, State and Local Sales Tax Rates"

# country: standard, reduced; in percent.
_VAT: Final = {
    "AT": ("20", "10"), "BE": ("21", "6"), "BG": ("20", "9"), "HR": ("25", "13"), "CY": ("19", "5"),
    "CZ": ("21", "12"),
    "DK": ("25", "25"), "EE": ("24", "9"), "FI": ("25.5", "13.5"), "FR": ("20", "5.5"), "DE": ("19",
    "7"), "GR": ("24", "13"),
    "HU": ("27", "18"), "IE": ("23", "13.5"), "IT": ("22", "10"), "LV": ("21", "12"), "LT": ("21",
    "12"), "LU": ("17", "8"),
    "MT": ("18", "5"), "NL": ("21", "9"), "PL": ("23", "8"), "PT": ("23", "6"), "RO": ("21", "11"),
    "SK": ("23", "19"),
    "SI": ("22", "9.5"), "ES": ("21", "10"), "SE": ("25", "12"),
    "GB": ("20", "5"), "CH": ("8.1", "2.6"), "NO": ("25", "15"),
}  # fmt: skip

# The state's own rate in percent.
_US_STATES: Final = {
    "AL": "4", "AK": "0", "AZ": "5.6", "AR": "6.5", "CA": "7.25", "CO": "2.9", "CT": "6.35",
    "DC": "6", "DE": "0", "FL": "6", "GA": "4",
    "HI": "4", "IA": "6", "ID": "6", "IL": "6.25", "IN": "7", "KS": "6.5", "KY": "6", "LA": "5",
    "MA": "6.25", "MD": "6", "ME": "5.5",
    "MI": "6", "MN": "6.875", "MO": "4.225", "MS": "7", "MT": "0", "NC": "4.75", "ND": "5",
    "NE": "5.5", "NH": "0", "NJ": "6.625",
    "NM": "4.875", "NV": "6.85", "NY": "4", "OH": "5.75", "OK": "4.5", "OR": "0", "PA": "6",
    "RI": "7", "SC": "6", "SD": "4.2", "TN": "7",
    "TX": "6.25", "UT": "6.1", "VA": "5.3", "VT": "6", "WA": "6.5", "WI": "5", "WV": "6", "WY": "4",
}  # fmt: skip

# The home market of a channel without settings of its own comes first.
COUNTRIES: Final = ("DE", *sorted((set(_VAT) | {"US"}) - {"DE"}))


def seeded_rates() -> Iterator[TaxRate]:
    """Yields the rates above as rows."""
    for country, rates in _VAT.items():
        source = _EU_SOURCE if country in EU else _SOURCES[country]
        for tax_class, percent in zip((STANDARD, REDUCED), rates, strict=True):
            yield _rate(country, "", tax_class, percent, _VAT_TITLES, source)
    for state, percent in _US_STATES.items():
        for tax_class in (STANDARD, REDUCED):
            yield _rate("US", state, tax_class, percent, _SALES_TAX_TITLES, _US_SOURCE)


def _rate(
    country: str, region: str, tax_class: str, percent: str, titles: dict[str, str], source: str
) -> TaxRate:
    place = f"{country}-{region}" if region else country
    return TaxRate(
        code=f"{place}-{tax_class}".lower(),
        country=country,
        region=region,
        postal_prefix="",
        tax_class=tax_class,
        titles=dict(titles),
        rate_ppm=int(Decimal(percent) / 100 * MILLION),
        level=0,
        is_compound=False,
        source=source,
        source_date=_READ_ON,
    )


SEEDED: Final = TaxTable(seeded_rates())
