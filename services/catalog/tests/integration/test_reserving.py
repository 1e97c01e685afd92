from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from catalog.reservations import model as reservations
from catalog.stock import model as stock
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Exists, Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur, events_of, eventually
from services.catalog.tests.catalog_replica import (
    Replica,
    a_product,
    a_variant,
    forget_events,
    replica,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.events_pb2 import ProductChanged, ReservationExpired
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
    AVAILABILITY_LOW_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
)


async def test_a_reservation_holds_stock_until_it_is_confirmed(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)

    held = await shop.reserve({variant_id: 3})

    assert (held.status, [(line.variant_id, line.quantity) for line in held.lines]) == (
        pb.RESERVATION_STATUS_HELD,
        [(variant_id, 3)],
    )
    assert await shop.counts(variant_id) == (10, 3)
    assert (await shop.confirm(held.id)).status == pb.RESERVATION_STATUS_CONFIRMED
    assert await shop.counts(variant_id) == (7, 0)


async def test_all_lines_are_reserved_or_none(shop: Replica) -> None:
    plenty, scarce = await shop.variant(stock=10), await shop.variant(stock=1)

    with pytest.raises(Refused) as refusal:
        await shop.reserve({plenty: 2, scarce: 2})

    assert (refusal.value.reason, refusal.value.metadata) == (
        "OUT_OF_STOCK",
        {"variant_id": scarce, "available": "1"},
    )
    assert (await shop.counts(plenty), await shop.counts(scarce)) == ((10, 0), (1, 0))


async def test_fifty_buyers_of_ten_units_get_exactly_ten(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=10)

    outcomes = await asyncio.gather(
        *(shop.reserve({variant_id: 1}) for _ in range(50)), return_exceptions=True
    )

    refusals = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert (len(outcomes) - len(refusals), {refusal.reason for refusal in refusals}) == (
        10,
        {"OUT_OF_STOCK"},
    )
    assert await shop.counts(variant_id) == (10, 10)
    async with database.read() as read:
        assert await reservations.drift(read) == (0, 0)


async def test_crossed_orders_of_several_variants_never_block_each_other(
    shop: Replica, database: Database
) -> None:
    variants = [await shop.variant(stock=30) for _ in range(4)]
    orders = [
        {variants[i % 4]: 1, variants[(i + 1) % 4]: 1, variants[(i + 2) % 4]: 1} for i in range(40)
    ]

    outcomes = await asyncio.gather(
        *(shop.reserve(order) for order in orders), return_exceptions=True
    )

    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert [await shop.counts(variant_id) for variant_id in variants] == [(30, 30)] * 4


async def test_a_repeat_answers_what_the_first_call_did(shop: Replica) -> None:
    variant_id, reservation_id = await shop.variant(stock=10), str(uuid7())

    replies = await asyncio.gather(
        *(shop.reserve({variant_id: 4}, reservation_id=reservation_id) for _ in range(5))
    )

    assert {(reply.id, reply.status, reply.lines[0].quantity) for reply in replies} == {
        (reservation_id, pb.RESERVATION_STATUS_HELD, 4)
    }
    assert await shop.counts(variant_id) == (10, 4)


async def test_a_repeat_with_other_lines_is_refused(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)
    held = await shop.reserve({variant_id: 4})

    with pytest.raises(Exists) as refusal:
        await shop.reserve({variant_id: 5}, reservation_id=held.id)

    assert refusal.value.reason == "KEY_REUSED"


async def test_confirming_twice_takes_stock_once(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)
    held = await shop.reserve({variant_id: 4})

    statuses = [(await shop.confirm(held.id)).status for _ in range(2)]

    assert statuses == [pb.RESERVATION_STATUS_CONFIRMED] * 2
    assert await shop.counts(variant_id) == (6, 0)


async def test_a_release_gives_stock_back_once(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)
    held = await shop.reserve({variant_id: 4})

    statuses = [(await shop.release(held.id)).status for _ in range(2)]

    assert statuses == [pb.RESERVATION_STATUS_RELEASED] * 2
    assert await shop.counts(variant_id) == (10, 0)
    with pytest.raises(Refused) as refusal:
        await shop.confirm(held.id)
    assert refusal.value.reason == "RESERVATION_RELEASED"


