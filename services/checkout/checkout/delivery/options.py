"""Delivery options of goods: methods, prices and days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from checkout.delivery.days import business_days_after, dispatch_day
from checkout.delivery.model import Basis
from checkout.delivery.seeds import SEEDED
from checkout.delivery.table import (
    MOST_WEIGHT_GRAMS,
    DeliveryTable,
    Goods,
    Quote,
    narrowest,
    range_of,
)
from checkout.texts import digital_title, title_in

# Id of the option of carts of which nothing is delivered.
DIGITAL: Final = "digital"


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


def digital_option(currency: str, now: datetime, locale: str) -> DeliveryOption:
    """Returns the way of what needs no delivery: free, and at once."""
    today = now.date()
    return DeliveryOption(DIGITAL, digital_title(locale), 0, currency, today, today)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ranges of mass, subtotal and pieces with the same options.

    A range goes from its first value to below its second. None is no bound.
    """

    weight_grams: tuple[int, int]
    subtotal_minor: tuple[int, int | None]
    pieces: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class DeliveryEstimate:
    """Delivery options, and the bounds of the goods that have the same ones."""

    options: list[DeliveryOption]
    bounds: Bounds


def estimate_delivery(
    goods: Goods, *, now: datetime, has_pickup: bool, table: DeliveryTable, locale: str = ""
) -> DeliveryEstimate:
    """Returns the delivery options of goods with their bounds. Raises TariffNotSet."""
    options = delivery_options(goods, now=now, has_pickup=has_pickup, table=table, locale=locale)
    return DeliveryEstimate(options, delivery_bounds(goods, table=table))


def delivery_options(
    goods: Goods,
    *,
    now: datetime,
    has_pickup: bool = True,
    table: DeliveryTable = SEEDED,
    locale: str = "",
    is_pickup: bool | None = None,
) -> list[DeliveryOption]:
    """Returns the options by position, the cheapest first where it is the same.

    `is_pickup` keeps those that are picked up, or those that are not; None keeps all.

    Raises TariffNotSet.
    """
    found = [
        (quote.lane.position, option)
        for quote in table.quotes(goods, has_pickup=has_pickup)
        if is_pickup in (None, quote.lane.is_pickup)
        and (option := option_of(quote, goods, now=now, locale=locale))
    ]
    found.sort(key=lambda each: (each[0], each[1].price_minor, each[1].latest_on, each[1].id))
    return [option for _, option in found]


def option_of(quote: Quote, goods: Goods, *, now: datetime, locale: str) -> DeliveryOption | None:
    """Returns a method with its price and days; None where it is not offered."""
    lane = quote.lane
    served, schedule = lane.served, lane.schedule
    if served is None or quote.refusal is not None:
        return None
    leaves_on = dispatch_day(now, schedule)
    return DeliveryOption(
        id=lane.method,
        title=title_in(lane.titles, locale, otherwise=lane.method),
        price_minor=quote.price_minor,
        currency=goods.currency,
        earliest_on=business_days_after(leaves_on, served.least_days, schedule),
        latest_on=business_days_after(leaves_on, served.most_days, schedule),
    )


def delivery_bounds(goods: Goods, *, table: DeliveryTable = SEEDED) -> Bounds:
    """Returns the bounds of the goods that have the same options. Raises TariffNotSet."""
    rates = [quote.lane.rate for quote in table.quotes(goods) if quote.lane.rate]

    def shared(basis: Basis) -> tuple[int, int | None]:
        value = goods.value_of(basis)
        return narrowest(range_of(rate, value) for rate in rates if rate.basis is basis)

    least, below = shared(Basis.WEIGHT)
    free = {rate.free_from_minor for rate in rates if rate.free_from_minor is not None}
    thresholds = (
        (0, start) if goods.subtotal_minor < start else (start, None) for start in sorted(free)
    )
    return Bounds(
        (least, MOST_WEIGHT_GRAMS + 1 if below is None else below),
        narrowest([shared(Basis.VALUE), *thresholds]),
        shared(Basis.QUANTITY),
    )
