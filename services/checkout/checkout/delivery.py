"""How goods can be delivered: for how much, and between which days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chassis.money import MOST_MINOR, exponent
from checkout.errors import TariffNotSet
from checkout.tax_rates import EU

# Orders until this hour (UTC) of a business day leave the warehouse on it.
CUT_OFF_HOUR: Final = 14
_SATURDAY: Final = 5
# Ten million tonnes: a price for it, and the bounds of an estimate, fit 64 bits in each currency.
MOST_WEIGHT_GRAMS: Final = 10**13
# What the base price of a tariff is for.
_LIGHT_GRAMS: Final = 2000
_NEAR: Final = EU | {"GB", "CH", "NO", "LI", "IS"}

# What 1.00 of the euro prices below is in a currency: a price level, set by hand and not an exchange rate.
_LEVELS: Final = {
    "EUR": "1", "USD": "1", "GBP": "1", "CHF": "1", "BGN": "2", "CZK": "25", "DKK": "7.5", "HUF": "400", "JPY": "150",
    "NOK": "12", "PLN": "4", "RON": "5", "SEK": "11", "CAD": "1.5", "AUD": "1.7", "MXN": "20", "INR": "90", "KRW": "1500",
    "CNY": "8", "KWD": "0.3",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tariff:
    """Price of a method in a zone, in euros: `base` up to 2 kg, then `per_kilogram` for each one begun. Days are business days."""

    base: Decimal
    per_kilogram: Decimal
    least_days: int
    most_days: int
    free_above: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """One way of delivery. The price is in minor units, with tax as in the prices of the goods."""

    id: str
    title: str
    price_minor: int
    currency: str
    earliest_on: date
    latest_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What is to be delivered, and from where to where (ISO 3166-1 alpha-2). The amount is in minor units."""

    country: str
    origin: str
    weight_grams: int
    subtotal_minor: int
    currency: str

    @property
    def zone(self) -> str:
        """Which tariffs apply."""
        return "domestic" if self.country == self.origin else "near" if {self.country, self.origin} <= _NEAR else "far"


@dataclass(frozen=True, slots=True)
class Bounds:
    """For which goods the same options hold: masses in grams and amounts in minor units, from the first and below the second."""

    weight_grams: tuple[int, int]
    subtotal_minor: tuple[int, int | None]


def _tariff(base: str, per_kilogram: str, days: tuple[int, int], free_above: str = "") -> Tariff:
    return Tariff(Decimal(base), Decimal(per_kilogram), *days, Decimal(free_above) if free_above else None)


_TITLES: Final = {"standard": "Standard delivery", "express": "Express delivery", "pickup": "Pick up in store"}
_TARIFFS: Final = {
    "domestic": {
        "standard": _tariff("4.90", "0.60", (2, 3), free_above="75"),
        "express": _tariff("12.90", "1.20", (1, 1)),
        "pickup": _tariff("0", "0", (1, 1)),
    },
    "near": {
        "standard": _tariff("9.90", "1.20", (3, 6), free_above="150"),
        "express": _tariff("24.90", "3.00", (1, 2)),
    },
    "far": {
        "standard": _tariff("19.90", "6.00", (7, 14)),
        "express": _tariff("49.90", "12.00", (3, 5)),
    },
}


def options(goods: Goods, *, now: datetime, has_pickup: bool = True) -> list[DeliveryOption]:
    """Ways to deliver, cheapest first; none whose price is beyond what an amount may be. Raises TariffNotSet, UnknownCurrency."""
    leaves_on = dispatch_day(now)
    found = [
        DeliveryOption(
            id=code,
            title=_TITLES[code],
            price_minor=_price_minor(tariff, goods),
            currency=goods.currency,
            earliest_on=business_days_after(leaves_on, tariff.least_days),
            latest_on=business_days_after(leaves_on, tariff.most_days),
        )
        for code, tariff in _TARIFFS[goods.zone].items()
        if code != "pickup" or has_pickup
    ]
    found = [option for option in found if option.price_minor <= MOST_MINOR]
    return sorted(found, key=lambda option: (option.price_minor, option.latest_on, option.id))


def bounds(goods: Goods) -> Bounds:
    """For which other goods `options` are the same. Raises TariffNotSet, UnknownCurrency."""
    begun = _begun_kilograms(goods.weight_grams)
    heaviest = _LIGHT_GRAMS + begun * 1000
    level = _level(goods.currency)
    free = [_minor(tariff.free_above * level, goods.currency) for tariff in _TARIFFS[goods.zone].values() if tariff.free_above]
    return Bounds(
        (heaviest - 999 if begun else 0, heaviest + 1),
        (
            max((least for least in free if least <= goods.subtotal_minor), default=0),
            min((least for least in free if least > goods.subtotal_minor), default=None),
        ),
    )


def dispatch_day(now: datetime) -> date:
    """The business day on which an order of `now` leaves the warehouse. Monday to Friday; public holidays are not known."""
    today = now.date()
    if is_business_day(today) and now.hour < CUT_OFF_HOUR:
        return today
    return business_days_after(today, 1)


def is_business_day(day: date) -> bool:
    return day.weekday() < _SATURDAY


def business_days_after(day: date, days: int) -> date:
    """The business day that is `days` business days after `day`."""
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day)
    return day


def _price_minor(tariff: Tariff, goods: Goods) -> int:
    level = _level(goods.currency)
    if tariff.free_above is not None and goods.subtotal_minor >= _minor(tariff.free_above * level, goods.currency):
        return 0
    return _minor((tariff.base + tariff.per_kilogram * _begun_kilograms(goods.weight_grams)) * level, goods.currency)


def _level(currency: str) -> Decimal:
    if currency not in _LEVELS:
        raise TariffNotSet(f"no price of delivery is set for {currency}", currency=currency)
    return Decimal(_LEVELS[currency])


def _begun_kilograms(weight_grams: int) -> int:
    """Kilograms begun above those that cost nothing more."""
    return max(0, -(-(weight_grams - _LIGHT_GRAMS) // 1000))


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
