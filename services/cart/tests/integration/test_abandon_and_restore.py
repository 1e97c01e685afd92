"""Carts that are left, and links that bring them back."""

from __future__ import annotations

import asyncio

import pytest

from chassis.rpc.errors import Invalid, NotFound
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import HOUR, Store
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1.events_pb2 import CartAbandoned, CartReminderRequested, CartRestored


async def test_a_cart_that_nobody_touches_is_abandoned_once(store: Store) -> None:
    owner = uuid7()
    me, tea = store.tokens.guest(owner), store.catalog.sell(price_minor=5_00)
    cart = await store.create(me, (tea, 2))
    saved = await store.save(me, cart.id)

    await store.let_time_pass(HOUR - 60)
    assert await store.events(CartAbandoned) == []
    await store.let_time_pass(HOUR + 60)
    await store.let_time_pass(5 * HOUR)

    [event] = await store.events(CartAbandoned)
    assert (event.cart_id, event.owner_id, event.email) == (cart.id, str(owner), "jane@example.org")
    assert [(line.variant_id, line.title, line.quantity.steps) for line in event.lines] == [
        (tea, "Tea", 2)
    ]
    assert (event.subtotal.amount_minor, event.locale, event.restore_token) == (
        10_00,
        "en",
        saved.restore_token,
    )
    assert event.last_activity_at == saved.updated_at
    after = await store.get(me, cart.id)
    assert (after.status, after.version, after.updated_at) == (
        pb.CART_STATUS_ABANDONED,
        saved.version + 1,
        saved.updated_at,
    )


async def test_a_change_in_between_puts_abandonment_off(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me, (tea, 1))
    await store.let_time_pass(HOUR - 60)
    await store.add(me, cart.id, tea)

    await store.let_time_pass(HOUR + 60)
    assert await store.events(CartAbandoned) == []
    await store.let_time_pass(2 * HOUR)

    assert len(await store.events(CartAbandoned)) == 1


async def test_an_abandoned_cart_opens_with_a_change_and_may_be_left_again(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me, (tea, 1))
    await store.let_time_pass(HOUR + 1)

    assert (await store.add(me, cart.id, tea)).status == pb.CART_STATUS_OPEN
    await store.let_time_pass(3 * HOUR)

    assert len(await store.events(CartAbandoned)) == 2


async def test_an_empty_cart_is_not_abandoned(store: Store) -> None:
    me = store.tokens.guest()
    await store.create(me)
    cart = await store.create(me, (store.catalog.sell(), 1))
    await store.set(me, cart, 0)

    await store.let_time_pass(HOUR + 1)

    assert await store.events(CartAbandoned) == []
    assert await store.rows("SELECT 1 FROM timer") == []


async def test_an_address_goes_out_only_with_consent_and_a_link_only_for_a_saved_cart(
    store: Store,
) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    silent, unsaved = await store.create(me, (tea, 1)), await store.create(me, (tea, 1))
    await store.save(me, silent.id, remind=False)

    await store.let_time_pass(HOUR + 60)

    events = {event.cart_id: event for event in await store.events(CartAbandoned)}
    assert (events[silent.id].email, bool(events[silent.id].restore_token)) == ("", True)
    assert (events[unsaved.id].email, events[unsaved.id].restore_token) == ("", "")


async def test_the_owner_of_an_address_is_to_be_asked_only_where_a_reminder_is_wanted(
    store: Store,
) -> None:
    owner = uuid7()
    me, tea = store.tokens.guest(owner), store.catalog.sell()
    cart = await store.create(me, (tea, 1))

    await store.save(me, cart.id, remind=False)
    assert await store.events(CartReminderRequested) == []
    saved = await store.save(me, cart.id, "Jane@Example.ORG")

    assert await store.events(CartReminderRequested) == [
        CartReminderRequested(
            cart_id=cart.id,
            version=saved.version,
            owner_id=str(owner),
            email="jane@example.org",
            locale="en",
            channel=saved.channel,
        )
    ]


async def test_a_link_gives_the_lines_to_whoever_opens_it_and_a_second_time_changes_nothing(
    store: Store,
) -> None:
    other_id = uuid7()
    me, other, tea, cup = (
        store.tokens.guest(),
        store.tokens.customer(other_id),
        store.catalog.sell(),
        store.catalog.sell(),
    )
    saved = await store.create(me, (tea, 3), (cup, 1))
    link = (await store.save(me, saved.id)).restore_token
    mine = await store.create(other, (tea, 1))

    first = await store.restore(other, link)
    second = await store.restore(other, link)

    assert first.id == mine.id
    assert [(line.item.variant_id, line.item.quantity.steps) for line in first.lines] == [
        (tea, 3),
        (cup, 1),
    ]
    assert second == first
    assert not first.saved
    [event] = await store.events(CartRestored)
    assert (event.cart_id, event.saved_cart_id, event.owner_id) == (
        mine.id,
        saved.id,
        str(other_id),
    )
    assert [line.item.quantity.steps for line in (await store.get(me, saved.id)).lines] == [3, 1]


async def test_a_link_makes_one_cart_for_a_newcomer(store: Store) -> None:
    me, newcomer, tea = store.tokens.guest(), store.tokens.guest(), store.catalog.sell()
    saved = await store.create(me, (tea, 2))
    link = (await store.save(me, saved.id)).restore_token

    carts = await asyncio.gather(*(store.restore(newcomer, link) for _ in range(4)))

    assert len({cart.id for cart in carts}) == 1
    assert carts[0].id != saved.id
    assert carts[0].lines[0].item.quantity.steps == 2
    assert len(await store.events(CartRestored)) == 1


async def test_the_owners_link_opens_their_abandoned_cart(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me, (tea, 2))
    link = (await store.save(me, cart.id)).restore_token
    await store.let_time_pass(HOUR + 60)

    opened = await store.restore(me, link)
    again = await store.restore(me, link)

    assert (opened.id, opened.status, opened.lines[0].item.quantity.steps) == (
        cart.id,
        pb.CART_STATUS_OPEN,
        2,
    )
    assert again == opened
    assert len(await store.events(CartRestored)) == 1


async def test_a_link_is_worth_nothing_if_forged_or_once_its_cart_is_ordered(store: Store) -> None:
    owner = uuid7()
    me, other = store.tokens.guest(owner), store.tokens.guest()
    cart = await store.create(me, (store.catalog.sell(), 1))
    unsaved = store.links.token(uuid7())
    cart = await store.save(me, cart.id)
    link = cart.restore_token
    await store.redeem(cart, owner)

    for token in (link, link[:-4] + "AAAA", unsaved, "", "ä", "x" * 4_096):
        with pytest.raises(NotFound) as refusal:
            await store.restore(other, token)
        assert refusal.value.reason == "CART_NOT_FOUND"


async def test_a_link_longer_than_any_of_ours_is_refused(store: Store) -> None:
    with pytest.raises(Invalid) as refusal:
        await store.restore(store.tokens.guest(), "x" * 4_097)

    assert (refusal.value.reason, refusal.value.metadata["path"]) == (
        "INVALID_FIELD",
        "restore_token",
    )
