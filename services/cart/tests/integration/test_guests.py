"""Guests fill and order carts only in channels that let guests buy."""

from __future__ import annotations

import asyncio

from chassis.rpc.errors import Denied
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import Store, codes
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.catalog.v1.guest_policy_pb2 import GUEST_POLICY_LOOK, GUEST_POLICY_NO_PRICES
from sojourn.common.v1.message_pb2 import MESSAGE_CODE_LOGIN_REQUIRED


async def test_a_guest_buys_only_where_the_channel_lets_guests_buy(store: Store) -> None:
    owner = uuid7()
    tea, guest, customer = store.catalog.sell(), store.tokens.guest(owner), store.tokens.customer()
    filled = await store.create(guest, (tea, 2))
    customers = await store.create(customer, (tea, 1))
    saved = await store.save(customer, customers.id)

    for policy in (GUEST_POLICY_LOOK, GUEST_POLICY_NO_PRICES):
        store.catalog.guest_policy = policy
        refusals = await asyncio.gather(
            store.create(guest, (tea, 1)),
            store.add(guest, filled.id, tea),
            store.set(guest, filled, 3),
            store.restore(guest, saved.restore_token),
            return_exceptions=True,
        )
        assert [isinstance(each, Denied) and each.reason for each in refusals] == [
            "LOGIN_REQUIRED"
        ] * 4
        shown = await store.get(guest, filled.id)
        for_order = await store.ask(
            store.orders.GetCartForOrder,
            pb.GetCartForOrderRequest(cart_id=filled.id, owner_id=str(owner)),
            store.acting_for(owner),
        )
        assert codes(shown) == codes(for_order.cart) == [MESSAGE_CODE_LOGIN_REQUIRED]
    lowered = await store.set(guest, filled, 1)
    added = await store.add(customer, customers.id, tea)
    merged = await store.merge(customer, guest)

    assert codes(lowered) == [MESSAGE_CODE_LOGIN_REQUIRED]
    assert (codes(added), added.lines[0].item.quantity.steps) == ([], 2)
    assert (codes(merged.cart), merged.cart.lines[0].item.quantity.steps) == ([], 3)


async def test_a_cart_that_a_guest_restores_is_not_at_prices_of_the_other_buyer(
    store: Store,
) -> None:
    tea, member, guest = (
        store.catalog.sell(), store.tokens.customer(group="trade"), store.tokens.guest()
    )  # fmt: skip
    cart = await store.create(member, (tea, 1))
    link = (await store.save(member, cart.id)).restore_token

    await store.restore(guest, link)

    asked = store.catalog.calls.requests("GetOffers")[-1]
    assert (asked.customer_group, asked.for_guest) == ("", True)
