"""Zones, brackets and methods of goods, and the days on which they arrive."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.delivery.days import Schedule, dispatch_day
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
    ZonePlace,
)
from checkout.delivery.options import delivery_bounds, delivery_options
from checkout.delivery.seeds import seeded_methods, seeded_rates, seeded_zones
from checkout.delivery.table import DeliveryTable, Goods, card_of, price_of, range_of

FRIDAY_NOON = datetime(2026, 1, 9, 12, tzinfo=UTC)


def goods(**given: Any) -> Goods:
    usual = {
        "country": "DE", "origin": "DE", "weight_grams": 500, "subtotal_minor": 10_00,
        "currency": "EUR",
    }  # fmt: skip
    return Goods(**{**usual, **given})


def a_zone(code: str, *places: ZonePlace, **given: Any) -> DeliveryZone:
    usual = {"title": code, "is_home": False, "is_elsewhere": False, "origins": []}
    return DeliveryZone(code=code, places=list(places), **{**usual, **given})


def a_method(code: str = "bike", **given: Any) -> DeliveryMethod:
    usual = {
        "kind": MethodKind.ADDRESS, "titles": {"en": "By bike"}, "carrier": "", "channels": [],
        "zones": [ServedZone("here", 1, 1)], "position": 0, "is_disabled": False,
        "cut_off": "14:00", "time_zone": "UTC", "calendar": "",
    }  # fmt: skip
    return DeliveryMethod(code=code, **{**usual, **given})


def a_rate(*brackets: Bracket, **given: Any) -> DeliveryRate:
    usual = {"method": "bike", "zone": "here", "currency": "EUR", "basis": Basis.WEIGHT}
    return DeliveryRate(code="rate", brackets=list(brackets), **{**usual, **given})


def a_table(*methods: DeliveryMethod, rates: Any = (), calendars: Any = ()) -> DeliveryTable:
    return DeliveryTable([a_zone("here", is_elsewhere=True)], calendars, methods, rates)


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "zone"),
    [
        ("DE", "", "", "domestic"),
        ("FR", "", "", "near"),
        ("US", "CA", "90001", "far"),
        ("FR", "", "98 000", "south"),
        ("ES", "CN", "35001", "canaries"),
        ("ES", "M", "28001", "iberia"),
        ("PT", "", "", "iberia"),
    ],
)
def test_the_most_specific_zone_of_an_address_counts(
    country: str, region: str, postal_code: str, zone: str
) -> None:
    zones = [
        *seeded_zones(),
        a_zone("iberia", ZonePlace("ES"), ZonePlace("PT")),
        a_zone("canaries", ZonePlace("ES", region="CN")),
        a_zone("south", ZonePlace("FR", postal_prefix="98")),
    ]
    asked = goods(country=country, region=region, postal_code=postal_code)

    found = DeliveryTable(reversed(zones), (), (), ()).zone_of(asked)

    assert found is not None
    assert found.code == zone


def test_a_country_by_its_name_is_before_the_home_country_and_a_zone_holds_its_origins() -> None:
    named = DeliveryTable([*seeded_zones(), a_zone("germany", ZonePlace("DE"))], (), (), ())
    abroad = DeliveryTable([a_zone("near", ZonePlace("FR"), origins=["DE"])], (), (), ())

    assert (named.zone_of(goods()) or seeded_zones()[2]).code == "germany"
    assert abroad.zone_of(goods(country="FR", origin="DE")) is not None
    assert abroad.zone_of(goods(country="FR", origin="US")) is None
    assert abroad.zone_of(goods(country="JP", origin="DE")) is None


steps = st.tuples(st.integers(0, 500), st.integers(1, 400)) | st.just((0, 0))


@st.composite
def rates(draw: Any) -> DeliveryRate:
    starts = sorted(draw(st.sets(st.integers(0, 5_000), min_size=1, max_size=6)))
    brackets = [
        Bracket(least, draw(st.integers(0, 10_000)), *draw(steps)) for least in starts
    ]  # fmt: skip
    most = draw(st.just(0) | st.integers(starts[-1], 9_000))
    return a_rate(*brackets, most=most, basis=draw(st.sampled_from(Basis)))


@given(rates(), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_price_holds_in_its_whole_range_and_its_bracket_is_the_last_that_begins(
    rate: DeliveryRate, value: int, other: int
) -> None:
    def priced(amount: int) -> int | Refusal:
        return price_of(
            card_of(rate),
            goods(weight_grams=amount, subtotal_minor=amount, pieces=amount, volume_cm3=amount),
        )

    least, below = range_of(card_of(rate), value)
    begun = [bracket for bracket in rate.brackets if bracket.least <= value]

    assert least <= value < (below or value + 1)
    for inside in (least, (below or value + 1) - 1, other):
        if least <= inside < (below or inside + 1):
            assert priced(inside) == priced(value)
    if not begun:
        assert priced(value) is Refusal.BELOW_LEAST
    elif rate.most and value > rate.most:
        assert priced(value) is Refusal.ABOVE_MOST
    else:
        last = begun[-1]
        started = -(-(value - last.least + 1) // last.step) if last.step else 0
        assert priced(value) == last.price_minor + started * last.step_minor


@given(st.lists(rates(), min_size=1, max_size=3), st.integers(0, 9_000), st.integers(0, 9_000))
def test_options_of_any_rates_hold_within_their_bounds(
    found: list[DeliveryRate], value: int, other: int
) -> None:
    for index, rate in enumerate(found):
        rate.method, rate.free_from_minor = f"m{index}", 3_000 if index else None
    table = a_table(*(a_method(rate.method) for rate in found), rates=found)
    same = dict.fromkeys(("weight_grams", "subtotal_minor", "pieces", "volume_cm3"), value)
    asked = goods(**same)
    bounds = delivery_bounds(asked, table=table)

    def options(**changed: int) -> Any:
        return delivery_options(goods(**{**same, **changed}), now=FRIDAY_NOON, table=table)

    for name, (least, below) in (
        ("weight_grams", bounds.weight_grams), ("subtotal_minor", bounds.subtotal_minor),
        ("pieces", bounds.pieces), ("volume_cm3", bounds.volume_cm3),
    ):  # fmt: skip
        assert least <= value < (below or value + 1)
        for inside in (least, (below or value + 1) - 1, other):
            if least <= inside < (below or inside + 1):
                assert options(**{name: inside}) == options()


def test_each_method_that_is_not_offered_has_a_reason() -> None:
    rate = a_rate(Bracket(100, 5_00), most=1_000)
    methods = {
        "a-disabled": {"is_disabled": True}, "b-channel": {"channels": ["b2b"]},
        "c-zone": {"zones": [ServedZone("mars", 1, 1)]}, "d-pickup": {"kind": MethodKind.PICKUP},
        "e-rate": {}, "bike": {},
    }  # fmt: skip
    table = a_table(*(a_method(code, **given) for code, given in methods.items()), rates=[rate])

    def refusals(**given: Any) -> list[Refusal | None]:
        return [quote.refusal for quote in table.quotes(goods(**given), has_pickup=False)]

    assert dict(zip(sorted(methods), refusals(), strict=True)) == {
        "a-disabled": Refusal.DISABLED, "b-channel": Refusal.OTHER_CHANNEL, "bike": None,
        "c-zone": Refusal.OTHER_ZONE, "d-pickup": Refusal.NO_PICKUP, "e-rate": Refusal.NO_RATE,
    }  # fmt: skip
    assert Refusal.BELOW_LEAST in refusals(weight_grams=99)
    assert Refusal.ABOVE_MOST in refusals(weight_grams=1_001)


def test_a_method_is_free_from_a_value_and_its_position_is_before_its_price() -> None:
    first, second = a_method("first", position=1), a_method("second", position=2)
    found = [
        a_rate(Bracket(0, 9_00), method="first", free_from_minor=50_00),
        a_rate(Bracket(0, 3_00), method="second", basis=Basis.QUANTITY),
    ]
    table = a_table(second, first, rates=found)

    dear = delivery_options(goods(), now=FRIDAY_NOON, table=table, locale="fr")
    free = delivery_options(goods(subtotal_minor=50_00), now=FRIDAY_NOON, table=table)

    assert [(option.id, option.price_minor) for option in dear] == [
        ("first", 9_00), ("second", 3_00),
    ]  # fmt: skip
    assert [option.price_minor for option in free] == [0, 3_00]
    assert dear[0].title == "By bike"


def test_days_follow_the_cut_off_in_the_place_and_its_calendar() -> None:
    calendar = DeliveryCalendar(
        code="berlin", title="Berlin", weekdays=[1, 2, 3, 4, 5, 6], holidays=[date(2026, 1, 10)]
    )
    method = a_method(time_zone="Europe/Berlin", calendar="berlin")
    table = a_table(method, rates=[a_rate(Bracket(0, 1_00))], calendars=[calendar])

    def arrives(now: datetime) -> date:
        (option,) = delivery_options(goods(), now=now, table=table)
        return option.earliest_on

    # 13:59 and 14:00 in Berlin; the Saturday is a holiday, the Sunday no working day.
    assert arrives(datetime(2026, 1, 9, 12, 59, tzinfo=UTC)) == date(2026, 1, 12)
    assert arrives(datetime(2026, 1, 9, 13, 0, tzinfo=UTC)) == date(2026, 1, 13)
    # 13:30 in summer time.
    assert arrives(datetime(2026, 7, 10, 11, 30, tzinfo=UTC)) == date(2026, 7, 11)


@pytest.mark.parametrize(
    ("zone", "leaves_on"),
    [("Pacific/Auckland", date(2026, 1, 12)), ("Pacific/Honolulu", date(2026, 1, 9))],
)
def test_the_day_is_that_of_the_place(zone: str, leaves_on: date) -> None:
    # Already Saturday in Auckland, still Friday morning in Honolulu.
    schedule = Schedule(time(14), ZoneInfo(zone))

    assert dispatch_day(FRIDAY_NOON.replace(hour=19), schedule) == leaves_on


def test_an_order_at_any_time_of_a_working_day_leaves_on_it_without_a_cut_off() -> None:
    assert dispatch_day(FRIDAY_NOON.replace(hour=23), Schedule()) == date(2026, 1, 9)


def test_the_seeded_rates_name_seeded_methods_that_serve_their_zones() -> None:
    methods = {method.code: method for method in seeded_methods()}
    zones = {zone.code for zone in seeded_zones()}
    keys = [rate.key for rate in seeded_rates()]

    assert len(keys) == len(set(keys)) == 7 * 20
    assert all(zone in zones and methods[method].serves(zone) for method, zone, _ in keys)
