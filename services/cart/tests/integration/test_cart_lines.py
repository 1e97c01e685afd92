"""Lines of carts: quantities, prices, and goods that are not to be had."""

from __future__ import annotations

import asyncio

import pytest

from chassis.rpc.errors import Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import Store, codes, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1.events_pb2 import CartLineAdded
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_LOW_STOCK,
    AVAILABILITY_OUT_OF_STOCK,
)
from sojourn.common.v1.message_pb2 import (
    MESSAGE_CODE_ITEM_UNAVAILABLE,
    MESSAGE_CODE_LOW_STOCK,
    MESSAGE_CODE_OUT_OF_STOCK,
    MESSAGE_CODE_PRICE_CHANGED,
    MESSAGE_SEVERITY_RECOVERABLE,
    MESSAGE_SEVERITY_REQUIRES_BUYER_REVIEW,
    MESSAGE_TYPE_ERROR,
    MESSAGE_TYPE_INFO,
)
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL
from sojourn.common.v1.quantity_pb2 import Quantity


async def test_adding_again_raises_the_quantity(store: Store) -> None:
    me, tea, cup = store.tokens.guest(), store.catalog.sell(), store.catalog.sell(price_minor=3_00)
    cart = await store.create(me, (tea, 1))

    await store.add(me, cart.id, cup, 1)
    cart = await store.add(me, cart.id, tea, 2)

    assert [(line.item.variant_id, line.item.quantity.steps) for line in cart.lines] == [
        (tea, 3),
        (cup, 1),
    ]
    assert totals(cart)[TOTAL_TYPE_TOTAL] == 33_00
    assert cart.version == 3


async def test_ten_twins_under_one_key_add_once(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me)

    replies = await asyncio.gather(*(store.add(me, cart.id, tea, key="k") for _ in range(10)))

    assert all(reply == replies[0] for reply in replies)
    assert (await store.get(me, cart.id)).lines[0].item.quantity.steps == 1
    assert len(await store.events(CartLineAdded)) == 1


async def test_ten_at_once_under_ten_keys_all_count(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me)

    await asyncio.gather(*(store.add(me, cart.id, tea) for _ in range(10)))

    after = await store.get(me, cart.id)
    assert (after.lines[0].item.quantity.steps, after.version) == (10, 11)
    assert [event.quantity.steps for event in await store.events(CartLineAdded)] == list(
        range(1, 11)
    )


