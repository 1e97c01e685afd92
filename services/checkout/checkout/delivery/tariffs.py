"""What delivery costs: a port, and the prices that a merchant has who did not set any."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from checkout.errors import TariffNotSet


class Zone(StrEnum):
    """How far goods go from where they are sent."""

    DOMESTIC = "domestic"
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Tariff:
    """Price of a method in a zone, in euros: `base` up to 2 kg, then `per_kilogram` for each one begun. Days are business days."""

    base: Decimal
    per_kilogram: Decimal
    least_days: int
    most_days: int
    free_above: Decimal | None = None


class Tariffs(Protocol):
    """Tariffs by zone and delivery method, in euros, and price levels of currencies."""

    def of_zone(self, zone: Zone) -> Mapping[str, Tariff]:
        """Returns the tariffs of a zone by the code of the method."""
        ...

    def level_of(self, currency: str) -> Decimal:
        """Returns what 1.00 of the euro prices is in a currency. Raises TariffNotSet."""
        ...


def _tariff(base: str, per_kilogram: str, days: tuple[int, int], free_above: str = "") -> Tariff:
    return Tariff(Decimal(base), Decimal(per_kilogram), *days, Decimal(free_above) if free_above else None)


# What 1.00 of the euro prices below is in a currency: a price level, set by hand and not an exchange rate.
_LEVELS: Final = {
    "EUR": "1", "USD": "1", "GBP": "1", "CHF": "1", "BGN": "2", "CZK": "25", "DKK": "7.5", "HUF": "400", "JPY": "150",
    "NOK": "12", "PLN": "4", "RON": "5", "SEK": "11", "CAD": "1.5", "AUD": "1.7", "MXN": "20", "INR": "90", "KRW": "1500",
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
    """The tariffs below."""

    def of_zone(self, zone: Zone) -> Mapping[str, Tariff]:
        return _TARIFFS[zone]

    def level_of(self, currency: str) -> Decimal:
        if currency not in _LEVELS:
            raise TariffNotSet(f"no price of delivery is set for {currency}", currency=currency)
        return Decimal(_LEVELS[currency])


SEEDED: Final = SeededTariffs()
