"""Delivery settings as staff keep them: buyers' options follow, orders keep theirs."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from checkout.delivery.seeds import seeded_rates
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import delivery_pb2 as pb
from sojourn.checkout.v1.delivery_events_pb2 import DeliverySettingChanged, DeliverySettingDeleted
from sojourn.common.v1.money_pb2 import Money

STAFF = "delivery.write"
KINDS = ("zone", "calendar", "carrier", "method", "rate")


def a_zone(code: str = "islands", **given: Any) -> pb.DeliveryZone:
    places = [pb.DeliveryPlace(country="DE", postal_prefix="259")]
    return pb.DeliveryZone(**{"code": code, "title": "Islands", "places": places, **given})


def a_calendar(code: str = "ferry", **given: Any) -> pb.DeliveryCalendar:
    usual = {"title": "Ferry", "weekdays": [2, 4], "holidays": ["2026-12-24"]}
    return pb.DeliveryCalendar(code=code, **{**usual, **given})


def a_carrier(code: str = "acme", **given: Any) -> pb.DeliveryCarrier:
    usual = {
        "titles": {"en": "Acme Parcels", "de": "Acme Pakete"},
        "tracking_url_template": "https://acme.example/{language}/t?n={tracking_number}"
        "&zip={postal_code}",
        "phone_number": "+49301234567",
    }  # fmt: skip
    return pb.DeliveryCarrier(code=code, **{**usual, **given})


def a_method(code: str = "ferry", **given: Any) -> pb.DeliveryMethod:
    usual = {
        "titles": {"en": "By ferry", "de": "Mit der Fähre"}, "carrier": "ferry",
        "zones": [pb.ServedZone(zone="domestic", least_days=1, most_days=2)],
        "cut_off": "09:30", "time_zone": "Europe/Berlin",
    }  # fmt: skip
    return pb.DeliveryMethod(code=code, **{**usual, **given})


def a_rate(code: str = "ferry-domestic-eur", **given: Any) -> pb.DeliveryRate:
    brackets = [
        pb.DeliveryBracket(price_minor=3_00),
        pb.DeliveryBracket(least=5, price_minor=3_00, step_minor=50, step=1),
    ]
    usual = {
        "method": "ferry", "zone": "domestic", "currency": "EUR",
        "basis": pb.DELIVERY_BASIS_QUANTITY, "brackets": brackets, "most": 9,
        "free_from_minor": 90_00,
    }  # fmt: skip
    return pb.DeliveryRate(code=code, **{**usual, **given})


async def ask(world: World, rpc: str, /, *, key: str = "", **request: Any) -> Any:
    message = getattr(pb, f"{rpc}Request")(**request)
    token = world.tokens.staff(STAFF)
    return await world.ask(getattr(world.delivery, rpc), message, token, key=key)


async def put(world: World, setting: Any, version: int = 0) -> Any:
    name = type(setting).__name__
    field = name.removeprefix("Delivery").lower()
    return await ask(world, f"Put{name}", **{field: setting}, expected_version=version)


async def estimate(world: World, **given: Any) -> orders_pb.EstimateDeliveryResponse:
    usual = {
        "country": "DE",
        "mass_grams": 500,
        "subtotal": Money(amount_minor=10_00, currency="EUR"),
    }
    request = orders_pb.EstimateDeliveryRequest(**{**usual, **given})
    return await world.ask(world.checkouts.EstimateDelivery, request, "")


async def test_the_seeded_settings_are_rows_once(world: World) -> None:
    for _ in range(2):
        await world.components.delivery.seed()
    await ask(world, "DeleteDeliveryRate", code="express-far-kwd")
    await world.components.delivery.seed()
    codes, token = [], ""
    while True:
        page = await ask(world, "ListDeliveryRates", page={"size": 60, "token": token})
        codes += [rate.code for rate in page.rates]
        if not (token := page.next_page_token):
            break
    zones = await ask(world, "ListDeliveryZones")
    methods = await ask(world, "ListDeliveryMethods")
    some = await ask(world, "ListDeliveryRates", method="standard", zone="domestic", currency="CHF")

    assert codes == sorted({rate.code for rate in seeded_rates()} - {"express-far-kwd"})
    assert [zone.code for zone in zones.zones] == ["domestic", "far", "near"]
    assert [method.code for method in methods.methods] == ["express", "pickup", "standard"]
    assert [rate.code for rate in some.rates] == ["standard-domestic-chf"]


@pytest.mark.parametrize(
    ("setting", "changed"),
    [
        (a_zone(), a_zone(title="North Sea")),
        (a_calendar(), a_calendar(weekdays=[1])),
        (a_carrier(), a_carrier(disabled=True)),
        (a_method(), a_method(position=7)),
        (a_rate("pickup-near-eur", method="standard", zone="near", currency="BHD"),
         a_rate("pickup-near-eur", method="standard", zone="near", currency="BHD", most=0)),
    ],
    ids=KINDS,
)  # fmt: skip
async def test_a_setting_is_put_changed_under_its_version_and_deleted(
    world: World, refusal_of: Any, setting: Any, changed: Any
) -> None:
    name = type(setting).__name__
    kind = f"delivery_{name.removeprefix('Delivery').lower()}"
    first, again = await put(world, setting), await put(world, setting, 1)
    second = await put(world, changed, 1)
    read = await ask(world, f"Get{name}", code=setting.code)

    assert (first.version, again.version, second.version) == (1, 1, 2)
    assert (read, read != first) == (second, True)
    assert await refusal_of(put(world, setting, 1)) == "VERSION_MISMATCH"
    delete = {"code": setting.code, "expected_version": 1}
    assert await refusal_of(ask(world, f"Delete{name}", **delete)) == "VERSION_MISMATCH"
    for _ in range(2):
        await ask(world, f"Delete{name}", code=setting.code)
    missing = await refusal_of(ask(world, f"Get{name}", code=setting.code))
    assert missing == f"{kind.upper()}_NOT_FOUND"
    actions = await world.scalar("SELECT array_agg(action ORDER BY at, id) FROM audit")
    assert actions == [f"{kind}.put", f"{kind}.put", f"{kind}.delete"]
    told = [event.version for event in await world.service.events(DeliverySettingChanged)]
    assert told == [1, 2]
    assert [event.code for event in await world.service.events(DeliverySettingDeleted)] == [
        setting.code
    ]


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        (a_zone(title=""), "zone.title"),
        (a_zone(places=[]), "zone.places"),
        (a_zone(places=[pb.DeliveryPlace(country="XX")]), "zone.places[0].country"),
        (a_zone(places=[pb.DeliveryPlace(country="DE")] * 2), "zone.places[1]"),
        (a_zone(origins=["ZZ"]), "zone.origins[0]"),
        (a_calendar(holidays=["2026-02-30"]), "calendar.holidays[0]"),
        (a_calendar(holidays=["9999-12-31"]), "calendar.holidays[0]"),
        (a_carrier(tracking_url_template="https://acme.example/"),
         "carrier.tracking_url_template"),
        (a_carrier(tracking_url_template="https://{tracking_number}.example/"),
         "carrier.tracking_url_template"),
        (a_carrier(tracking_url_template="https://acme.example/{tracking_number}?e={email}"),
         "carrier.tracking_url_template"),
        (a_method(carrier_code="none"), "method.carrier_code"),
        (a_method(time_zone="Mars/Olympus"), "method.time_zone"),
        (a_method(time_zone="../etc/passwd"), "method.time_zone"),
        (a_method(zones=[pb.ServedZone(zone="moon")]), "method.zones[0].zone"),
        (a_method(zones=[pb.ServedZone(zone="far", least_days=3)]), "method.zones[0].most_days"),
        (a_method(calendar="none"), "method.calendar"),
        (a_rate(), "rate.method"),
        (a_rate(method="pickup", zone="far"), "rate.zone"),
        (a_rate(currency="XTS"), "rate.currency"),
        (a_rate(brackets=[pb.DeliveryBracket(least=1), pb.DeliveryBracket(least=1)]),
         "rate.brackets[1].least"),
        (a_rate(brackets=[pb.DeliveryBracket(step_minor=1)]), "rate.brackets[0].step"),
        (a_rate(brackets=[pb.DeliveryBracket(least=10)]), "rate.most"),
    ],
)  # fmt: skip
async def test_a_wrong_setting_is_refused_with_its_place_and_changes_nothing(
    world: World, setting: Any, path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await put(world, setting)

    assert refused.value.reason == "INVALID_DELIVERY_SETTING"
    assert refused.value.metadata["path"] == path
    assert await world.scalar("SELECT count(*) FROM audit") == 0


async def test_a_negative_price_is_refused(world: World, refusal_of: Any) -> None:
    rate = a_rate(brackets=[pb.DeliveryBracket(price_minor=-1)])

    assert await refusal_of(put(world, rate)) == "INVALID_FIELD"


async def test_a_second_rate_of_a_method_zone_and_currency_is_refused(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        await put(world, a_rate("other", method="standard"))

    assert refused.value.reason == "DELIVERY_RATE_EXISTS"
    assert refused.value.metadata["code"] == "standard-domestic-eur"


async def test_a_setting_in_use_is_kept_and_a_method_takes_its_rates_along(
    world: World, refusal_of: Any
) -> None:
    await put(world, a_calendar())
    await put(world, a_method(calendar="ferry"))
    await put(world, a_rate())

    for method in ("DeleteDeliveryZone", "DeleteDeliveryCalendar"):
        code = "domestic" if method.endswith("Zone") else "ferry"
        assert await refusal_of(ask(world, method, code=code)) == "DELIVERY_SETTING_IN_USE"
    await ask(world, "DeleteDeliveryMethod", code="ferry")
    await ask(world, "DeleteDeliveryCalendar", code="ferry")

    gone = ask(world, "GetDeliveryRate", code="ferry-domestic-eur")
    assert await refusal_of(gone) == "DELIVERY_RATE_NOT_FOUND"


async def test_an_import_is_stored_whole_or_not_at_all_and_a_repeat_changes_nothing(
    world: World, refusal_of: Any
) -> None:
    method = a_method(zones=[pb.ServedZone(zone="islands", least_days=1, most_days=4)])
    tariff = {
        "zones": [a_zone()], "methods": [method],
        "rates": [a_rate("ferry-islands-eur", zone="islands")],
    }  # fmt: skip
    broken = {**tariff, "rates": [*tariff["rates"], a_rate("other", zone="far")]}
    twice = {**tariff, "zones": [a_zone(), a_zone()]}

    for wrong in (broken, twice, {}):
        refused = await refusal_of(ask(world, "ImportDelivery", key=str(uuid7()), **wrong))
        assert refused == "INVALID_DELIVERY_SETTING"
    missing = await refusal_of(ask(world, "GetDeliveryZone", code="islands"))
    first = await ask(world, "ImportDelivery", key="1", **tariff)
    method.position = 3
    second = await ask(world, "ImportDelivery", key="2", **tariff)

    assert missing == "DELIVERY_ZONE_NOT_FOUND"
    assert (first.created, first.updated, first.unchanged) == (3, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 1, 2)


async def test_estimates_and_checkouts_follow_a_change_and_an_order_keeps_its_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", -1.0)
    await world.components.delivery.seed()
    _, order = await world.buy()
    owner_id = uuid7()
    begun = await world.ready(owner_id)
    await put(world, a_method())
    await put(world, a_rate())
    standard = await ask(world, "GetDeliveryMethod", code="standard")
    standard.disabled = True
    await put(world, standard, standard.version)

    few = await estimate(world, pieces=2, locale="de-DE")
    many = await estimate(world, pieces=7)
    too_many = await estimate(world, pieces=10)
    request = orders_pb.GetCheckoutRequest(checkout_id=begun.id)
    shown = await world.ask(world.checkouts.GetCheckout, request, world.shopper(owner_id))
    kept = await world.ask(
        world.orders.GetOrder, orders_pb.GetOrderRequest(order_id=order.id),
        world.tokens.staff("orders.read"),
    )  # fmt: skip

    assert [option.id for option in few.options] == ["pickup", "ferry", "express"]
    assert few.options[1].title == "Mit der Fähre"
    assert (few.options[1].price.amount_minor, many.options[1].price.amount_minor) == (300, 450)
    assert (few.pieces_from, few.pieces_below, many.pieces_from, many.pieces_below) == (0, 5, 7, 8)
    assert few.subtotal_below_minor == 90_00
    assert [option.id for option in too_many.options] == ["pickup", "express"]
    assert [option.id for option in shown.delivery_options] == ["pickup", "ferry", "express"]
    assert shown.delivery_option_id == ""
    assert "$.delivery_option_id" in [message.path for message in shown.messages]
    assert kept.delivery_option.id == "standard"


async def test_a_rate_by_volume_counts_the_packed_volume_of_what_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", -1.0)
    await world.components.delivery.seed()
    await put(world, a_method())
    brackets = [
        pb.DeliveryBracket(least=1, price_minor=4_00),
        pb.DeliveryBracket(least=10_001, price_minor=4_00, step_minor=75, step=5_000),
    ]
    by_volume = a_rate(
        basis=pb.DELIVERY_BASIS_VOLUME, brackets=brackets, most=40_000, free_from_minor=None
    )
    await put(world, by_volume)

    kept = await ask(world, "GetDeliveryRate", code=by_volume.code)
    unknown, small, large, huge = [
        await estimate(world, volume_cm3=volume) for volume in (0, 10_000, 15_001, 40_001)
    ]
    preview = await ask(
        world, "PreviewDelivery", country="DE", postal_code="10115", volume_cm3=40_001
    )
    owner_id = uuid7()
    begun = await world.ready(owner_id, quantity=3, volume_cm3=20_002)
    shown = await world.ask(
        world.checkouts.GetCheckout, orders_pb.GetCheckoutRequest(checkout_id=begun.id),
        world.shopper(owner_id),
    )  # fmt: skip
    _, order = await world.buy(quantity=3, volume_cm3=20_002)

    def ferry(options: Any) -> list[int]:
        return [each.price.amount_minor for each in options if each.id == "ferry"]

    assert (kept.basis, kept.most) == (pb.DELIVERY_BASIS_VOLUME, 40_000)
    assert [ferry(each.options) for each in (unknown, small, large, huge)] == [
        [], [4_00], [5_50], [],
    ]  # fmt: skip
    assert (small.volume_from_cm3, small.volume_below_cm3) == (1, 10_001)
    assert (large.volume_from_cm3, large.volume_below_cm3) == (15_001, 20_001)
    assert (huge.volume_from_cm3, huge.volume_below_cm3) == (40_001, 0)
    reasons = {each.method: each.refusal for each in preview.methods}
    assert reasons["ferry"] == pb.DELIVERY_REFUSAL_ABOVE_MOST
    assert ferry(shown.delivery_options) == [6_25]
    assert [line.item.volume_cm3 for line in order.lines] == [20_002]


async def test_a_preview_tells_prices_and_why_a_method_is_not_offered(
    world: World, refusal_of: Any
) -> None:
    await world.components.delivery.seed()
    await put(world, a_zone())
    await put(world, a_method("boat", disabled=True))
    await ask(world, "DeleteDeliveryRate", code="express-far-chf")

    home = await ask(
        world, "PreviewDelivery", country="DE", postal_code="10115", mass_grams=2_001,
        subtotal_minor=10_00, locale="de",
    )  # fmt: skip
    island = await ask(world, "PreviewDelivery", country="DE", postal_code="25980")
    abroad = await ask(world, "PreviewDelivery", country="JP", currency="CHF")
    no_money = ask(world, "PreviewDelivery", country="DE", currency="XTS")
    no_rate = ask(world, "PreviewDelivery", country="DE", currency="THB")

    shown = [(each.method, each.rate, each.price.amount_minor) for each in home.methods]
    assert (home.served, home.zone, shown[:3]) == (True, "domestic", [
        ("pickup", "pickup-domestic-eur", 0), ("standard", "standard-domestic-eur", 5_50),
        ("express", "express-domestic-eur", 14_10),
    ])  # fmt: skip
    assert home.methods[1].title == "Standardversand"
    assert home.methods[3].refusal == pb.DELIVERY_REFUSAL_DISABLED
    assert island.zone == "islands"
    assert {each.refusal for each in island.methods} == {
        pb.DELIVERY_REFUSAL_DISABLED, pb.DELIVERY_REFUSAL_OTHER_ZONE,
    }  # fmt: skip
    assert (abroad.served, abroad.zone) == (False, "far")
    reasons = {each.method: each.refusal for each in abroad.methods}
    assert reasons["express"] == pb.DELIVERY_REFUSAL_NO_RATE
    assert reasons["standard"] == pb.DELIVERY_REFUSAL_UNSPECIFIED
    assert await refusal_of(no_money) == "INVALID_DELIVERY_SETTING"
    assert await refusal_of(no_rate) == "TARIFF_NOT_SET"


async def test_strangers_and_other_staff_change_no_setting(world: World, refusal_of: Any) -> None:
    request = pb.PutDeliveryZoneRequest(zone=a_zone())

    for token in (world.shopper(uuid7()), world.tokens.staff("orders.write")):
        refused = await refusal_of(world.ask(world.delivery.PutDeliveryZone, request, token))
        assert refused == "SCOPE_REQUIRED"
