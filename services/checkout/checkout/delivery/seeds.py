"""Zones, methods and rates of a merchant who set none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chassis.money import exponent
from checkout.delivery.model import (
    Basis,
    Bracket,
    DeliveryMethod,
    DeliveryRate,
    DeliveryZone,
    MethodKind,
    ServedZone,
    ZonePlace,
)
from checkout.delivery.table import DeliveryTable
from checkout.taxes.table import EU

# The base price covers this mass.
_LIGHT_GRAMS: Final = 2000
_NEAR: Final = sorted(EU | {"GB", "CH", "NO", "LI", "IS"})
_TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "standard": {"en": "Standard delivery", "de": "Standardversand"},
    "express": {"en": "Express delivery", "de": "Expressversand"},
    "pickup": {"en": "Pick up in store", "de": "Abholung im Laden"},
}


@dataclass(frozen=True, slots=True)
class _Tariff:
    """A price in euros: `base` up to 2 kg, and `per_kilogram` for each started kilogram more.

    Days are working days. Delivery is free from a subtotal of `free_from`.
    """

    base: str
    per_kilogram: str
    least_days: int
    most_days: int
    free_from: str = ""


# Amount in a currency for 1.00 of the euro prices below: a price level, set by hand, not an
# exchange rate.
_LEVELS: Final = {
    "EUR": "1", "USD": "1", "GBP": "1", "CHF": "1", "BGN": "2", "CZK": "25", "DKK": "7.5",
    "HUF": "400", "JPY": "150",
    "NOK": "12", "PLN": "4", "RON": "5", "SEK": "11", "CAD": "1.5", "AUD": "1.7", "MXN": "20",
    "INR": "90", "KRW": "1500",
    "CNY": "8", "KWD": "0.3",
}  # fmt: skip
# Zone: method: price and days.
_TARIFFS: Final[Mapping[str, Mapping[str, _Tariff]]] = {
    "domestic": {
        "standard": _Tariff("4.90", "0.60", 2, 3, free_from="75"),
        "express": _Tariff("12.90", "1.20", 1, 1),
        "pickup": _Tariff("0", "0", 1, 1),
    },
    "near": {
        "standard": _Tariff("9.90", "1.20", 3, 6, free_from="150"),
        "express": _Tariff("24.90", "3.00", 1, 2),
    },
    "far": {
        "standard": _Tariff("19.90", "6.00", 7, 14),
        "express": _Tariff("49.90", "12.00", 3, 5),
    },
}


def seeded_zones() -> list[DeliveryZone]:
    """Returns the home country, the countries near each other, and all others."""
    return [
        _zone("domestic", "Domestic", is_home=True),
        _zone("near", "Europe", places=[ZonePlace(country) for country in _NEAR], origins=_NEAR),
        _zone("far", "Rest of the world", is_elsewhere=True),
    ]


def seeded_methods() -> list[DeliveryMethod]:
    """Returns the methods above."""
    return [
        DeliveryMethod(
            code=code,
            kind=MethodKind.PICKUP if code == "pickup" else MethodKind.ADDRESS,
            titles=dict(titles),
            carrier="",
            channels=[],
            zones=[
                ServedZone(zone, tariffs[code].least_days, tariffs[code].most_days)
                for zone, tariffs in _TARIFFS.items()
                if code in tariffs
            ],
            position=0,
            is_disabled=False,
            cut_off="14:00",
            time_zone="UTC",
            calendar="",
        )
        for code, titles in _TITLES.items()
    ]


def seeded_rates() -> Iterator[DeliveryRate]:
    """Yields the rates of each method, zone and currency."""
    for zone, tariffs in _TARIFFS.items():
        for method, tariff in tariffs.items():
            for currency in _LEVELS:
                yield _rate(method, zone, currency, tariff)


def _zone(
    code: str,
    title: str,
    *,
    places: list[ZonePlace] | None = None,
    is_home: bool = False,
    is_elsewhere: bool = False,
    origins: list[str] | None = None,
) -> DeliveryZone:
    return DeliveryZone(
        code=code,
        title=title,
        places=places or [],
        is_home=is_home,
        is_elsewhere=is_elsewhere,
        origins=list(origins or []),
    )


def _rate(method: str, zone: str, currency: str, tariff: _Tariff) -> DeliveryRate:
    base, more = _minor(tariff.base, currency), _minor(tariff.per_kilogram, currency)
    brackets = [Bracket(0, base)]
    if more:
        brackets.append(Bracket(_LIGHT_GRAMS + 1, base, more, 1000))
    return DeliveryRate(
        code=f"{method}-{zone}-{currency}".lower(),
        method=method,
        zone=zone,
        currency=currency,
        basis=Basis.WEIGHT,
        brackets=brackets,
        free_from_minor=_minor(tariff.free_from, currency) if tariff.free_from else None,
    )


def _minor(amount: str, currency: str) -> int:
    """Returns the amount of a price in euros in a currency, in minor units."""
    exact = (Decimal(amount) * Decimal(_LEVELS[currency])).scaleb(exponent(currency))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


SEEDED: Final = DeliveryTable(seeded_zones(), (), seeded_methods(), seeded_rates())
