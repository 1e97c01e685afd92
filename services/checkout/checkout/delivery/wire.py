"""Delivery settings, estimates and previews as messages, and messages as values."""

from datetime import date
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from chassis.money import CURRENCIES
from chassis.rpc.wire import EnumCodec, money
from checkout.delivery.actions import Drafts
from checkout.delivery.carriers import carrier_from_proto
from checkout.delivery.checks import first_repeated, require, require_country
from checkout.delivery.model import (
    Basis,
    Bracket,
    DeliveryCalendar,
    DeliveryMethod,
    DeliveryRate,
    DeliveryZone,
    MethodKind,
    Refusal,
    ServedZone,
    SplitRule,
    ZonePlace,
)
from checkout.delivery.options import DeliveryEstimate, DeliveryOption
from checkout.delivery.table import MOST_VOLUME_CM3, MOST_WEIGHT_GRAMS, Goods, Quote
from checkout.errors.delivery import InvalidDeliverySetting
from checkout.orders.messages import option_to_proto
from checkout.texts import title_in
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import delivery_pb2 as pb

_KINDS: Final = EnumCodec(pb.DeliveryMethodKind, MethodKind, unspecified=MethodKind.ADDRESS)
_BASES: Final = EnumCodec(pb.DeliveryBasis, Basis, unspecified=Basis.WEIGHT)
_SPLITS: Final = EnumCodec(pb.DeliverySplit, SplitRule, unspecified=SplitRule.TOGETHER)
_REFUSALS: Final = EnumCodec(pb.DeliveryRefusal, Refusal)
_TOGETHER: Final = pb.DELIVERY_SPLIT_TOGETHER
# Of all settings of an import.
_MOST_IMPORTED: Final = 2_000


def goods_from_proto(
    request: checkout_pb2.EstimateDeliveryRequest, *, country: str, origin: str, channel: str
) -> Goods:
    """Bounds the mass and the volume. The currency defaults to EUR."""
    return Goods(
        country=country,
        region=request.region,
        postal_code=request.postal_code,
        origin=origin,
        weight_grams=max(0, min(request.mass_grams, MOST_WEIGHT_GRAMS)),
        volume_cm3=max(0, min(request.volume_cm3, MOST_VOLUME_CM3)),
        subtotal_minor=request.subtotal.amount_minor,
        currency=request.subtotal.currency or "EUR",
        pieces=request.pieces or 1,
        channel=channel,
    )


def estimate_to_proto(estimate: DeliveryEstimate) -> checkout_pb2.EstimateDeliveryResponse:
    bounds = estimate.bounds
    return checkout_pb2.EstimateDeliveryResponse(
        options=[option_to_proto(option) for option in estimate.options],
        mass_from_grams=bounds.weight_grams[0],
        mass_below_grams=bounds.weight_grams[1],
        subtotal_from_minor=bounds.subtotal_minor[0],
        subtotal_below_minor=bounds.subtotal_minor[1] or 0,
        pieces_from=bounds.pieces[0],
        pieces_below=bounds.pieces[1] or 0,
        volume_from_cm3=bounds.volume_cm3[0],
        volume_below_cm3=bounds.volume_cm3[1] or 0,
    )


def drafts_from_proto(request: pb.ImportDeliveryRequest) -> Drafts:
    """Returns the settings of an import. Raises InvalidDeliverySetting."""
    drafts = Drafts(
        zones=[
            (path := f"zones[{index}]", zone_from_proto(each, path))
            for index, each in enumerate(request.zones)
        ],
        calendars=[
            (path := f"calendars[{index}]", calendar_from_proto(each, path))
            for index, each in enumerate(request.calendars)
        ],
        carriers=[
            (path := f"carriers[{index}]", carrier_from_proto(each, path))
            for index, each in enumerate(request.carriers)
        ],
        methods=[
            (path := f"methods[{index}]", method_from_proto(each, path))
            for index, each in enumerate(request.methods)
        ],
        rates=[
            (path := f"rates[{index}]", rate_from_proto(each, path))
            for index, each in enumerate(request.rates)
        ],
    )
    if not 0 < len(drafts.settings) <= _MOST_IMPORTED:
        raise InvalidDeliverySetting(path="", problem=f"name 1 to {_MOST_IMPORTED} settings")
    return drafts


