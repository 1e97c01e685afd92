"""Carts of what was ordered before."""

from __future__ import annotations

import pytest

from chassis.rpc import wire
from chassis.rpc.errors import NotFound
from chassis.runtime.clock import uuid7
from chassis.testing import an_item
from services.cart.tests.cart_store import Store
from sojourn.cart.v1 import reorders_pb2 as pb
from sojourn.cart.v1 import reorders_pb2_grpc as pb_grpc
from sojourn.cart.v1.events_pb2 import CartLineAdded


def an_order(*wanted: tuple[str, int]) -> pb.OrderedLines:
    lines = [
        pb.OrderedLine(id=str(uuid7()), item=wire.line_item(an_item(id, quantity=quantity)))
        for id, quantity in wanted
    ]
    return pb.OrderedLines(channel="default", currency="EUR", locale="en", lines=lines)


async def reorder(
    store: Store, token: str, order: pb.OrderedLines, *, key: str = "", **fields: str
) -> pb.Reordered:
    request = pb.ReorderRequest(order_id=str(uuid7()), order=order, **fields)
    return await store.ask(
        pb_grpc.ReorderServiceStub(store.peer.channel).Reorder, request, token, key=key
    )


async def test_an_order_is_a_new_cart_again(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell(price_minor=10_00)

    reply = await reorder(store, me, an_order((tea, 2)))

    assert [(line.item.variant_id, line.item.quantity.steps) for line in reply.cart.lines] == [
        (tea, 2)
    ]
    assert [line.outcome for line in reply.lines] == [pb.REORDER_OUTCOME_ADDED]
    assert await store.get(me, reply.cart.id) == reply.cart
    assert len(await store.events(CartLineAdded)) == 1


async def test_an_order_goes_into_the_cart_that_is_there(store: Store) -> None:
    me, tea, cup = store.tokens.guest(), store.catalog.sell(), store.catalog.sell()
    cart = await store.create(me, (tea, 1))

    reply = await reorder(store, me, an_order((tea, 2), (cup, 1)))

    assert reply.cart.id == cart.id
    assert [line.item.quantity.steps for line in reply.cart.lines] == [3, 1]


async def test_a_repeat_with_the_key_adds_nothing(store: Store) -> None:
    me, order, key = store.tokens.guest(), an_order((store.catalog.sell(), 2)), str(uuid7())
    request = pb.ReorderRequest(order_id=str(uuid7()), order=order)
    method = pb_grpc.ReorderServiceStub(store.peer.channel).Reorder

    first = await store.ask(method, request, me, key=key)
    again = await store.ask(method, request, me, key=key)

    assert again == first
    assert (await store.get(me, first.cart.id)).lines[0].item.quantity.steps == 2


async def test_nothing_that_is_sold_makes_no_cart(store: Store) -> None:
    reply = await reorder(store, store.tokens.guest(), an_order((str(uuid7()), 1)))

    assert not reply.HasField("cart")
    assert [line.outcome for line in reply.lines] == [pb.REORDER_OUTCOME_NOT_SOLD]


async def test_a_strangers_cart_receives_nothing(store: Store) -> None:
    tea = store.catalog.sell()
    cart = await store.create(store.tokens.guest(), (tea, 1))

    with pytest.raises(NotFound):
        await reorder(store, store.tokens.guest(), an_order((tea, 1)), cart_id=cart.id)
