"""The rates of places on a day: which rates count, and what they make of an amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from checkout.errors.taxes import TaxRateNotSet
from checkout.taxes.model import MILLION, Place, TaxRate, TaxSettings, postal_key

EXEMPT: Final = "exempt"
UNTAXED: Final = frozenset({"zero", EXEMPT})
EU: Final = frozenset(
    ("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
     "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE")
)  # fmt: skip
# Beginnings of postal codes outside the area of the EU's value added tax, by country: Directive
# 2006/112/EC, article 6. The Canary Islands, Ceuta and Melilla; Heligoland and Büsingen; Livigno
# and Campione; Mount Athos; Åland; the overseas departments and territories of France.
_OUTSIDE_UNION: Final = {
    "ES": ("35", "38", "51", "52"),
    "DE": ("27498", "78266"),
    "IT": ("23041", "22061"),
    "FI": ("22",),
    "GR": ("63086",),
    "FR": ("97", "98"),
}
# Answers that are remembered: few places and classes make most orders.
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Component:
    """A tax of an amount. `rate` is that of the law, `effective` that on the net amount.

    They differ where the tax is on another tax too. Both are decimal fractions.
    """

    titles: Mapping[str, str] = field(compare=False, hash=False)
    name: str
    level: int
    rate: Decimal
    effective: Decimal

    def title(self, locale: str) -> str:
        """Returns the name of the tax in a locale, in its language, in English, or in any."""
        titles = self.titles
        found = titles.get(locale) or titles.get(locale.partition("-")[0]) or titles.get("en")
        return found or self.name


Components = tuple[Component, ...]
_Known = dict[tuple[Place, str, date], Components]


class TaxTable:
    """All rates, and the settings by channel. It never changes: a new one takes its place."""

    def __init__(
        self, rates: Iterable[TaxRate], settings: Iterable[TaxSettings] = (), *, revision: int = 0
    ) -> None:
        self.revision = revision
        self._settings = {one.channel: one for one in settings}
        self._by_country: dict[str, dict[str, list[TaxRate]]] = {}
        for rate in rates:
            of_country = self._by_country.setdefault(rate.country, {})
            of_country.setdefault(rate.tax_class, []).append(rate)
        self._known: _Known = {}

    def settings_of(self, channel: str) -> TaxSettings:
        """Returns the settings of a channel, or those of all, or the usual ones."""
        found = self._settings.get(channel) or self._settings.get("")
        return found or TaxSettings(channel="", collects_in=[], version=0)

    def regions_of(self, country: str) -> list[str]:
        """Returns the regions of a country that have rates of their own; "" for all of it."""
        of_country = self._by_country.get(country, {})
        return sorted({rate.region for rates in of_country.values() for rate in rates})

    def components(self, place: Place, tax_class: str, day: date) -> Components:
        """Returns the taxes of a place, lowest level first. Raises TaxRateNotSet.

        There are none before the region is known where only regions have rates.
        """
        if tax_class in UNTAXED:
            return ()
        asked = (place, tax_class, day)
        if (known := self._known.get(asked)) is None:
            known = self._find(place, tax_class, day)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[asked] = known
        return known

    def _find(self, place: Place, tax_class: str, day: date) -> Components:
        of_country = self._by_country.get(place.country)
        if of_country is None:
            raise TaxRateNotSet(f"no tax rate is set for {place.country}", country=place.country)
        rates = of_country.get(tax_class)
        if rates is None:
            raise TaxRateNotSet(
                f"no tax rate is set for the class {tax_class!r} in {place.country}",
                tax_class=tax_class, country=place.country,
            )  # fmt: skip
        best: dict[int, TaxRate] = {}
        for rate in rates:
            if rate.holds(place, day) and (
                rate.level not in best or best[rate.level].precedence < rate.precedence
            ):
                best[rate.level] = rate
        if not best and (place.region or not any(rate.region for rate in rates)):
            raise TaxRateNotSet(
                f"no tax rate is set for {place.country} {place.region} on {day}",
                country=place.country, region=place.region,
            )  # fmt: skip
        return _stacked([best[level] for level in sorted(best)])


def _stacked(rates: Iterable[TaxRate]) -> Components:
    """Returns rates of rising levels with what each makes of the net amount."""
    found: list[Component] = []
    for one in rates:
        rate = Decimal(one.rate_ppm) / MILLION
        below = sum((each.effective for each in found), Decimal(0)) if one.is_compound else 0
        name = next(iter(one.titles.values()), "")
        found.append(Component(one.titles, name, one.level, rate, rate * (1 + below)))
    return tuple(found)


def in_union(place: Place) -> bool:
    """Returns whether a place is in the area of the EU's value added tax."""
    outside = _OUTSIDE_UNION.get(place.country, ())
    return place.country in EU and not postal_key(place.postal_code).startswith(outside or ("-",))


def taxing_place(
    destination: Place, origin_country: str, settings: TaxSettings, *, is_ioss: bool = False
) -> Place | None:
    """Returns the place that taxes an order; None where the merchant collects no tax there.

    Goods under the import scheme (`is_ioss`) are taxed where they go.
    """
    if is_ioss or not settings.collects_in or collects_in(destination, settings):
        return destination
    if origin_country in EU and in_union(destination):
        return destination if settings.has_one_stop_shop else Place(origin_country)
    return None


def collects_in(place: Place, settings: TaxSettings) -> bool:
    """Returns whether the settings name a place as one where the merchant collects taxes."""
    names = settings.collects_in
    return place.country in names or f"{place.country}-{place.region}" in names
