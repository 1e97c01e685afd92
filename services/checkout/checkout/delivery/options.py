"""Delivery options of goods: methods, prices and days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chassis.money import MOST_MINOR, exponent
from checkout.delivery.tariffs import SEEDED, Tariff, Tariffs, Zone
from checkout.taxes.table import EU
from checkout.texts import delivery_title

# An order before this hour (UTC) of a business day leaves the warehouse on that day.
CUT_OFF_HOUR: Final = 14
_SATURDAY: Final = 5
# Ten million tonnes: prices and the bounds of an estimate fit 64 bits in each currency.
MOST_WEIGHT_GRAMS: Final = 10**13
# The base price of a tariff covers this mass.
_LIGHT_GRAMS: Final = 2000
_NEAR: Final = EU | {"GB", "CH", "NO", "LI", "IS"}


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A delivery method with its price and days.

    The price includes tax if the prices of the goods do.
    """

    id: str
    title: str
    price_minor: int
    currency: str
    earliest_on: date
    latest_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """The goods of a delivery with its destination and origin (ISO 3166-1 alpha-2)."""

    country: str
    origin: str
    weight_grams: int
    subtotal_minor: int
    currency: str

    @property
    def zone(self) -> Zone:
        """The zone whose tariffs apply."""
        if self.country == self.origin:
            return Zone.DOMESTIC
        return Zone.NEAR if {self.country, self.origin} <= _NEAR else Zone.FAR


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ranges of mass and subtotal with the same options.

    A range goes from its first value to below its second. None is no bound.
    """

    weight_grams: tuple[int, int]
    subtotal_minor: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class DeliveryEstimate:
    """Delivery options, and the bounds of the goods that have the same ones."""

    options: list[DeliveryOption]
    bounds: Bounds


def estimate_delivery(
    goods: Goods, *, now: datetime, has_pickup: bool, tariffs: Tariffs, locale: str = ""
) -> DeliveryEstimate:
    """Returns the delivery options of goods with their bounds.

    Raises TariffNotSet, UnknownCurrency.
    """
    options = delivery_options(
        goods, now=now, has_pickup=has_pickup, tariffs=tariffs, locale=locale
    )
    return DeliveryEstimate(options, delivery_bounds(goods, tariffs=tariffs))


def delivery_options(
    goods: Goods,
    *,
    now: datetime,
    has_pickup: bool = True,
    tariffs: Tariffs = SEEDED,
    locale: str = "",
) -> list[DeliveryOption]:
    """Returns the options, cheapest first, without those that cost more than MOST_MINOR.

    Raises TariffNotSet, UnknownCurrency.
    """
    leaves_on = dispatch_day(now)
    found = [
        DeliveryOption(
            id=code,
            title=delivery_title(code, locale),
            price_minor=_price_minor(tariff, goods, tariffs),
            currency=goods.currency,
            earliest_on=business_days_after(leaves_on, tariff.least_days),
            latest_on=business_days_after(leaves_on, tariff.most_days),
        )
        for code, tariff in tariffs.of_zone(goods.zone).items()
        if code != "pickup" or has_pickup
    ]
    found = [option for option in found if option.price_minor <= MOST_MINOR]
    return sorted(found, key=lambda option: (option.price_minor, option.latest_on, option.id))


def delivery_bounds(goods: Goods, *, tariffs: Tariffs = SEEDED) -> Bounds:
    """Returns the bounds of the goods that have the same options.

    Raises TariffNotSet, UnknownCurrency.
    """
    started = _started_kilograms(goods.weight_grams)
    heaviest = _LIGHT_GRAMS + started * 1000
    level, of_zone = tariffs.level_of(goods.currency), tariffs.of_zone(goods.zone).values()
    free = [
        _minor(tariff.free_above * level, goods.currency) for tariff in of_zone if tariff.free_above
    ]
    return Bounds(
        (heaviest - 999 if started else 0, heaviest + 1),
        (
            max((least for least in free if least <= goods.subtotal_minor), default=0),
            min((least for least in free if least > goods.subtotal_minor), default=None),
        ),
    )


def dispatch_day(now: datetime) -> date:
    """Returns the business day on which an order of `now` leaves the warehouse.

    Public holidays are not known.
    """
    today = now.date()
    if is_business_day(today) and now.hour < CUT_OFF_HOUR:
        return today
    return business_days_after(today, 1)


def is_business_day(day: date) -> bool:
    """Returns whether a day is Monday to Friday."""
    return day.weekday() < _SATURDAY


def business_days_after(day: date, days: int) -> date:
    """Returns the day that is `days` business days after `day`."""
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day)
    return day


def _price_minor(tariff: Tariff, goods: Goods, tariffs: Tariffs) -> int:
    level = tariffs.level_of(goods.currency)
    if tariff.free_above is not None and goods.subtotal_minor >= _minor(
        tariff.free_above * level, goods.currency
    ):
        return 0
    return _minor(
        (tariff.base + tariff.per_kilogram * _started_kilograms(goods.weight_grams)) * level,
        goods.currency,
    )


def _started_kilograms(weight_grams: int) -> int:
    """Returns the started kilograms above the mass that the base price covers."""
    return max(0, -(-(weight_grams - _LIGHT_GRAMS) // 1000))


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
