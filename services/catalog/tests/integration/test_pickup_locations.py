"""Pick-up locations: the stores of a large retailer, found by place, against a plain search."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.pickup_locations.queries import Place, distance_meters, find_near
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Invalid, NotFound, Stale
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica
from sojourn.catalog.v1 import pickup_locations_pb2 as pb
from sojourn.catalog.v1 import warehouses_pb2
from sojourn.catalog.v1.stock_events_pb2 import PickupLocationChanged
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
)

DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[5] / "shared/data"))
STORES = DATA / "stores.json.gz"
needs_stores = pytest.mark.skipif(not STORES.exists(), reason=f"{STORES} is not here")
_HOURS = re.compile(r"(\w{3})\w*: (\d+)(?::(\d+))?-(\d+)(?::(\d+))?")
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def a_location(code: str = "mitte", **fields: Any) -> pb.PickupLocationOfCode:
    given: dict[str, Any] = {
        "name": code.title(),
        "postal_code": "10115",
        "country": "DE",
        "latitude": 52.53,
        "longitude": 13.38,
        "time_zone": "Europe/Berlin",
        "hours": [pb.OpeningHours(day=pb.WEEKDAY_MONDAY, opens="09:00", closes="18:00")],
        **fields,
    }
    return pb.PickupLocationOfCode(code=code, location=pb.PickupLocationInput(**given))


def hours_of(text: str) -> Iterator[pb.OpeningHours]:
    """Reads "Mon: 10-9:30; …": opened before noon, closed after it."""
    for day, opens, half, closes, quarter in _HOURS.findall(text):
        yield pb.OpeningHours(
            day=pb.Weekday.ValueType(_DAYS.index(day) + 1),
            opens=f"{int(opens):02}:{half or '00'}",
            closes=f"{int(closes) + 12:02}:{quarter or '00'}" if int(closes) < 12 else "24:00",
        )


@cache
def stores() -> list[pb.PickupLocationOfCode]:
    with gzip.open(STORES) as file:
        return [
            a_location(
                f"s{store['id']}",
                name=store["name"].strip(),
                street_address=store["address"],
                address_locality=store["city"],
                address_region=store["state"],
                postal_code=store["zip"],
                country="US",
                latitude=store["location"]["lat"],
                longitude=store["location"]["lon"],
                time_zone="America/Chicago",
                hours=list(hours_of(store["hours"])),
                services=[service.strip() for service in store["services"]],
            )
            for store in json.load(file)
        ]


def parts(
    locations: list[pb.PickupLocationOfCode],
) -> Iterator[list[pb.PickupLocationOfCode]]:
    """As many at once as an import takes."""
    for start in range(0, len(locations), 500):
        yield locations[start : start + 500]


async def put(shop: Replica, location: pb.PickupLocationOfCode, version: int = 0) -> Any:
    request = pb.PutPickupLocationRequest(
        code=location.code, location=location.location, expected_version=version
    )
    return await shop.as_staff(shop.pickup_admin.PutPickupLocation, request)


async def import_locations(
    shop: Replica, locations: list[pb.PickupLocationOfCode]
) -> pb.ImportPickupLocationsResponse:
    request = pb.ImportPickupLocationsRequest(locations=locations)
    return await shop.as_staff(shop.pickup_admin.ImportPickupLocations, request)  # type: ignore[no-any-return]


async def find(shop: Replica, **asked: Any) -> pb.FindPickupLocationsResponse:
    return await shop.ask(  # type: ignore[no-any-return]
        shop.pickup.FindPickupLocations, pb.FindPickupLocationsRequest(**asked)
    )


async def test_a_location_is_made_changed_and_deleted(shop: Replica, database: Database) -> None:
    made = await put(shop, a_location())
    same = await put(shop, a_location())
    changed = await put(shop, a_location(name="Mitte II"), version=1)
    with pytest.raises(Stale):
        await put(shop, a_location(name="Mitte III"), version=1)
    warehouse = await shop.as_staff(
        shop.warehouses.GetWarehouse, warehouses_pb2.GetWarehouseRequest(code="mitte")
    )
    with pytest.raises(DomainError) as in_use:
        await shop.as_staff(
            shop.warehouses.DeleteWarehouse, warehouses_pb2.DeleteWarehouseRequest(code="mitte")
        )
    await shop.as_staff(
        shop.pickup_admin.DeletePickupLocation, pb.DeletePickupLocationRequest(code="mitte")
    )

    assert (made.version, same.version, changed.version) == (1, 1, 2)
    assert (warehouse.name, warehouse.time_zone) == ("Mitte", "Europe/Berlin")
    assert in_use.value.metadata == {"pickup_locations": "mitte"}
    assert [each.version for each in await events_of(database, PickupLocationChanged)] == [1, 2]
    with pytest.raises(NotFound):
        await shop.as_staff(
            shop.pickup_admin.GetPickupLocation, pb.GetPickupLocationRequest(code="mitte")
        )


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"latitude": 91}, "latitude"),
        ({"longitude": float("nan")}, "longitude"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"special_hours": [pb.SpecialOpeningHours(date="2026-02-30")]}, "special_hours[0].date"),
        (
            {"special_hours": [pb.SpecialOpeningHours(date="2026-02-03", opens="09:00")]},
            "special_hours[0]",
        ),
        ({"warehouse": "moon"}, "warehouse"),
    ],
)
async def test_what_makes_no_location_is_refused_with_its_place(
    shop: Replica, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as one:
        await put(shop, a_location(**fields))
    with pytest.raises(Invalid) as many:
        await import_locations(shop, [a_location("good"), a_location(**fields)])

    assert one.value.metadata["path"] == f"location.{path}"
    assert many.value.metadata["path"] == f"locations[1].location.{path}"
    assert not (await find(shop, near="52.5,13.4")).locations


async def test_locations_say_what_they_have_and_until_when_they_are_open(shop: Replica) -> None:
    await shop.variant(stock=0, sku="TEA")
    always = [
        pb.OpeningHours(day=pb.Weekday.ValueType(day), opens="00:00", closes="24:00")
        for day in range(1, 8)
    ]
    await put(shop, a_location("near", hours=always))
    await put(shop, a_location("far", latitude=52.6, hours=[]))
    await put(shop, a_location("hidden", hidden=True))
    await shop.set_stock("TEA", 40, warehouse="near")

    found = await find(shop, near="52.53,13.38", skus=["TEA"])

    assert [
        (each.location.code, each.availability[0].availability, each.is_open)
        for each in found.locations
    ] == [("near", AVAILABILITY_IN_STOCK, True), ("far", AVAILABILITY_OUT_OF_STOCK, False)]
    assert found.locations[1].distance_meters == pytest.approx(7_784, abs=5)
    with pytest.raises(Invalid) as unknown:
        await find(shop, near="52.53,13.38", skus=["TEA", "CUP"])
    assert unknown.value.metadata["path"] == "skus[1]"


async def test_a_location_that_shoppers_find_is_checked_by_its_code(shop: Replica) -> None:
    await shop.variant(stock=0, sku="TEA")
    await put(shop, a_location())
    await put(shop, a_location("hidden", hidden=True))
    await shop.set_stock("TEA", 40, warehouse="mitte")

    async def check(code: str, *skus: str) -> pb.PickupLocationFound:
        request = pb.CheckPickupLocationRequest(code=code, skus=skus)
        found: pb.PickupLocationFound = await shop.ask(shop.pickup.CheckPickupLocation, request)
        return found

    found = await check("mitte", "TEA")

    assert (found.location.name, found.location.active) == ("Mitte", True)
    assert [each.availability for each in found.availability] == [AVAILABILITY_IN_STOCK]
    for code in ("hidden", "nowhere"):
        with pytest.raises(NotFound):
            await check(code)
    with pytest.raises(Invalid):
        await check("mitte", "CUP")


async def test_a_place_is_found_by_its_postal_code_or_by_one_like_it(shop: Replica) -> None:
    await put(shop, a_location("mitte", postal_code="10115"))
    await put(shop, a_location("nord", postal_code="20095", latitude=53.55, longitude=10.0))

    exact, like = await find(shop, postcode="20095"), await find(shop, postcode="10119")

    assert ([each.location.code for each in exact.locations], exact.is_approximate) == (
        ["nord"],
        False,
    )
    assert ([each.location.code for each in like.locations], like.is_approximate) == (
        ["mitte"],
        True,
    )
    with pytest.raises(NotFound) as refusal:
        await find(shop, postcode="99999")
    assert refusal.value.reason == "PLACE_NOT_FOUND"
    for asked in ({}, {"near": "1,1", "postcode": "10115"}, {"near": "95,1"}):
        with pytest.raises(Invalid):
            await find(shop, **asked)


@needs_stores
async def test_the_stores_of_a_retailer_are_imported_once(shop: Replica) -> None:
    done = [await import_locations(shop, part) for part in parts(stores())]
    again = await import_locations(shop, stores()[:500])

    assert sum(each.created for each in done) == 1_565
    assert (again.created, again.updated, again.unchanged) == (0, 0, 500)
    first = await find(shop, near="44.8547,-93.2457", page={"size": 3})
    second = await find(
        shop, near="44.8547,-93.2457", page={"size": 3, "token": first.next_page_token}
    )
    here = Place(44.8547, -93.2457)
    nearest = sorted(
        stores(),
        key=lambda each: distance_meters(
            here, Place(each.location.latitude, each.location.longitude)
        ),
    )
    assert [each.location.code for each in [*first.locations, *second.locations]] == [
        each.code for each in nearest[:6]
    ]
    assert first.locations[0].location.name == "Mall of America"


@needs_stores
@given(
    latitude=st.floats(-90, 90) | st.floats(25, 48),
    longitude=st.floats(-180, 180) | st.floats(-125, -70),
    km=st.sampled_from([5, 100, 1_000, 20_038]),
    size=st.integers(1, 30),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_what_is_near_is_what_a_plain_search_says(
    shop: Replica, database: Database, latitude: float, longitude: float, km: int, size: int
) -> None:
    if not (await find(shop, near="44.8547,-93.2457")).locations:
        for part in parts([*stores(), *beyond()]):
            await import_locations(shop, part)
    here = Place(latitude, longitude)

    async with database.read() as read:
        found = await find_near(read, here, within_meters=km * 1_000, after=None, size=size)

    distances = sorted(
        distance
        for each in [*stores(), *beyond()]
        if (
            distance := distance_meters(
                here, Place(each.location.latitude, each.location.longitude)
            )
        )
        <= km * 1_000
    )[:size]
    assert [each.distance_meters for each in found] == pytest.approx(distances, abs=0.01)


def beyond() -> list[pb.PickupLocationOfCode]:
    """Places at the poles and at the 180th meridian."""
    places = [(90, 0), (-90, 10), (89.9, 170), (-17, 179.9), (-17, -179.9), (0, 180), (0, -180)]
    return [
        a_location(f"end-{number}", latitude=latitude, longitude=longitude)
        for number, (latitude, longitude) in enumerate(places)
    ]


async def test_an_order_that_is_picked_up_takes_the_stores_stock_first(shop: Replica) -> None:
    variant_id = await shop.variant(stock=9, sku="TEA")
    await put(shop, a_location("mitte"))
    await shop.set_stock("TEA", 2, warehouse="mitte")

    async def taken(pickup_location: str) -> list[int]:
        made = await shop.reserve({variant_id: 3}, pickup_location=pickup_location)
        async with shop.database.read() as read:
            rows = await read.fetch(
                "SELECT quantity FROM reservation_line WHERE reservation_id = %s"
                " ORDER BY warehouse <> 'mitte'",
                [made.id],
            )
        return [quantity for (quantity,) in rows]

    assert await taken("mitte") == [2, 1], "the store's two, and one of the channel's"
    assert await taken("mitte") == [3]
    assert await taken("gone") == [3]