def zone_from_proto(message: pb.DeliveryZone, path: str) -> DeliveryZone:
    """Returns the zone of a message at a path of the request. Raises InvalidDeliverySetting."""
    require(message.code, f"{path}.code")
    require(message.title, f"{path}.title")
    places = [ZonePlace(each.country, each.region, each.postal_prefix) for each in message.places]
    for index, place in enumerate(places):
        require_country(place.country, f"{path}.places[{index}].country")
    if (twice := first_repeated(places)) is not None:
        raise InvalidDeliverySetting(path=f"{path}.places[{twice}]", problem="it is there twice")
    for index, country in enumerate(message.origins):
        require_country(country, f"{path}.origins[{index}]")
    if not places and not message.home and not message.elsewhere:
        raise InvalidDeliverySetting(path=f"{path}.places", problem="the zone has no place")
    return DeliveryZone(
        code=message.code,
        title=message.title,
        places=places,
        is_home=message.home,
        is_elsewhere=message.elsewhere,
        origins=sorted(message.origins),
    )


def zone_to_proto(zone: DeliveryZone) -> pb.DeliveryZone:
    return pb.DeliveryZone(
        code=zone.code,
        title=zone.title,
        places=[
            pb.DeliveryPlace(
                country=place.country, region=place.region, postal_prefix=place.postal_prefix
            )
            for place in zone.places
        ],
        home=zone.is_home,
        elsewhere=zone.is_elsewhere,
        origins=zone.origins,
        version=zone.version,
    )


def calendar_from_proto(message: pb.DeliveryCalendar, path: str) -> DeliveryCalendar:
    """Returns the calendar of a message. Raises InvalidDeliverySetting."""
    require(message.code, f"{path}.code")
    require(message.title, f"{path}.title")
    return DeliveryCalendar(
        code=message.code,
        title=message.title,
        weekdays=sorted(message.weekdays),
        holidays=sorted(
            _day(text, f"{path}.holidays[{index}]") for index, text in enumerate(message.holidays)
        ),
    )


def calendar_to_proto(calendar: DeliveryCalendar) -> pb.DeliveryCalendar:
    return pb.DeliveryCalendar(
        code=calendar.code,
        title=calendar.title,
        weekdays=calendar.weekdays,
        holidays=[day.isoformat() for day in calendar.holidays],
        version=calendar.version,
    )


def method_from_proto(message: pb.DeliveryMethod, path: str) -> DeliveryMethod:
    """Returns the method of a message. Raises InvalidDeliverySetting."""
    require(message.code, f"{path}.code")
    for index, served in enumerate(message.zones):
        if served.most_days < served.least_days:
            field = f"{path}.zones[{index}].most_days"
            raise InvalidDeliverySetting(path=field, problem="less than least_days")
    if (twice := first_repeated([served.zone for served in message.zones])) is not None:
        field = f"{path}.zones[{twice}].zone"
        raise InvalidDeliverySetting(path=field, problem="it is there twice")
    if message.pickup_days and message.kind != pb.DELIVERY_METHOD_KIND_PICKUP:
        raise InvalidDeliverySetting(path=f"{path}.pickup_days", problem="it is not picked up")
    if message.pickup_reminder_days and message.pickup_reminder_days >= message.pickup_days:
        field = f"{path}.pickup_reminder_days"
        raise InvalidDeliverySetting(path=field, problem="not less than pickup_days")
    if message.HasField("pickup_cancel_days") and not message.pickup_days:
        field = f"{path}.pickup_cancel_days"
        raise InvalidDeliverySetting(path=field, problem="needs pickup_days, after which it counts")
    if message.kind == pb.DELIVERY_METHOD_KIND_PICKUP and message.split > _TOGETHER:
        raise InvalidDeliverySetting(path=f"{path}.split", problem="it is picked up at once")
    if message.time_zone and message.time_zone not in _time_zones():
        raise InvalidDeliverySetting(path=f"{path}.time_zone", problem="no IANA time zone")
    return DeliveryMethod(
        code=message.code,
        kind=_KINDS.decode(message.kind),
        titles=dict(sorted(message.titles.items())),
        carrier=message.carrier,
        channels=sorted(message.channels),
        zones=[ServedZone(each.zone, each.least_days, each.most_days) for each in message.zones],
        position=message.position,
        is_disabled=message.disabled,
        cut_off=message.cut_off,
        time_zone=message.time_zone,
        calendar=message.calendar,
        carrier_code=message.carrier_code,
        grace_days=message.grace_days,
        pickup_days=message.pickup_days,
        pickup_reminder_days=message.pickup_reminder_days,
        pickup_cancel_days=message.pickup_cancel_days
        if message.HasField("pickup_cancel_days")
        else None,
        split=_SPLITS.decode(message.split),
    )


