"""A guest becomes a customer."""

from __future__ import annotations

import asyncio

import pytest

from chassis.rpc.errors import Denied, Invalid, NotFound, Refused, Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens
from services.cart.tests.cart_store import Store, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1.events_pb2 import CartMerged
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_DISCOUNT, TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL


async def test_lines_and_coupons_move_into_the_customers_open_cart(store: Store) -> None:
    guest_id, customer_id = uuid7(), uuid7()
    guest, customer = store.tokens.guest(guest_id), store.tokens.customer(customer_id)
    tea, cup = store.catalog.sell(), store.catalog.sell(price_minor=4_00)
    await store.promote(percent=50, coupon_codes=["HALF"])
    theirs = await store.create(guest, (tea, 2), (cup, 1))
    await store.coupon(guest, theirs.id, "HALF")
    await store.save(guest, theirs.id)
    mine = await store.create(customer, (tea, 1))

    reply = await store.merge(customer, guest)

    assert reply.merged
    assert reply.cart.id == mine.id
    assert [(line.item.variant_id, line.item.quantity.steps) for line in reply.cart.lines] == [
        (tea, 3),
        (cup, 1),
    ]
    assert totals(reply.cart) == {
        TOTAL_TYPE_SUBTOTAL: 34_00,
        TOTAL_TYPE_DISCOUNT: -17_00,
        TOTAL_TYPE_TOTAL: 17_00,
    }
    assert reply.cart.saved
    left = await store.get(guest, theirs.id)
    assert (left.status, len(left.lines), left.saved) == (pb.CART_STATUS_MERGED, 0, False)
    [event] = await store.events(CartMerged)
    assert (event.cart_id, event.guest_id, event.customer_id) == (
        mine.id,
        str(guest_id),
        str(customer_id),
    )
    with pytest.raises(Refused):
        await store.add(guest, theirs.id, tea)


async def test_the_guests_cart_becomes_the_customers_where_they_have_none(store: Store) -> None:
    guest, customer, tea = store.tokens.guest(), store.tokens.customer(), store.catalog.sell()
    theirs = await store.create(guest, (tea, 2))

    reply = await store.merge(customer, guest)

    assert (reply.merged, reply.cart.id, reply.cart.version) == (
        True,
        theirs.id,
        theirs.version + 1,
    )
    assert (await store.get(customer, theirs.id)).lines[0].item.quantity.steps == 2
    with pytest.raises(NotFound):
        await store.get(guest, theirs.id)


async def test_merging_twice_or_at_once_merges_once(store: Store) -> None:
    guest, customer, tea = store.tokens.guest(), store.tokens.customer(), store.catalog.sell()
    await store.create(guest, (tea, 2))
    mine = await store.create(customer, (tea, 1))

    replies = await asyncio.gather(*(store.merge(customer, guest) for _ in range(4)))
    again = await store.merge(customer, guest)

    assert sorted(reply.merged for reply in replies) == [False, False, False, True]
    assert (again.merged, again.cart.id, again.cart.lines[0].item.quantity.steps) == (
        False,
        mine.id,
        3,
    )
    assert len(await store.events(CartMerged)) == 1


async def test_with_no_cart_at_all_nothing_is_merged(store: Store) -> None:
    reply = await store.merge(store.tokens.customer(), store.tokens.guest())

    assert (reply.merged, reply.HasField("cart")) == (False, False)


async def test_only_a_genuine_guest_token_proves_a_guest(store: Store) -> None:
    guest_id, customer = uuid7(), store.tokens.customer()
    await store.create(store.tokens.guest(guest_id), (store.catalog.sell(), 1))
    bad = [
        Tokens().guest(guest_id),
        "nonsense",
        "",
        "Bearer " + store.tokens.create("guest", guest_id, expires_in=-1),
        store.tokens.customer(guest_id),
        store.tokens.service("checkout", act_for=guest_id, at="cart"),
    ]

    for token in bad:
        with pytest.raises(Invalid) as refusal:
            await store.merge(customer, token)
        assert refusal.value.reason == "INVALID_GUEST_TOKEN"
    with pytest.raises(Denied):
        await store.merge(store.tokens.guest(), store.tokens.guest(guest_id))


async def test_prices_of_another_currency_do_not_come_along(store: Store) -> None:
    guest, customer, tea = store.tokens.guest(), store.tokens.customer(), store.catalog.sell()
    await store.create(guest, (tea, 2), currency="USD")
    await store.create(customer, (store.catalog.sell(), 1), currency="EUR")
    store.catalog.calls.is_away = True
    with pytest.raises(Unavailable):
        await store.merge(customer, guest)
    store.catalog.calls.is_away = False

    reply = await store.merge(customer, guest)

    assert {line.item.unit_price.currency for line in reply.cart.lines} == {"EUR"}
    assert reply.cart.lines[1].item.quantity.steps == 2


async def test_without_the_catalogue_a_login_still_merges(store: Store) -> None:
    guest, customer, tea = store.tokens.guest(), store.tokens.customer(), store.catalog.sell()
    await store.create(guest, (tea, 2))
    await store.create(customer, (tea, 1))
    store.catalog.calls.is_away = True

    reply = await store.merge(customer, guest)

    assert (reply.merged, reply.cart.lines[0].item.quantity.steps) == (True, 3)
