"""Rates of value added and sales tax by country, as of January 2026.

Sources by row: EU member states, European Commission, Taxes in Europe Database (TEDB), standard
rate and the reduced rate under which most goods that have one fall; GB, HM Revenue & Customs, VAT
rates; CH, Federal Tax Administration; NO, Norwegian Tax Administration; US, Tax Foundation, State
and Local Sales Tax Rates, the state's part only (local surtaxes need an address service). Merchants
check the rows of the countries that they sell to. `zero` and `exempt` are classes everywhere.
"""

from decimal import Decimal
from typing import Final, Protocol

from checkout.errors import TaxRateNotSet


class TaxRates(Protocol):
    """Port to the tax rates by place and class, and to the names of the taxes."""

    def rate_of(self, country: str, region: str, tax_class: str) -> Decimal:
        """Returns the rate as a decimal fraction. Raises TaxRateNotSet."""
        ...

    def name_of(self, country: str) -> str:
        """Returns the name of the tax for buyers."""
        ...


STANDARD: Final = "standard"
REDUCED: Final = "reduced"
UNTAXED: Final = frozenset({"zero", "exempt"})

EU: Final = frozenset(
    ("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO",
     "SK", "SI", "ES", "SE")
)  # fmt: skip

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


class SeededTaxRates:
    """The rates above: the default of a merchant who set none."""

    def rate_of(self, country: str, region: str, tax_class: str) -> Decimal:
        """Returns the rate as a decimal fraction.

        Raises TaxRateNotSet for a country, state or class that is not in the tables.

        `region` is the code of a US state and ignored for other countries. It is empty before the
        address is known: the rate is then 0.
        """
        if tax_class in UNTAXED:
            return Decimal(0)
        if tax_class not in (STANDARD, REDUCED):
            raise TaxRateNotSet(
                f"no tax rate is set for the class {tax_class!r}", tax_class=tax_class
            )
        if country == "US":
            if region and region not in _US_STATES:
                raise TaxRateNotSet(
                    f"no tax rate is set for the state {region!r}", country=country, region=region
                )
            return Decimal(_US_STATES.get(region, "0")) / 100
        if country not in _VAT:
            raise TaxRateNotSet(f"no tax rate is set for {country}", country=country)
        standard, reduced = _VAT[country]
        return Decimal(reduced if tax_class == REDUCED else standard) / 100

    def name_of(self, country: str) -> str:
        """Returns the name of the tax for buyers."""
        return "Sales tax" if country == "US" else "VAT"


SEEDED: Final = SeededTaxRates()
