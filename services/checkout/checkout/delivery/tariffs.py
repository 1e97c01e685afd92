"""Tariffs of delivery: the port, and the defaults of a merchant who set none."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from checkout.errors import TariffNotSet


class Zone(StrEnum):
    """Distance between origin and destination."""

    DOMESTIC = "domestic"
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Tariff:
    """Price of a method in a zone, in euros.

    It is `base` up to 2 kg, then `per_kilogram` for each started kilogram. Days are business days.
    Delivery is free from a subtotal of `free_above`.
    """

    base: Decimal
    per_kilogram: Decimal
    least_days: int
    most_days: int
    free_above: Decimal | None = None


class Tariffs(Protocol):
    """Port to the tariffs by zone and method, in euros, and to the price levels of currencies."""

    def of_zone(self, zone: Zone) -> Mapping[str, Tariff]:
        """Returns the tariffs of a zone by the code of the method."""
        ...

    def level_of(self, currency: str) -> Decimal:
        """Returns the amount in a currency for 1.00 of the euro prices. Raises TariffNotSet."""
        ...


def _tariff(base: str, per_kilogram: str, days: tuple[int, int], free_above: str = "") -> Tariff:
    return Tariff(
        Decimal(base), Decimal(per_kilogram), *days, Decimal(free_above) if free_above else None
    )


# Amount in a currency for 1.00 of the euro prices below: a price level, set by hand, not an
# exchange rate.
_LEVELS: Final = {
    "EUR": "1", "USD": "1", "GBP": "1", "CHF": "1", "BGN": "2", "CZK": "25", "DKK": "7.5",
    "HUF": "400", "JPY": "150",
    "NOK": "12", "PLN": "4", "RON": "5", "SEK": "11", "CAD": "1.5", "AUD": "1.7", "MXN": "20",
    "INR": "90", "KRW": "1500",
    "CNY": "8", "KWD": "0.3",
}  # fmt: skip
_TARIFFS: Final[Mapping[Zone, Mapping[str, Tariff]]] = {
    Zone.DOMESTIC: {
        "standard": _tariff("4.90", "0.60", (2, 3), free_above="75"),
        "express": _tariff("12.90", "1.20", (1, 1)),
        "pickup": _tariff("0", "0", (1, 1)),
    },
    Zone.NEAR: {
        "standard": _tariff("9.90", "1.20", (3, 6), free_above="150"),
        "express": _tariff("24.90", "3.00", (1, 2)),
    },
    Zone.FAR: {
        "standard": _tariff("19.90", "6.00", (7, 14)),
        "express": _tariff("49.90", "12.00", (3, 5)),
    },
}


class SeededTariffs:
    """The tariffs above."""

    def of_zone(self, zone: Zone) -> Mapping[str, Tariff]:
        return _TARIFFS[zone]

    def level_of(self, currency: str) -> Decimal:
        if currency not in _LEVELS:
            raise TariffNotSet(
                f"no delivery tariff is set for {currency}: set one, or sell in another currency",
                currency=currency,
            )
        return Decimal(_LEVELS[currency])


SEEDED: Final = SeededTariffs()