async def test_a_price_can_only_come_from_the_catalogue(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell(price_minor=10_00)
    cart = await store.create(me, (tea, 1))
    store.catalog.offers[tea].price.amount_minor = 12_00

    repriced = await store.get(me, cart.id)
    touched = await store.set(me, cart, 2)
    settled = await store.get(me, cart.id)

    assert {field.name for field in pb.LineInput.DESCRIPTOR.fields} == {"variant_id", "quantity"}
    assert (totals(repriced)[TOTAL_TYPE_TOTAL], codes(repriced)) == (
        12_00,
        [MESSAGE_CODE_PRICE_CHANGED],
    )
    assert (totals(touched)[TOTAL_TYPE_TOTAL], codes(touched)) == (
        24_00,
        [MESSAGE_CODE_PRICE_CHANGED],
    )
    assert (totals(settled)[TOTAL_TYPE_TOTAL], codes(settled)) == (24_00, [])


async def test_goods_by_weight_are_priced_by_their_scale(store: Store) -> None:
    me = store.tokens.guest()
    beans = store.catalog.sell(
        price_minor=19_99, scale=3, increment=250, unit_code="KGM", available=10_000
    )

    cart = await store.create(me, (beans, 1_250))

    assert totals(cart)[TOTAL_TYPE_TOTAL] == 24_99
    assert cart.lines[0].item.quantity == Quantity(
        steps=1_250, scale=3, increment=250, unit_code="KGM"
    )
    with pytest.raises(Invalid) as uneven:
        await store.add(me, cart.id, beans, 100)
    assert (uneven.value.reason, uneven.value.metadata["increment"]) == ("INVALID_QUANTITY", "250")


@pytest.mark.parametrize(
    ("quantity", "rule"), [(0, "int64.gte"), (-1, "int64.gte"), (1_000_001, "int64.lte")]
)
async def test_a_quantity_must_be_positive_and_sane(store: Store, quantity: int, rule: str) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell(available=10_000_000)
    cart = await store.create(me, (tea, 5))

    with pytest.raises(Invalid) as refusal:
        await store.add(me, cart.id, tea, quantity)

    assert refusal.value.reason == "INVALID_FIELD"
    assert (refusal.value.metadata["path"], refusal.value.metadata["rule"]) == (
        "line.quantity",
        rule,
    )


async def test_more_than_there_is_is_refused_and_only_a_low_count_is_told(store: Store) -> None:
    me, few, many = (
        store.tokens.guest(),
        store.catalog.sell(available=3),
        store.catalog.sell(available=80),
    )
    cart = await store.create(me, (few, 2))

    with pytest.raises(Refused) as low:
        await store.add(me, cart.id, few, 2)
    with pytest.raises(Refused) as high:
        await store.add(me, cart.id, many, 81)
    with pytest.raises(Refused) as raised:
        await store.set(me, cart, 4)

    assert [error.value.reason for error in (low, high, raised)] == ["OUT_OF_STOCK"] * 3
    assert low.value.metadata == {"variant_id": few}
    assert high.value.metadata == {"variant_id": many}


async def test_what_sold_out_or_is_gone_is_told_in_messages(store: Store) -> None:
    me, tea, cup, old = (
        store.tokens.guest(),
        store.catalog.sell(),
        store.catalog.sell(),
        store.catalog.sell(),
    )
    cart = await store.create(me, (tea, 2), (cup, 2), (old, 1))
    store.catalog.offers[tea].available = 1
    store.catalog.offers[cup].available = 4
    del store.catalog.offers[old]

    now = await store.get(me, cart.id)

    found = [
        (
            message.type,
            message.code,
            message.path,
            message.severity,
        )
        for message in now.messages
    ]
    assert found == [
        (MESSAGE_TYPE_ERROR, MESSAGE_CODE_OUT_OF_STOCK, "$.lines[0]", MESSAGE_SEVERITY_RECOVERABLE),
        (
            MESSAGE_TYPE_INFO,
            MESSAGE_CODE_LOW_STOCK,
            "$.lines[1]",
            MESSAGE_SEVERITY_REQUIRES_BUYER_REVIEW,
        ),
        (
            MESSAGE_TYPE_ERROR,
            MESSAGE_CODE_ITEM_UNAVAILABLE,
            "$.lines[2]",
            MESSAGE_SEVERITY_RECOVERABLE,
        ),
    ]
    assert not any(character.isdigit() for message in now.messages for character in message.content)
    assert [line.availability for line in now.lines] == [
        AVAILABILITY_LOW_STOCK,
        AVAILABILITY_LOW_STOCK,
        AVAILABILITY_OUT_OF_STOCK,
    ]
    assert (await store.set(me, now, 0, line=2)).lines[-1].item.variant_id == cup


async def test_an_unknown_variant_is_refused(store: Store) -> None:
    me = store.tokens.guest()
    cart = await store.create(me)

    with pytest.raises(Invalid) as unknown:
        await store.add(me, cart.id, str(uuid7()))
    with pytest.raises(Invalid) as shapeless:
        await store.add(me, cart.id, "tea")

    assert [error.value.reason for error in (unknown, shapeless)] == [
        "UNKNOWN_VARIANT",
        "INVALID_ID",
    ]


async def test_a_quantity_is_set_and_zero_removes_the_line(store: Store) -> None:
    me, tea, cup = store.tokens.guest(), store.catalog.sell(), store.catalog.sell()
    cart = await store.create(me, (tea, 5), (cup, 1))

    less = await store.set(me, cart, 2)
    none = await store.set(me, cart, 0)

    assert less.lines[0].item.quantity.steps == 2
    assert [line.item.variant_id for line in none.lines] == [cup]
    with pytest.raises(NotFound) as gone:
        await store.set(me, cart, 1)
    assert gone.value.reason == "LINE_NOT_FOUND"


async def test_a_cart_has_at_most_a_hundred_lines(store: Store) -> None:
    me = store.tokens.guest()
    cart = await store.create(me, *((store.catalog.sell(), 1) for _ in range(100)))

    with pytest.raises(Refused) as full:
        await store.add(me, cart.id, store.catalog.sell())
    with pytest.raises(Invalid) as fuller:
        await store.create(me, *((store.catalog.sell(), 1) for _ in range(101)))

    assert full.value.reason == "TOO_MANY_LINES"
    assert (fuller.value.reason, fuller.value.metadata["path"]) == ("INVALID_FIELD", "lines")
    assert (await store.add(me, cart.id, cart.lines[7].item.variant_id)).lines[
        7
    ].item.quantity.steps == 2