def method_to_proto(method: DeliveryMethod) -> pb.DeliveryMethod:
    return pb.DeliveryMethod(
        code=method.code,
        kind=_KINDS.encode(method.kind),
        titles=method.titles,
        carrier=method.carrier,
        channels=method.channels,
        zones=[
            pb.ServedZone(
                zone=served.zone, least_days=served.least_days, most_days=served.most_days
            )
            for served in method.zones
        ],
        position=method.position,
        disabled=method.is_disabled,
        cut_off=method.cut_off,
        time_zone=method.time_zone,
        calendar=method.calendar,
        carrier_code=method.carrier_code,
        grace_days=method.grace_days,
        pickup_days=method.pickup_days,
        pickup_reminder_days=method.pickup_reminder_days,
        pickup_cancel_days=method.pickup_cancel_days,
        split=_SPLITS.encode(method.split),
        version=method.version,
    )


def rate_from_proto(message: pb.DeliveryRate, path: str) -> DeliveryRate:
    """Returns the rate of a message. Raises InvalidDeliverySetting."""
    for name in ("code", "method", "zone", "currency"):
        require(getattr(message, name), f"{path}.{name}")
    if message.currency not in CURRENCIES:
        raise InvalidDeliverySetting(path=f"{path}.currency", problem="no active ISO 4217 code")
    brackets = [
        Bracket(each.least, each.price_minor, each.step_minor, each.step)
        for each in message.brackets
    ]
    for index, bracket in enumerate(brackets):
        field = f"{path}.brackets[{index}]"
        if index and bracket.least <= brackets[index - 1].least:
            problem = "not above the bracket before: brackets rise and do not overlap"
            raise InvalidDeliverySetting(path=f"{field}.least", problem=problem)
        if bool(bracket.step) is not bool(bracket.step_minor):
            problem = "step and step_minor go together"
            raise InvalidDeliverySetting(path=f"{field}.step", problem=problem)
    if message.most and brackets and message.most < brackets[-1].least:
        raise InvalidDeliverySetting(path=f"{path}.most", problem="below the last bracket")
    return DeliveryRate(
        code=message.code,
        method=message.method,
        zone=message.zone,
        currency=message.currency,
        basis=_BASES.decode(message.basis),
        brackets=brackets,
        most=message.most,
        free_from_minor=message.free_from_minor if message.HasField("free_from_minor") else None,
    )


def rate_to_proto(rate: DeliveryRate) -> pb.DeliveryRate:
    return pb.DeliveryRate(
        code=rate.code,
        method=rate.method,
        zone=rate.zone,
        currency=rate.currency,
        basis=_BASES.encode(rate.basis),
        brackets=[
            pb.DeliveryBracket(
                least=each.least,
                price_minor=each.price_minor,
                step_minor=each.step_minor,
                step=each.step,
            )
            for each in rate.brackets
        ],
        most=rate.most,
        free_from_minor=rate.free_from_minor,
        version=rate.version,
    )


def goods_of_preview(request: pb.PreviewDeliveryRequest, *, origin: str, channel: str) -> Goods:
    """Returns the goods of a preview. Raises InvalidDeliverySetting."""
    currency = request.currency or "EUR"
    if currency not in CURRENCIES:
        raise InvalidDeliverySetting(path="currency", problem="no active ISO 4217 code")
    return Goods(
        country=request.country,
        region=request.region,
        postal_code=request.postal_code,
        origin=origin,
        weight_grams=request.mass_grams,
        volume_cm3=request.volume_cm3,
        subtotal_minor=request.subtotal_minor,
        currency=currency,
        pieces=request.pieces or 1,
        channel=channel,
    )


def quote_to_proto(
    quote: Quote, option: DeliveryOption | None, locale: str
) -> pb.PreviewedDelivery:
    lane = quote.lane
    message = pb.PreviewedDelivery(
        method=lane.method,
        title=title_in(lane.titles, locale, otherwise=lane.method),
        rate=lane.rate.code if lane.rate else "",
    )
    if quote.refusal is not None:
        message.refusal = _REFUSALS.encode(quote.refusal)
    if option is not None:
        message.price.CopyFrom(money(option.price_minor, option.currency))
        message.earliest_on = option.earliest_on.isoformat()
        message.latest_on = option.latest_on.isoformat()
    return message


def _day(text: str, path: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidDeliverySetting(path=path, problem="no day of the calendar") from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise InvalidDeliverySetting(path=path, problem="not of the years 1900 to 2199")
    return day


_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
