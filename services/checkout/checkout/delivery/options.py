"""Delivery options of goods: methods, prices and days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from checkout.delivery.days import business_days_after, dispatch_day
from checkout.delivery.model import Basis, SplitRule
from checkout.delivery.seeds import SEEDED
from checkout.delivery.table import (
    MOST_WEIGHT_GRAMS,
    DeliveryTable,
    Goods,
    Lane,
    Quote,
    narrowest,
    range_of,
)
from checkout.texts import digital_title, title_in

# Id of the option of carts of which nothing is delivered.
DIGITAL: Final = "digital"


@dataclass(frozen=True, slots=True)
class PlannedShipment:
    """Lines of a cart or an order, by their places, that leave together.

    It has no days where it is not known when the goods are there.
    """

    positions: tuple[int, ...]
    earliest_on: date | None
    latest_on: date | None


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A delivery method with its price and days.

    The price includes tax if the prices of the goods do. `shipments` are planned where some of the
    goods are not there yet; the days are those of the first and the last of them.
    """

    id: str
    title: str
    price_minor: int
    currency: str
    earliest_on: date
    latest_on: date
    shipments: tuple[PlannedShipment, ...] = ()
    can_split: bool = False

    def promised_on(self, positions: Collection[int]) -> date | None:
        """Returns the last promised day of lines, by their places; None where none is known."""
        planned = [
            each.latest_on
            for each in self.shipments
            if not set(each.positions).isdisjoint(positions)
        ]
        known = [day for day in planned if day]
        if not planned:
            return self.latest_on
        return max(known) if len(known) == len(planned) else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Lines of a cart, by their places, that can leave at the same time.

    `at` is None for what is there, and where it is not known.
    """

    positions: tuple[int, ...]
    at: datetime | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Dispatch:
    """When goods can leave, and whether the buyer wants what is there before the rest.

    Without arrivals all goods are there.
    """

    arrivals: tuple[Arrival, ...] = ()
    is_split: bool = False


AT_ONCE: Final = Dispatch()


def digital_option(currency: str, now: datetime, locale: str) -> DeliveryOption:
    """Returns the way of what needs no delivery: free, and at once."""
    today = now.date()
    return DeliveryOption(DIGITAL, digital_title(locale), 0, currency, today, today)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ranges of mass, subtotal, pieces and volume with the same options.

    A range goes from its first value to below its second. None is no bound.
    """

    weight_grams: tuple[int, int]
    subtotal_minor: tuple[int, int | None]
    pieces: tuple[int, int | None]
    volume_cm3: tuple[int, int | None]


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
    dispatch: Dispatch = AT_ONCE,
) -> list[DeliveryOption]:
    """Returns the options by position, the cheapest first where it is the same.

    `is_pickup` keeps those that are picked up, or those that are not; None keeps all.

    Raises TariffNotSet.
    """
    found = [
        (quote.lane.position, option)
        for quote in table.quotes(goods, has_pickup=has_pickup)
        if is_pickup in (None, quote.lane.is_pickup)
        and (option := option_of(quote, goods, now=now, locale=locale, dispatch=dispatch))
    ]
    found.sort(key=lambda each: (each[0], each[1].price_minor, each[1].latest_on, each[1].id))
    return [option for _, option in found]


def option_of(
    quote: Quote, goods: Goods, *, now: datetime, locale: str, dispatch: Dispatch = AT_ONCE
) -> DeliveryOption | None:
    """Returns a method with its price and days; None where it is not offered."""
    lane = quote.lane
    if lane.served is None or quote.refusal is not None:
        return None
    shipments = _plan(lane, dispatch, now)
    earliest_on, latest_on = _days(lane, now)
    if known := [each for each in shipments if each.earliest_on and each.latest_on]:
        earliest_on = min(each.earliest_on for each in known if each.earliest_on)
        latest_on = max(each.latest_on for each in known if each.latest_on)
    return DeliveryOption(
        id=lane.method,
        title=title_in(lane.titles, locale, otherwise=lane.method),
        price_minor=quote.price_minor,
        currency=goods.currency,
        earliest_on=earliest_on,
        latest_on=latest_on,
        shipments=shipments,
        can_split=len(dispatch.arrivals) > 1 and lane.split is SplitRule.BUYER,
    )


def _plan(lane: Lane, dispatch: Dispatch, now: datetime) -> tuple[PlannedShipment, ...]:
    """Returns the shipments of goods some of which are not there yet."""
    arrivals = dispatch.arrivals
    is_split = lane.split is SplitRule.ALWAYS or (
        lane.split is SplitRule.BUYER and dispatch.is_split
    )
    if arrivals and not is_split:
        positions = tuple(sorted(place for each in arrivals for place in each.positions))
        last = max((each.at for each in arrivals if each.at), default=None)
        arrivals = (Arrival(positions, last, all(each.is_known for each in arrivals)),)
    return tuple(
        PlannedShipment(each.positions, *_days(lane, max(now, each.at or now)))
        if each.is_known
        else PlannedShipment(each.positions, None, None)
        for each in arrivals
    )


def _days(lane: Lane, ready_at: datetime) -> tuple[date, date]:
    """Returns the first and the last day of arrival of what can leave at a time."""
    served, schedule = lane.served, lane.schedule
    assert served is not None, "an option has a zone"
    leaves_on = dispatch_day(ready_at, schedule)
    return (
        business_days_after(leaves_on, served.least_days, schedule),
        business_days_after(leaves_on, served.most_days, schedule),
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
        shared(Basis.VOLUME),
    )
