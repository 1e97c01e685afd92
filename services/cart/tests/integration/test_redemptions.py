"""Orders use carts and promotions."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from chassis.rpc.errors import Denied, Refused
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import DIGEST, JANE, Store, checkout_events
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced


async def new_cart(store: Store, owner_id: UUID) -> pb.Cart:
    return await store.create(store.tokens.guest(owner_id), (store.catalog.sell(), 1))


async def test_redeeming_closes_the_cart_once_per_order(store: Store) -> None:
    owner, order = uuid7(), str(uuid7())
    await store.promote("ten", usage_limit=5)
    cart = await new_cart(store, owner)

    replies = await asyncio.gather(
        *(store.redeem(cart, owner, "ten", order_id=order) for _ in range(5))
    )

    assert {reply.status for reply in replies} == {pb.REDEMPTION_STATUS_REDEEMED}
    me = store.tokens.guest(owner)
    assert (await store.get(me, cart.id)).status == pb.CART_STATUS_ORDERED
    assert await store.rows("SELECT used FROM promotion") == [(1,)]
    assert await store.rows("SELECT 1 FROM timer") == []
    with pytest.raises(Refused) as closed:
        await store.add(me, cart.id, cart.lines[0].item.variant_id)
    with pytest.raises(Refused) as other_order:
        await store.redeem(cart, owner)
    assert [error.value.reason for error in (closed, other_order)] == ["CART_NOT_OPEN"] * 2


async def test_a_cart_that_changed_since_it_was_priced_is_refused(store: Store) -> None:
    owner = uuid7()
    cart = await new_cart(store, owner)
    await store.add(store.tokens.guest(owner), cart.id, cart.lines[0].item.variant_id)

    with pytest.raises(Refused) as refusal:
        await store.redeem(cart, owner)

    assert refusal.value.reason == "CART_CHANGED"


async def test_a_cart_found_abandoned_meanwhile_can_still_be_ordered(store: Store) -> None:
    owner = uuid7()
    cart = await new_cart(store, owner)
    await store.let_time_pass(3_601)

    assert (await store.redeem(cart, owner)).status == pb.REDEMPTION_STATUS_REDEEMED


async def test_promotions_that_may_not_be_used_refuse_the_order(store: Store) -> None:
    owner = uuid7()
    await store.promote("coupon", coupon_codes=["C"])
    await store.promote("off", active=False)
    cart = await new_cart(store, owner)

    for code in ("nothing", "coupon", "off"):
        with pytest.raises(Refused) as refusal:
            await store.redeem(cart, owner, code)
        assert (refusal.value.reason, refusal.value.metadata) == (
            "PROMOTION_NOT_VALID",
            {"code": code, "why": "unknown"},
        )

    assert (await store.get(store.tokens.guest(owner), cart.id)).status == pb.CART_STATUS_OPEN
    assert await store.rows("SELECT 1 FROM redemption") == []


async def test_a_usage_limit_holds_when_many_order_at_once(store: Store) -> None:
    await store.promote("three", usage_limit=3)
    owners = [uuid7() for _ in range(10)]
    carts = await asyncio.gather(*(new_cart(store, owner) for owner in owners))

    redeems = (
        store.redeem(cart, owner, "three", email=f"{owner}@example.org")
        for cart, owner in zip(carts, owners, strict=True)
    )
    outcomes = await asyncio.gather(*redeems, return_exceptions=True)

    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert {(refusal.reason, refusal.metadata["why"]) for refusal in refusals} == {
        ("PROMOTION_NOT_VALID", "used_up")
    }
    assert len(refusals) == 7
    assert await store.rows("SELECT used FROM promotion") == [(3,)]


async def test_one_address_cannot_have_two_first_orders_at_once(store: Store) -> None:
    await store.promote("first", first_order_only=True)
    owners = [uuid7() for _ in range(6)]
    carts = await asyncio.gather(*(new_cart(store, owner) for owner in owners))
    assert all(cart.promotions[0].code == "first" for cart in carts)

    redeems = (
        store.redeem(cart, owner, "first", email="Jane@Example.org")
        for cart, owner in zip(carts, owners, strict=True)
    )
    outcomes = await asyncio.gather(*redeems, return_exceptions=True)

    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refusals) == 5
    assert {refusal.metadata["why"] for refusal in refusals} == {"not_first_order"}


async def test_an_address_that_ordered_before_gets_no_first_order_as_another_guest(
    store: Store,
) -> None:
    await store.promote("first", first_order_only=True)
    guest = uuid7()
    cart = await new_cart(store, guest)
    async with checkout_events(store) as publish:
        order = Order(id=str(uuid7()), owner_id=str(uuid7()))
        await publish(OrderPlaced(order=order, email_digest=DIGEST), times=3)
        with pytest.raises(Refused) as refusal:
            await store.redeem(cart, guest, "first")
        assert refusal.value.metadata == {"code": "first", "why": "not_first_order"}
        assert await store.rows("SELECT placed FROM order_count WHERE subject = %s", DIGEST) == [
            (1,)
        ]
        # Who names the address is told before they pay.
        acting = store.tokens.service("checkout", "carts.redeem", act_for=guest, at="cart")
        for email, codes in (("", ["first"]), (JANE, [])):
            request = pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(guest), email=email)
            priced = await store.ask(store.orders.GetCartForOrder, request, acting)
            assert [promotion.code for promotion in priced.cart.promotions] == codes
        # Once the address is known, the cart itself says so.
        assert not (await store.save(store.tokens.guest(guest), cart.id, JANE)).promotions

        await publish(OrderCancelled(order=order, email_digest=DIGEST))
        cart = await store.get(store.tokens.guest(guest), cart.id)

    assert cart.promotions[0].code == "first"
    assert (await store.redeem(cart, guest, "first")).status == pb.REDEMPTION_STATUS_REDEEMED


async def test_a_cancellation_that_overtakes_its_order_counts_to_zero(store: Store) -> None:
    order = Order(id=str(uuid7()), owner_id=str(uuid7()))
    async with checkout_events(store) as publish:
        await publish(OrderCancelled(order=order, email_digest=DIGEST))
        await publish(OrderPlaced(order=order, email_digest=DIGEST))

    assert await store.rows("SELECT DISTINCT placed FROM order_count") == [(0,)]


async def test_a_cancelled_order_gives_the_first_order_back(store: Store) -> None:
    await store.promote("first", first_order_only=True)
    owner, order = uuid7(), str(uuid7())
    await store.redeem(await new_cart(store, owner), owner, "first", order_id=order)
    async with checkout_events(store) as publish:
        await publish(OrderPlaced(order=Order(id=order, owner_id=str(owner)), email_digest=DIGEST))
        await publish(
            OrderCancelled(order=Order(id=order, owner_id=str(owner)), email_digest=DIGEST)
        )

    assert (
        await store.redeem(await new_cart(store, owner), owner, "first")
    ).status == pb.REDEMPTION_STATUS_REDEEMED


async def test_undoing_opens_the_cart_and_gives_promotions_back(store: Store) -> None:
    owner, order = uuid7(), str(uuid7())
    await store.promote("ten", usage_limit=1)
    cart = await new_cart(store, owner)
    await store.redeem(cart, owner, "ten", order_id=order)

    undone = [await store.unredeem(order) for _ in range(2)]

    assert {redemption.status for redemption in undone} == {pb.REDEMPTION_STATUS_UNDONE}
    reopened = await store.get(store.tokens.guest(owner), cart.id)
    assert (reopened.status, reopened.version) == (pb.CART_STATUS_OPEN, cart.version + 2)
    assert await store.rows("SELECT used FROM promotion") == [(0,)]
    assert await store.rows("SELECT count(*) FROM timer") == [(1,)]
    with pytest.raises(Refused) as late:
        await store.redeem(reopened, owner, "ten", order_id=order)
    assert late.value.reason == "REDEMPTION_UNDONE"
    assert (await store.redeem(reopened, owner, "ten")).status == pb.REDEMPTION_STATUS_REDEEMED


async def test_undoing_what_never_came_refuses_it_when_it_comes(store: Store) -> None:
    owner, order = uuid7(), str(uuid7())
    cart = await new_cart(store, owner)

    assert (await store.unredeem(order)).status == pb.REDEMPTION_STATUS_UNDONE
    with pytest.raises(Refused) as late:
        await store.redeem(cart, owner, order_id=order)

    assert late.value.reason == "REDEMPTION_UNDONE"
    assert (await store.get(store.tokens.guest(owner), cart.id)).status == pb.CART_STATUS_OPEN


async def test_a_redemption_and_its_undoing_at_once_end_undone(store: Store) -> None:
    await store.promote("ten")
    for _ in range(5):
        owner, order = uuid7(), str(uuid7())
        cart = await new_cart(store, owner)
        await asyncio.gather(
            store.redeem(cart, owner, "ten", order_id=order),
            store.unredeem(order),
            return_exceptions=True,
        )
        assert (await store.get(store.tokens.guest(owner), cart.id)).status == pb.CART_STATUS_OPEN

    assert await store.rows("SELECT used FROM promotion") == [(0,)]


async def test_only_checkout_redeems(store: Store) -> None:
    owner = uuid7()
    cart = await new_cart(store, owner)
    requests = [
        (
            store.orders.GetCartForOrder,
            pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(owner)),
        ),
        (
            store.orders.RedeemCart,
            pb.RedeemCartRequest(
                order_id=str(uuid7()), cart_id=cart.id, owner_id=str(owner), cart_version=1
            ),
        ),
        (store.orders.UnredeemCart, pb.UnredeemCartRequest(order_id=str(uuid7()))),
    ]

    for method, request in requests:
        for token in (store.tokens.guest(owner), store.tokens.service("gateway")):
            with pytest.raises(Denied):
                await store.ask(method, request, token)
