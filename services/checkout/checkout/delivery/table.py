"""The delivery settings of a shop: which methods a parcel has, at which price."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.money import MOST_MINOR
from checkout.delivery.days import Schedule
from checkout.delivery.model import (
    Basis,
    Bracket,
    DeliveryCalendar,
    DeliveryCarrier,
    DeliveryMethod,
    DeliveryRate,
    DeliveryZone,
    MethodKind,
    Refusal,
    ServedZone,
    SplitRule,
    ZonePlace,
)
from checkout.errors.delivery import TariffNotSet
from checkout.taxes.model import postal_key

# Ten million tonnes: prices and the bounds of an estimate fit 64 bits in each currency.
MOST_WEIGHT_GRAMS: Final = 10**13
# Ten million cubic metres, for the same reason.
MOST_VOLUME_CM3: Final = 10**13
_Rank = tuple[int, bool, int, bool]
_Range = tuple[int, int | None]
# The longest beginning of a postal code, then a region, then few countries; a country by its name
# before the home country, and the rest last.
_HOME: Final[_Rank] = (0, False, -1, False)
_ELSEWHERE: Final[_Rank] = (-1, False, 0, True)
_NOWHERE: Final[_Rank] = (-1, False, 0, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """The goods of a delivery with its destination and origin (ISO 3166-1 alpha-2).

    `subtotal_minor` is their price after discounts. The region and the postal code are empty where
    they are not known, the channel where no method asks for it.
    """

    country: str
    origin: str
    weight_grams: int
    subtotal_minor: int
    currency: str
    region: str = ""
    postal_code: str = ""
    pieces: int = 1
    volume_cm3: int = 0
    channel: str = ""

    def value_of(self, basis: Basis) -> int:
        """Returns the mass, price, count of pieces or volume."""
        match basis:
            case Basis.WEIGHT:
                return self.weight_grams
            case Basis.VALUE:
                return self.subtotal_minor
            case Basis.QUANTITY:
                return self.pieces
            case Basis.VOLUME:
                return self.volume_cm3


@dataclass(frozen=True, slots=True)
class RateCard:
    """The price of a rate: its row as a value, which is read in each estimate."""

    code: str
    basis: Basis
    brackets: tuple[Bracket, ...]
    most: int
    free_from_minor: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """A method in a zone and a currency. It has no rate, or a refusal, where it is not offered."""

    method: str
    titles: Mapping[str, str]
    position: int
    channels: frozenset[str]
    carrier_channels: frozenset[str]
    is_pickup: bool
    schedule: Schedule
    grace_days: int
    served: ServedZone | None
    rate: RateCard | None
    refusal: Refusal | None
    split: SplitRule = SplitRule.TOGETHER


@dataclass(frozen=True, slots=True)
class Quote:
    """A method for goods: its price in minor units, or why it is not offered."""

    lane: Lane
    refusal: Refusal | None = None
    price_minor: int = 0


class DeliveryTable:
    """All delivery settings. It never changes: a new one takes its place."""

    def __init__(
        self,
        zones: Iterable[DeliveryZone],
        calendars: Iterable[DeliveryCalendar],
        methods: Iterable[DeliveryMethod],
        rates: Iterable[DeliveryRate],
        *,
        carriers: Iterable[DeliveryCarrier] = (),
        revision: int = 0,
    ) -> None:
        self.revision = revision
        self._wide: list[tuple[DeliveryZone, _Rank]] = []
        self._home: list[tuple[DeliveryZone, _Rank]] = []
        self._places: dict[str, list[tuple[DeliveryZone, _Rank, ZonePlace]]] = {}
        for zone in sorted(zones, key=lambda each: each.code):
            self._index(zone)
        self._methods = sorted(methods, key=lambda method: method.code)
        self.pickup_methods = frozenset(
            method.code for method in self._methods if method.kind is MethodKind.PICKUP
        )
        self._rates = {rate.key: rate for rate in rates}
        self._currencies = {rate.currency for rate in self._rates.values()}
        self._calendars = {calendar.code: calendar for calendar in calendars}
        self._carriers = {carrier.code: carrier for carrier in carriers}
        self._lanes: dict[tuple[str, str], tuple[Lane, ...]] = {}

    def zone_of(self, goods: Goods) -> DeliveryZone | None:
        """Returns the most specific zone of a destination."""
        postal_code = postal_key(goods.postal_code)
        home = self._home if goods.country == goods.origin else []
        found: DeliveryZone | None = None
        best = _NOWHERE
        for zone, rank in (
            *self._wide,
            *home,
            *(
                (zone, rank)
                for zone, rank, place in self._places.get(goods.country, ())
                if place.region in ("", goods.region)
                and postal_code.startswith(place.postal_prefix)
            ),
        ):
            is_for = not zone.origins or goods.origin in zone.origins
            # Of equal ranks the first code counts.
            if is_for and (rank > best or (rank == best and found and zone.code < found.code)):
                found, best = zone, rank
        return found

    def quotes(self, goods: Goods, *, has_pickup: bool = True) -> Iterator[Quote]:
        """Yields each method for goods. Raises TariffNotSet if nothing is set in the currency."""
        if goods.currency not in self._currencies:
            raise TariffNotSet(
                f"no delivery rate is set for {goods.currency}: set one, or sell in another "
                "currency",
                currency=goods.currency,
            )
        zone = self.zone_of(goods)
        for lane in self._lanes_of(zone.code if zone else "", goods.currency):
            yield _quote(lane, goods, has_pickup=has_pickup)

    def lane_of(self, method: str, goods: Goods) -> Lane | None:
        """Returns a method in the zone of a destination; None for one that is not kept."""
        zone = self.zone_of(goods)
        lanes = self._lanes_of(zone.code if zone else "", goods.currency)
        return next((lane for lane in lanes if lane.method == method), None)

    def _lanes_of(self, zone: str, currency: str) -> tuple[Lane, ...]:
        if (known := self._lanes.get((zone, currency))) is None:
            known = tuple(self._lane(method, zone, currency) for method in self._methods)
            self._lanes[zone, currency] = known
        return known

    def _lane(self, method: DeliveryMethod, zone: str, currency: str) -> Lane:
        served, rate = method.serves(zone), self._rates.get((method.code, zone, currency))
        carrier = self._carriers.get(method.carrier_code)
        refusal = None
        if method.is_disabled or (carrier and carrier.is_disabled):
            refusal = Refusal.DISABLED
        elif served is None:
            refusal = Refusal.OTHER_ZONE
        return Lane(
            method=method.code,
            titles=method.titles,
            position=method.position,
            channels=frozenset(method.channels),
            carrier_channels=frozenset(carrier.channels if carrier else ()),
            is_pickup=method.kind is MethodKind.PICKUP,
            schedule=_schedule(method, self._calendars.get(method.calendar)),
            grace_days=method.grace_days,
            served=served,
            rate=card_of(rate) if rate and not refusal else None,
            refusal=refusal,
            split=method.split,
        )

    def _index(self, zone: DeliveryZone) -> None:
        if zone.is_elsewhere:
            self._wide.append((zone, _ELSEWHERE))
        if zone.is_home:
            self._home.append((zone, _HOME))
        size = len({place.country for place in zone.places})
        for place in zone.places:
            rank = len(place.postal_prefix), bool(place.region), -size, True
            self._places.setdefault(place.country, []).append((zone, rank, place))


def card_of(rate: DeliveryRate) -> RateCard:
    """Returns the price of a rate."""
    return RateCard(rate.code, rate.basis, tuple(rate.brackets), rate.most, rate.free_from_minor)


def _quote(lane: Lane, goods: Goods, *, has_pickup: bool) -> Quote:
    if lane.refusal is not None:
        return Quote(lane, lane.refusal)
    limits = (lane.channels, lane.carrier_channels)
    if any(channels and goods.channel not in channels for channels in limits):
        return Quote(lane, Refusal.OTHER_CHANNEL)
    if lane.is_pickup and not has_pickup:
        return Quote(lane, Refusal.NO_PICKUP)
    if lane.rate is None:
        return Quote(lane, Refusal.NO_RATE)
    price = price_of(lane.rate, goods)
    return Quote(lane, price) if isinstance(price, Refusal) else Quote(lane, None, price)


def price_of(rate: RateCard, goods: Goods) -> int | Refusal:
    """Returns the price of a rate in minor units, or why it does not take the goods."""
    value = goods.value_of(rate.basis)
    bracket, _ = bracket_of(rate, value)
    if bracket is None:
        return Refusal.BELOW_LEAST
    if rate.most and value > rate.most:
        return Refusal.ABOVE_MOST
    if rate.free_from_minor is not None and goods.subtotal_minor >= rate.free_from_minor:
        return 0
    price = bracket.price_of(value)
    return price if price <= MOST_MINOR else Refusal.PRICE_TOO_HIGH


def bracket_of(rate: RateCard, value: int) -> tuple[Bracket | None, int | None]:
    """Returns the bracket of a value, None below the first one, and where the next one begins."""
    found: Bracket | None = None
    for bracket in rate.brackets:
        if bracket.least > value:
            return found, bracket.least
        found = bracket
    return found, None


def range_of(rate: RateCard, value: int) -> _Range:
    """Returns the first value with the same price, and the first one above with another."""
    if rate.most and value > rate.most:
        return rate.most + 1, None
    bracket, below = bracket_of(rate, value)
    if bracket is None:
        return 0, below
    if rate.most:
        below = rate.most + 1 if below is None else min(below, rate.most + 1)
    return bracket.range_of(value, below)


def narrowest(ranges: Iterable[_Range]) -> _Range:
    """Returns the values that are in all of some ranges."""
    least, below = 0, None
    for first, last in ranges:
        least = max(least, first)
        if last is not None:
            below = last if below is None else min(below, last)
    return least, below


def _schedule(method: DeliveryMethod, calendar: DeliveryCalendar | None) -> Schedule:
    schedule = Schedule(
        time.fromisoformat(method.cut_off) if method.cut_off else None,
        _time_zone(method.time_zone),
    )
    if calendar is None:
        return schedule
    return replace(
        schedule,
        weekdays=frozenset(calendar.weekdays) or schedule.weekdays,
        holidays=frozenset(calendar.holidays),
    )


def _time_zone(name: str) -> tzinfo:
    """Returns a time zone; UTC for the empty name, or where the database lost the zone."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