async def test_a_release_that_comes_first_refuses_the_reservation(shop: Replica) -> None:
    variant_id, reservation_id = await shop.variant(stock=10), str(uuid7())

    tombstone = await shop.release(reservation_id)

    assert tombstone.status == pb.RESERVATION_STATUS_RELEASED
    with pytest.raises(Refused) as refusal:
        await shop.reserve({variant_id: 1}, reservation_id=reservation_id)
    assert refusal.value.reason == "RESERVATION_RELEASED"
    assert await shop.counts(variant_id) == (10, 0)


async def test_confirmed_stock_goes_back_on_hand_only_when_it_is_restocked(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)
    held = await shop.reserve({variant_id: 4})
    await shop.confirm(held.id)

    assert (await shop.release(held.id)).status == pb.RESERVATION_STATUS_CONFIRMED
    assert await shop.counts(variant_id) == (6, 0)

    assert [(await shop.release(held.id, restock=True)).status for _ in range(2)] == [
        pb.RESERVATION_STATUS_RELEASED
    ] * 2
    assert await shop.counts(variant_id) == (10, 0)


async def test_a_reservation_expires_at_its_business_time(
    shop: Replica, database: Database
) -> None:
    variant_id = await shop.variant(stock=10)
    held = await shop.reserve({variant_id: 4}, minutes=15)

    database.clock.shift_to(15 * 60 + 1)

    async def expired() -> bool:
        return (await shop.counts(variant_id)) == (10, 0)

    await eventually(expired)
    assert await events_of(database, ReservationExpired, held.id) == [
        ReservationExpired(reservation_id=held.id)
    ]
    with pytest.raises(Refused) as refusal:
        await shop.confirm(held.id)
    assert refusal.value.reason == "RESERVATION_EXPIRED"
    assert (await shop.release(held.id)).status == pb.RESERVATION_STATUS_EXPIRED


async def test_a_confirmed_reservation_does_not_expire(shop: Replica, database: Database) -> None:
    kept, other = await shop.variant(stock=10), await shop.variant(stock=10)
    held = await shop.reserve({kept: 4}, minutes=5)
    await shop.confirm(held.id)
    later = await shop.reserve({other: 1}, minutes=10)

    database.clock.shift_to(11 * 60)

    async def expired() -> bool:
        request = pb.GetReservationRequest(reservation_id=later.id)
        return bool(
            (await shop.as_checkout(shop.stock.GetReservation, request)).status
            == pb.RESERVATION_STATUS_EXPIRED
        )

    await eventually(expired)
    assert await shop.counts(kept) == (6, 0)


async def test_a_line_is_served_by_several_warehouses_of_the_channel(database: Database) -> None:
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO warehouse (code, name, country, is_default) VALUES ('far', '', 'PL', "
            "FALSE), ('other', '', 'US', FALSE)"
        )
        await tx.run("""UPDATE channel SET warehouses = '["main", "far"]'""")
    variant = a_variant(stock=2)
    variant.initial_stock.update({"far": 3, "other": 50})

    async with replica(database) as shop:
        imported = await shop.import_products(a_product(variants=[variant]))
        variant_id = (await shop.product(id=imported.product_ids[0])).variants[0].id
        held = await shop.reserve({variant_id: 4})
        with pytest.raises(Refused) as refusal:
            await shop.reserve({variant_id: 2})

    async with database.read() as read:
        levels = {
            level.warehouse: level.reserved
            for level in await stock.levels_of(read, [UUID(variant_id)])
        }
    assert (levels, [line.quantity for line in held.lines]) == (
        {"main": 2, "far": 2, "other": 0},
        [4],
    )
    assert refusal.value.metadata["available"] == "1"


@pytest.mark.parametrize("quantity", [0, -1])
async def test_a_quantity_must_be_positive(shop: Replica, quantity: int) -> None:
    variant_id = await shop.variant(stock=10)

    with pytest.raises(Invalid) as refusal:
        await shop.reserve({variant_id: quantity})

    assert (refusal.value.reason, refusal.value.metadata["path"]) == (
        "INVALID_FIELD",
        "lines[0].quantity",
    )


async def test_a_reservation_in_the_past_is_refused(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10)

    with pytest.raises(Invalid) as refusal:
        await shop.reserve({variant_id: 1}, minutes=-1)

    assert refusal.value.reason == "INVALID_RESERVATION"
    assert await shop.counts(variant_id) == (10, 0)


