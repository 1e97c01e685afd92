"""Counts, adjustments, transfers and orders: the ledger adds up to what is on hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.maintenance import record_missing
from catalog.reservations import model as reservations
from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Exists, Invalid, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, forget_events
from sojourn.catalog.v1 import catalog_pb2
from sojourn.catalog.v1 import stock_admin_pb2 as pb
from sojourn.catalog.v1.stock_events_pb2 import StockAdjusted, StockLow
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
)


def a_line(
    sku: str,
    quantity: int,
    reason: pb.StockReason.ValueType = pb.STOCK_REASON_CORRECTION,
    *,
    warehouse: str = "",
) -> pb.StockAdjustment:
    return pb.StockAdjustment(sku=sku, warehouse=warehouse, quantity=quantity, reason=reason)


async def level(shop: Replica, sku: str, warehouse: str = "main") -> pb.StockLevelDetail:
    request = pb.GetStockLevelRequest(sku=sku, warehouse=warehouse)
    return await shop.as_staff(shop.stock_admin.GetStockLevel, request)  # type: ignore[no-any-return]


async def movements(shop: Replica, **chosen: Any) -> list[pb.StockMovement]:
    reply = await shop.as_staff(
        shop.stock_admin.ListStockMovements, pb.ListStockMovementsRequest(**chosen)
    )
    return list(reply.movements)


async def require_ledger(database: Database) -> None:
    """The movements of each level add up to what is on hand, and say so step by step."""
    async with database.read() as read:
        wrong = await read.fetch(
            "SELECT l.variant_id, l.warehouse, l.on_hand, l.recorded, sum(m.quantity)::int FROM "
            "stock_level l LEFT JOIN stock_movement m USING (variant_id, warehouse) GROUP BY 1, 2, "
            "3, 4 HAVING l.on_hand <> coalesce(sum(m.quantity), 0) OR l.recorded <> l.on_hand"
        )
        steps = await read.fetch(
            "SELECT m.id FROM (SELECT id, on_hand_after, sum(quantity) OVER (PARTITION BY "
            "variant_id, warehouse ORDER BY id) AS total FROM stock_movement) m WHERE "
            "m.on_hand_after <> m.total"
        )
    assert (wrong, steps) == ([], [])


async def test_each_change_of_what_is_on_hand_is_in_the_ledger(
    shop: Replica, database: Database
) -> None:
    variant_id = await shop.variant(stock=10, sku="TEA")
    await shop.warehouse("north")

    await shop.adjust(
        a_line("TEA", 5, pb.STOCK_REASON_RECEIPT),
        a_line("TEA", 2, pb.STOCK_REASON_RETURN, warehouse="north"),
        reference="DN-1",
    )
    await shop.transfer("main", "north", {"TEA": 4})
    held = await shop.reserve({variant_id: 3})
    await shop.confirm(held.id)
    await shop.release(held.id, restock=True)

    assert [
        (each.warehouse, each.quantity, each.on_hand_after, pb.StockReason.Name(each.reason)[13:])
        for each in reversed(await movements(shop, sku="TEA"))
    ] == [
        ("main", 10, 10, "OPENING"),
        ("main", 5, 15, "RECEIPT"),
        ("north", 2, 2, "RETURN"),
        ("main", -4, 11, "TRANSFER"),
        ("north", 4, 6, "TRANSFER"),
        ("main", -3, 8, "SALE"),
        ("main", 3, 11, "CANCELLATION"),
    ]
    assert len(await movements(shop, reference=held.id)) == 2
    await require_ledger(database)


async def test_an_adjustment_is_made_once_per_key(shop: Replica, database: Database) -> None:
    await shop.variant(stock=10, sku="TEA")
    await forget_events(database)

    replies = [await shop.adjust(a_line("TEA", -3), key="once") for _ in range(2)]

    assert replies[0] == replies[1]
    assert (await level(shop, "TEA")).on_hand == 7
    assert [event.on_hand for event in await events_of(database, StockAdjusted)] == [7]
    with pytest.raises(Exists, match="another request"):
        await shop.adjust(a_line("TEA", -4), key="once")


async def test_an_adjustment_is_all_or_nothing(shop: Replica) -> None:
    await shop.variant(stock=10, sku="TEA")
    held = await shop.variant(stock=4, sku="CUP")
    await shop.reserve({held: 3})

    with pytest.raises(Refused) as refusal:
        await shop.adjust(a_line("TEA", -3), a_line("CUP", -2))

    assert (refusal.value.reason, refusal.value.metadata) == (
        "BELOW_RESERVED",
        {"path": "lines[1].quantity", "reserved": "3", "on_hand": "4", "free": "1"},
    )
    assert (await level(shop, "TEA")).on_hand == 10


@pytest.mark.parametrize(
    ("lines", "reason", "path"),
    [
        ([a_line("TEA", 1), a_line("NONE", 1)], "UNKNOWN_SKU", "lines[1].sku"),
        ([a_line("TEA", 1, warehouse="moon")], "UNKNOWN_WAREHOUSE", "lines[0].warehouse"),
        ([a_line("TEA", 0)], "INVALID_STOCK_CHANGE", "lines[0].quantity"),
        (
            [a_line("TEA", -1, pb.STOCK_REASON_RECEIPT)],
            "INVALID_STOCK_CHANGE",
            "lines[0].quantity",
        ),
        ([a_line("TEA", 1, pb.STOCK_REASON_LOSS)], "INVALID_STOCK_CHANGE", "lines[0].quantity"),
        ([a_line("TEA", 1), a_line("TEA", 2)], "INVALID_STOCK_CHANGE", "lines[1]"),
        ([a_line("TEA", 1, pb.STOCK_REASON_SALE)], "INVALID_FIELD", "lines[0].reason"),
    ],
)
async def test_a_wrong_line_is_refused_with_its_place(
    shop: Replica, lines: list[pb.StockAdjustment], reason: str, path: str
) -> None:
    await shop.variant(stock=10, sku="TEA")

    with pytest.raises(Invalid) as refusal:
        await shop.adjust(*lines)

    assert (refusal.value.reason, refusal.value.metadata["path"]) == (reason, path)
    assert (await level(shop, "TEA")).on_hand == 10


async def test_a_transfer_takes_no_more_than_is_free(shop: Replica) -> None:
    variant_id = await shop.variant(stock=10, sku="TEA")
    await shop.warehouse("north")
    await shop.reserve({variant_id: 8})

    with pytest.raises(Refused) as refusal:
        await shop.transfer("main", "north", {"TEA": 3})

    assert (refusal.value.reason, refusal.value.metadata) == (
        "NOT_ENOUGH_FREE",
        {"path": "lines[0].quantity", "free": "2"},
    )


async def test_a_count_is_set_only_over_the_version_that_was_seen(shop: Replica) -> None:
    await shop.variant(stock=10, sku="TEA")
    seen = await level(shop, "TEA")
    await shop.adjust(a_line("TEA", 1))

    with pytest.raises(Stale) as refusal:
        await shop.as_staff(
            shop.stock_admin.SetStockLevel,
            pb.SetStockLevelRequest(
                sku="TEA", warehouse="main", on_hand=5, expected_version=seen.version
            ),
        )

    assert refusal.value.reason == "VERSION_MISMATCH"
    assert (await level(shop, "TEA")).on_hand == 11


async def test_safety_stock_is_not_sold(shop: Replica) -> None:
    variant_id = await shop.variant(stock=3, sku="TEA")
    rules = pb.UpdateStockRulesRequest(sku="TEA", warehouse="main", safety_stock=2)

    changed = await shop.as_staff(shop.stock_admin.UpdateStockRules, rules)

    assert (changed.on_hand, changed.available, changed.version) == (3, 1, 2)
    assert (await shop.offers(variant_id)).offers[0].available == 1
    with pytest.raises(Refused) as refusal:
        await shop.reserve({variant_id: 2})
    assert refusal.value.metadata == {"variant_id": variant_id, "available": "1"}
    rules.safety_stock = 5
    await shop.as_staff(shop.stock_admin.UpdateStockRules, rules)
    page = await shop.product(id=(await shop.offers(variant_id)).offers[0].product_id)
    assert page.variants[0].availability == AVAILABILITY_OUT_OF_STOCK


async def test_a_low_level_is_told_once_per_crossing(shop: Replica, database: Database) -> None:
    variant_id = await shop.variant(stock=10, sku="TEA")
    rules = pb.UpdateStockRulesRequest(sku="TEA", warehouse="main", low_stock_at_most=7)
    await shop.as_staff(shop.stock_admin.UpdateStockRules, rules)

    for quantity in (2, 1, 1):
        await shop.reserve({variant_id: quantity})
    low = await shop.as_staff(shop.stock_admin.ListStockLevels, pb.ListStockLevelsRequest(low=True))
    await shop.adjust(a_line("TEA", 10))
    await shop.adjust(a_line("TEA", -9))

    assert [(event.sku, event.left) for event in await events_of(database, StockLow)] == [
        ("TEA", 7),
        ("TEA", 7),
    ]
    assert [(each.sku, each.is_low) for each in low.levels] == [("TEA", True)]


async def test_levels_are_listed_page_by_page(shop: Replica, database: Database) -> None:
    await shop.import_products(*(a_product(variants=[a_variant(sku=f"S{n}")]) for n in range(5)))
    since = database.clock.now()

    first = await shop.as_staff(
        shop.stock_admin.ListStockLevels, pb.ListStockLevelsRequest(page={"size": 3})
    )
    second = await shop.as_staff(
        shop.stock_admin.ListStockLevels,
        pb.ListStockLevelsRequest(page={"size": 3, "token": first.next_page_token}),
    )
    await shop.adjust(a_line("S3", 1))
    changed = pb.ListStockLevelsRequest()
    changed.changed_since.FromDatetime(since)
    found = await shop.as_staff(shop.stock_admin.ListStockLevels, changed)

    assert sorted(each.sku for each in [*first.levels, *second.levels]) == [
        "S0",
        "S1",
        "S2",
        "S3",
        "S4",
    ]
    assert second.next_page_token == ""
    assert [each.sku for each in found.levels] == ["S3"]


async def test_a_change_of_an_older_release_is_recorded_later(
    shop: Replica, database: Database
) -> None:
    await shop.variant(stock=10, sku="TEA")
    async with database.tx() as tx:
        await tx.run("UPDATE stock_level SET on_hand = 6")

    async with database.tx() as tx:
        assert await record_missing(tx) == 1

    newest = (await movements(shop, sku="TEA"))[0]
    assert (newest.quantity, newest.reason) == (-4, pb.STOCK_REASON_UNRECORDED)
    await require_ledger(database)


steps = st.one_of(
    st.tuples(st.just("adjust"), st.sampled_from(["main", "north"]), st.integers(-8, 8)),
    st.tuples(st.just("transfer"), st.sampled_from(["main", "north"]), st.integers(1, 6)),
    st.tuples(st.just("count"), st.sampled_from(["main", "north"]), st.integers(0, 12)),
    st.tuples(st.just("reserve"), st.just(""), st.integers(1, 6)),
    st.tuples(st.just("confirm"), st.just(""), st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.just(""), st.integers(0, 5)),
)


@given(history=st.lists(steps, min_size=3, max_size=20))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_happens_the_ledger_adds_up(
    shop: Replica, database: Database, history: list[tuple[str, str, int]]
) -> None:
    await _serve_from_two_warehouses(shop, database)
    sku = f"SKU-{uuid7()}"
    variant_id = await shop.variant(stock=6, sku=sku)
    orders: list[str] = []

    for kind, warehouse, number in history:
        await _tolerating(_step(shop, kind, warehouse, number, sku, variant_id, orders))

    await require_ledger(database)
    async with database.read() as read:
        assert await reservations.drift(read) == (0, 0)


async def _serve_from_two_warehouses(shop: Replica, database: Database) -> None:
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO warehouse (code, name, country, is_default) VALUES ('north', 'North', "
            "'DE', FALSE) ON CONFLICT DO NOTHING"
        )
        await tx.run("""UPDATE channel SET warehouses = '["main", "north"]'""")
    shop.directory.__init__()  # type: ignore[misc]


async def _step(
    shop: Replica,
    kind: str,
    warehouse: str,
    number: int,
    sku: str,
    variant_id: str,
    orders: list[str],
) -> None:
    other = "north" if warehouse == "main" else "main"
    match kind:
        case "adjust":
            await shop.adjust(a_line(sku, number, warehouse=warehouse))
        case "transfer":
            await shop.transfer(warehouse, other, {sku: number})
        case "count":
            await shop.set_stock(sku, number, warehouse=warehouse)
        case "reserve":
            orders.append((await shop.reserve({variant_id: number})).id)
        case "confirm" if number < len(orders):
            await shop.confirm(orders[number])
        case "cancel" if number < len(orders):
            await shop.release(orders[number], restock=True)


async def _tolerating(step: Awaitable[object]) -> None:
    """Awaits a step that may be refused: there is not always enough."""
    try:
        await step
    except (Refused, Invalid):
        pass


async def test_buyers_of_two_warehouses_get_exactly_what_is_there(
    shop: Replica, database: Database
) -> None:
    await _serve_from_two_warehouses(shop, database)
    variant_id = await shop.variant(stock=7, sku="TEA")
    await shop.adjust(a_line("TEA", 8, warehouse="north"))
    await shop.as_staff(
        shop.stock_admin.UpdateStockRules,
        pb.UpdateStockRulesRequest(sku="TEA", warehouse="north", safety_stock=3),
    )

    outcomes = await asyncio.gather(
        *(shop.reserve({variant_id: 1 + number % 2}) for number in range(40)),
        *(shop.transfer("main", "north", {"TEA": 1}) for _ in range(3)),
        return_exceptions=True,
    )

    held = [each for each in outcomes if isinstance(each, catalog_pb2.Reservation)]
    refusals = {each.reason for each in outcomes if isinstance(each, DomainError)}
    assert refusals <= {"OUT_OF_STOCK", "NOT_ENOUGH_FREE"}
    sold = sum(line.quantity for each in held for line in each.lines)
    assert await shop.counts(variant_id) == (15, sold)
    assert sold == 12
    async with database.read() as read:
        assert await reservations.drift(read) == (0, 0)
    await require_ledger(database)


async def test_the_page_shows_what_came_in(shop: Replica) -> None:
    variant_id = await shop.variant(stock=0, sku="TEA")

    await shop.adjust(a_line("TEA", 40, pb.STOCK_REASON_RECEIPT))

    offer = (await shop.offers(variant_id)).offers[0]
    page = await shop.product(id=offer.product_id)
    assert (offer.available, page.variants[0].availability) == (40, AVAILABILITY_IN_STOCK)
    assert UUID(offer.variant_id) == UUID(variant_id)
