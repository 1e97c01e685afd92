"""The order desk: search, tags, holds, notes and timelines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from psycopg import AsyncRawCursor

from chassis.data.statements import compiled
from chassis.runtime.clock import uuid7
from checkout.desk.search import OrderSearch, OrderSort, search_statement
from checkout.orders.model import OrderStatus
from checkout.payments.model import PaymentStatus
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import order_desk_pb2 as pb
from sojourn.checkout.v1.order_desk_events_pb2 import (
    OrderHeld,
    OrderNoteChanged,
    OrderReleased,
    OrderTagsChanged,
)


async def staff(world: World, method: str, **request: Any) -> Any:
    message = getattr(pb, f"{method}Request")(**request)
    token = world.tokens.staff("orders.write")
    return await world.ask(getattr(world.desk, method), message, token, key=str(uuid7()))


async def found(world: World, **search: Any) -> list[str]:
    """Returns the numbers of the orders that a search finds."""
    answer = await staff(world, "SearchOrders", **search)
    return [each.order.number for each in answer.orders]


async def ship(world: World, order: checkout_pb2.Order) -> checkout_pb2.Order:
    request = checkout_pb2.CreateShipmentRequest(order_id=order.id, carrier="DHL")
    token = world.tokens.staff("orders.write")
    return await world.ask(world.orders.CreateShipment, request, token, key=str(uuid7()))


async def timeline(world: World, order_id: str, token: str) -> list[pb.OrderTimelineEntry]:
    request = pb.GetOrderTimelineRequest(order_id=order_id)
    return list((await world.ask(world.timelines.GetOrderTimeline, request, token)).entries)


async def test_orders_are_found_by_each_filter_and_by_all_together(world: World) -> None:
    ada, first = await world.buy(sku="MUG-S", title="Blue mug")
    ben, second = await world.buy(quantity=2)
    await staff(world, "TagOrders", order_ids=[first.id], add=["gift", "vip"])
    await staff(world, "HoldOrder", order_id=second.id, reason=pb.HOLD_REASON_FRAUD)
    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET email = 'Ben@Example.org' WHERE id = %s", [UUID(second.id)])
    one, two = first.number, second.number
    later = Timestamp(seconds=first.placed_at.seconds + 86_400)
    by_first: list[dict[str, Any]] = [
        {"number": one.lower()}, {"email": "ADA@example.org"}, {"customer_id": str(ada)},
        {"sku": "MUG-S"}, {"tags": ["gift", "vip"]}, {"on_hold": False},
        {"currency": "EUR", "total_to_minor": 29_90},
    ]  # fmt: skip
    by_second: list[dict[str, Any]] = [
        {"email": "ben@example.org"}, {"on_hold": True}, {"customer_id": str(ben)},
        {"currency": "EUR", "total_from_minor": 29_91},
    ]  # fmt: skip
    by_both: list[dict[str, Any]] = [
        {}, {"channel": first.channel}, {"country": "DE"}, {"payment_method": "card"},
        {"payment_status": checkout_pb2.PAYMENT_STATUS_CAPTURED}, {"placed_to": later},
        {"placed_from": first.placed_at}, {"statuses": [checkout_pb2.ORDER_STATUS_PLACED]},
    ]  # fmt: skip
    by_none: list[dict[str, Any]] = [
        {"email": "eve@example.org"}, {"sku": "NONE"}, {"tags": ["gift", "none"]},
        {"country": "FR"}, {"channel": "nowhere"}, {"placed_from": later},
        {"customer_id": str(uuid7())}, {"organization_id": str(uuid7())},
        {"payment_status": checkout_pb2.PAYMENT_STATUS_PENDING}, {"payment_method": "x"},
        {"statuses": [checkout_pb2.ORDER_STATUS_REFUSED]},
    ]  # fmt: skip

    assert [await found(world, **search) for search in by_first] == [[one]] * len(by_first)
    assert [await found(world, **search) for search in by_second] == [[two]] * len(by_second)
    assert [await found(world, **search) for search in by_both] == [[two, one]] * len(by_both)
    assert [await found(world, **search) for search in by_none] == [[]] * len(by_none)
    together = {key: value for search in (*by_first, *by_both) for key, value in search.items()}
    assert await found(world, **together) == [one]


async def test_pages_follow_each_other_in_every_order(world: World, refusal_of: Any) -> None:
    bought = [(await world.buy(quantity=count))[1] for count in (2, 1, 1)]
    a, b, c = (order.number for order in bought)
    orders = {
        pb.ORDER_SORT_UNSPECIFIED: [c, b, a],
        pb.ORDER_SORT_NEWEST: [c, b, a],
        pb.ORDER_SORT_OLDEST: [a, b, c],
        pb.ORDER_SORT_TOTAL_DESCENDING: [a, c, b],
        pb.ORDER_SORT_TOTAL_ASCENDING: [b, c, a],
    }

    for sort, expected in orders.items():
        seen, token = list[str](), ""
        for _ in expected:
            answer = await staff(
                world, "SearchOrders", currency="EUR", sort=sort, page_size=1, page_token=token
            )
            seen += [each.order.number for each in answer.orders]
            token = answer.next_page_token
        assert (seen, token) == (expected, "")

    wrong = staff(world, "SearchOrders", page_token="bm90aGluZw")
    assert await refusal_of(wrong) == "INVALID_PAGE_TOKEN"
    assert await refusal_of(staff(world, "SearchOrders", total_to_minor=1)) == (
        "INVALID_ORDER_SEARCH"
    )


async def test_no_filter_scans_all_orders(world: World) -> None:
    await world.buy()
    async with world.database.tx() as tx:
        await tx.run(_COPIES, [5_000])
        await tx.run("ANALYZE orders")
    searches = [
        OrderSearch(number="S-7"), OrderSearch(email="someone7@example.org"),
        OrderSearch(customer_id=uuid7()), OrderSearch(organization_id=uuid7()),
        OrderSearch(sku="NONE"), OrderSearch(tags=["gift"]), OrderSearch(is_held=True),
        OrderSearch(statuses=[OrderStatus.PARTIALLY_SHIPPED]), OrderSearch(country="FR"),
        OrderSearch(payment_status=PaymentStatus.PENDING), OrderSearch(),
        OrderSearch(placed_from=world.clock.now()), OrderSearch(channel="nowhere"),
        OrderSearch(currency="EUR", total_from_minor=10**9),
        OrderSearch(currency="EUR", sort=OrderSort.TOTAL_ASCENDING),
        OrderSearch(payment_method="card"), OrderSearch(sort=OrderSort.OLDEST),
    ]  # fmt: skip

    for search in searches:
        shape, values = compiled(search_statement(search, None, limit=21))
        async with world.database.read() as read:
            connection = await read.connected()
            cursor = await AsyncRawCursor(connection).execute(
                b"EXPLAIN " + shape.query, shape.bind({**shape.values, **values})
            )
            plan = "\n".join(row[0] for row in await cursor.fetchall())
        assert "Seq Scan on orders" not in plan, (search, plan)


async def test_tags_of_many_orders_change_together_and_once(world: World, refusal_of: Any) -> None:
    orders = [(await world.buy())[1] for _ in range(2)]
    ids = [order.id for order in orders]
    first = await staff(world, "TagOrders", order_ids=ids, add=["gift", "b2b"], remove=["old"])
    again = await staff(world, "TagOrders", order_ids=ids, add=["gift"], remove=["old"])
    less = await staff(world, "TagOrders", order_ids=ids[:1], remove=["gift"])
    unknown = staff(world, "TagOrders", order_ids=[*ids, str(uuid7())], add=["x"])
    wrong = staff(world, "TagOrders", order_ids=ids, add=["No Tag"])
    reasons = [await refusal_of(unknown), await refusal_of(wrong)]
    shown = [await staff(world, "GetStaffOrder", order_id=each) for each in ids]

    assert [(each.changed, each.unchanged) for each in (first, again, less)] == [
        (2, 0), (0, 2), (1, 0),
    ]  # fmt: skip
    assert reasons == ["ORDER_NOT_FOUND", "INVALID_ORDER_TAG"]
    assert [list(each.tags) for each in shown] == [["b2b"], ["b2b", "gift"]]
    assert [list(each.tags) for each in await world.service.events(OrderTagsChanged)] == [
        ["b2b", "gift"], ["b2b", "gift"], ["b2b"],
    ]  # fmt: skip
    assert shown[0].version == orders[0].version + 2


async def test_an_order_on_hold_does_not_ship_until_it_is_released(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy()
    held = await staff(
        world, "HoldOrder", order_id=order.id, reason=pb.HOLD_REASON_ADDRESS, note="No number",
    )  # fmt: skip
    again = await staff(
        world, "HoldOrder", order_id=order.id, reason=pb.HOLD_REASON_ADDRESS, note="No number",
    )  # fmt: skip
    refused = await refusal_of(ship(world, order))
    stale = await refusal_of(
        staff(world, "ReleaseOrder", order_id=order.id, expected_version=order.version)
    )
    released = await staff(world, "ReleaseOrder", order_id=order.id, expected_version=held.version)
    twice = await staff(world, "ReleaseOrder", order_id=order.id)
    shipped = await ship(world, order)
    late = await refusal_of(
        staff(world, "HoldOrder", order_id=order.id, reason=pb.HOLD_REASON_OTHER)
    )

    assert (held.hold.reason, held.hold.note) == (pb.HOLD_REASON_ADDRESS, "No number")
    assert (again, twice) == (held, released)
    assert (refused, stale, late) == ("ORDER_ON_HOLD", "VERSION_MISMATCH", "WRONG_ORDER_STATUS")
    assert not released.HasField("hold")
    assert shipped.status == checkout_pb2.ORDER_STATUS_SHIPPED
    assert [each.reason for each in await world.service.events(OrderHeld)] == [
        pb.HOLD_REASON_ADDRESS
    ]
    assert len(await world.service.events(OrderReleased)) == 1
    assert "No number" not in str(await world.scalar("SELECT json_agg(audit) FROM audit"))


async def test_a_cancelled_order_is_held_no_more(world: World) -> None:
    _, order = await world.buy()
    await staff(world, "HoldOrder", order_id=order.id, reason=pb.HOLD_REASON_FRAUD)
    request = checkout_pb2.CancelOrderRequest(
        order_id=order.id, reason=checkout_pb2.ORDER_REASON_FRAUD
    )

    await world.ask(world.orders.CancelOrder, request, world.tokens.staff("orders.write"))

    shown = await staff(world, "GetStaffOrder", order_id=order.id)
    assert not shown.HasField("hold")


async def test_notes_have_an_author_and_their_changes_are_audited(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy()
    note = await staff(world, "AddOrderNote", order_id=order.id, text="Called Ada")
    edited = await staff(
        world, "UpdateOrderNote", order_id=order.id, note_id=note.id, text="Called Ada twice",
        expected_version=1,
    )  # fmt: skip
    stale = staff(world, "DeleteOrderNote", order_id=order.id, note_id=note.id, expected_version=1)
    reason = await refusal_of(stale)
    listed = (await staff(world, "ListOrderNotes", order_id=order.id)).notes
    for _ in range(2):
        await staff(world, "DeleteOrderNote", order_id=order.id, note_id=note.id)
    gone = await refusal_of(
        staff(world, "UpdateOrderNote", order_id=order.id, note_id=note.id, text="x")
    )

    assert (note.version, note.edited_by, edited.version, edited.text) == (
        1, "", 2, "Called Ada twice",
    )  # fmt: skip
    assert edited.edited_by
    assert edited.author_id == note.author_id
    assert list(listed) == [edited]
    assert (reason, gone) == ("VERSION_MISMATCH", "ORDER_NOTE_NOT_FOUND")
    assert [each.deleted for each in await world.service.events(OrderNoteChanged)] == [
        False, False, True,
    ]  # fmt: skip
    actions = await world.scalar("SELECT array_agg(action ORDER BY at, id) FROM audit")
    assert actions == ["order.note.add", "order.note.update", "order.note.delete"]
    assert "Called" not in str(await world.scalar("SELECT json_agg(audit) FROM audit"))


async def test_a_buyer_sees_their_part_of_the_timeline_and_a_stranger_none(
    world: World, refusal_of: Any
) -> None:
    owner_id, order = await world.buy()
    await staff(world, "AddOrderNote", order_id=order.id, text="Called")
    await staff(world, "TagOrders", order_ids=[order.id], add=["gift"])
    await ship(world, order)

    theirs = await timeline(world, order.id, world.shopper(owner_id))
    ours = await timeline(world, order.id, world.tokens.staff("orders.read"))
    stranger = await refusal_of(timeline(world, order.id, world.shopper(uuid7())))

    kinds = [pb.OrderTimelineKind.Name(each.kind).removeprefix("ORDER_TIMELINE_KIND_")
             for each in ours]  # fmt: skip
    assert kinds == ["STATUS", "PAYMENT", "STATUS", "NOTE", "STAFF", "STATUS", "SHIPPED"]
    assert [each.kind for each in theirs] == [
        each.kind for each, kind in zip(ours, kinds, strict=True) if kind not in ("NOTE", "STAFF")
    ]
    assert {each.actor_id for each in theirs} == {""}
    assert stranger == "ORDER_NOT_FOUND"


async def test_buyers_search_their_own_orders_by_number_sku_title_and_time(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    _, mug = await world.buy(owner_id, sku="MUG-S", title="Blue mug 100%")
    _, shoes = await world.buy(owner_id, sku="SHOE", title="Trail shoes")
    await world.buy(sku="MUG-S", title="Blue mug 100%")

    async def mine(token: str = "", **filters: Any) -> list[str]:
        request = checkout_pb2.ListOrdersRequest(**filters)
        answer = await world.ask(world.orders.ListOrders, request, token or world.shopper(owner_id))
        return [order.number for order in answer.orders]

    later = Timestamp(seconds=mug.placed_at.seconds + 86_400)
    assert await mine(query="mUG") == [mug.number]
    assert await mine(query="100%") == [mug.number]
    assert await mine(query=" shoe") == [shoes.number]
    assert await mine(query=mug.number.lower()) == [mug.number]
    assert await mine(query="_") == []
    assert await mine(placed_from=later) == []
    assert await mine(placed_to=later) == [shoes.number, mug.number]
    everyone = mine(world.tokens.staff("orders.read"), all_buyers=True, query="mug")
    assert await refusal_of(everyone) == "INVALID_ORDER_SEARCH"


@pytest.mark.parametrize("method", ["SearchOrders", "ListOrderNotes", "HoldOrder"])
async def test_shoppers_have_no_desk(world: World, refusal_of: Any, method: str) -> None:
    order_id = {} if method == "SearchOrders" else {"order_id": str(UUID(int=1))}
    reason = {"reason": pb.HOLD_REASON_OTHER} if method == "HoldOrder" else {}
    request = getattr(pb, f"{method}Request")(**order_id, **reason)

    asked = world.ask(getattr(world.desk, method), request, world.shopper(uuid7()))

    assert await refusal_of(asked) == "SCOPE_REQUIRED"


# Orders like the one that is there, with other buyers and numbers.
_COPIES = """
INSERT INTO orders SELECT copy.* FROM orders o, generate_series(1, %s) n,
    LATERAL jsonb_populate_record(o, jsonb_build_object(
        'id', gen_random_uuid(), 'number', 'S-' || (1000000 + n), 'checkout_id', gen_random_uuid(),
        'owner_id', gen_random_uuid(), 'email', 'someone' || n || '@example.org'
    )) copy
"""