async def test_an_unknown_reservation_is_not_found(shop: Replica) -> None:
    with pytest.raises(NotFound) as refusal:
        await shop.confirm(str(uuid7()))

    assert refusal.value.reason == "RESERVATION_NOT_FOUND"


async def test_held_reservations_are_listed_oldest_first(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=10)
    held = [await shop.reserve({variant_id: 1}) for _ in range(3)]
    await shop.confirm(held[1].id)

    listed = await shop.as_checkout(
        shop.stock.ListHeldReservations, pb.ListHeldReservationsRequest()
    )
    earlier = pb.ListHeldReservationsRequest(made_before=Timestamp(seconds=1))

    assert [reservation.id for reservation in listed.reservations] == [held[0].id, held[2].id]
    assert not (await shop.as_checkout(shop.stock.ListHeldReservations, earlier)).reservations


async def test_the_page_shows_a_class_when_it_changes_and_only_then(
    shop: Replica, database: Database
) -> None:
    imported = await shop.import_products(a_product(variants=[a_variant(stock=7)]))
    product_id = imported.product_ids[0]
    before = await shop.product(id=product_id)
    variant_id = before.variants[0].id
    await forget_events(database)

    one = await shop.reserve({variant_id: 1})
    unchanged = await shop.product(id=product_id)
    assert (unchanged.variants[0].availability, unchanged.version) == (
        AVAILABILITY_IN_STOCK,
        before.version,
    )
    assert await events_of(database, ProductChanged, product_id) == []

    await shop.reserve({variant_id: 2})
    low = await shop.product(id=product_id)
    assert (low.variants[0].availability, low.version) == (
        AVAILABILITY_LOW_STOCK,
        before.version + 1,
    )

    await shop.reserve({variant_id: 4})
    assert (await shop.product(id=product_id)).variants[0].availability == AVAILABILITY_OUT_OF_STOCK

    await shop.release(one.id)
    back = await shop.product(id=product_id, currency="USD")
    assert (back.variants[0].availability, back.version) == (
        AVAILABILITY_LOW_STOCK,
        before.version + 3,
    )
    assert [event.version for event in await events_of(database, ProductChanged, product_id)] == [
        low.version,
        low.version + 1,
        low.version + 2,
    ]
    assert (
        await shop.found("", filters=[pb.FacetFilter(name="availability", values=["low_stock"])])
    ).products[0].price_from == eur(50_00)


async def test_staff_cannot_count_below_what_is_reserved(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10, sku="COUNTED")
    await shop.reserve({variant_id: 4})

    with pytest.raises(Refused) as refusal:
        await shop.set_stock("COUNTED", 3)

    assert (refusal.value.reason, refusal.value.metadata["reserved"]) == ("BELOW_RESERVED", "4")
    level = await shop.set_stock("COUNTED", 4)
    assert (level.on_hand, level.reserved) == (4, 4)


async def test_a_count_leaves_an_audit_row_and_shows_on_the_page(
    shop: Replica, database: Database
) -> None:
    await shop.variant(stock=0, sku="COUNTED")

    await shop.set_stock("COUNTED", 8)

    async with database.read() as read:
        rows = await read.fetch(
            "SELECT action, subject, before, after FROM audit WHERE action = 'set_stock'"
        )
    assert rows == [
        (
            "set_stock",
            "sku:COUNTED",
            {"warehouse": "main", "on_hand": 0, "reserved": 0},
            {"warehouse": "main", "on_hand": 8, "reserved": 0},
        )
    ]
    levels = (await shop.as_staff(shop.admin.GetStock, pb.GetStockRequest(sku="COUNTED"))).levels
    assert [(level.warehouse, level.on_hand) for level in levels] == [("main", 8)]


@pytest.mark.parametrize(
    ("sku", "warehouse", "reason"),
    [("NONE", "", "VARIANT_NOT_FOUND"), ("KNOWN", "moon", "WAREHOUSE_NOT_FOUND")],
)
async def test_counting_something_unknown_is_refused(
    shop: Replica, sku: str, warehouse: str, reason: str
) -> None:
    await shop.variant(stock=1, sku="KNOWN")

    with pytest.raises(NotFound) as refusal:
        await shop.set_stock(sku, 1, warehouse=warehouse)

    assert refusal.value.reason == reason
