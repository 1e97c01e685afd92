"""Synthetic shoppers buy what is theirs, and nobody notices."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from chassis.rpc.errors import Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from services.cart.tests.cart_store import DIGEST, HOUR, Store, checkout_events, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1.events_pb2 import CartLineAdded
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL


def counted() -> dict[str, float]:
    names = {"carts_total", "coupons_total", "redemptions_total"}
    return {
        str(sample): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name in names
    }


async def test_a_synthetic_cart_takes_synthetic_products_only(store: Store) -> None:
    real, probe, me = store.catalog.sell(), store.catalog.sell(synthetic=True), store.synthetic()

    cart = await store.create(me, (probe, 1))

    assert [line.item.variant_id for line in (await store.add(me, cart.id, probe)).lines] == [probe]
    for attempt in (store.create(me, (real, 1)), store.add(me, cart.id, real)):
        with pytest.raises(Invalid) as refusal:
            await attempt
        assert refusal.value.reason == "UNKNOWN_VARIANT"


async def test_others_carts_take_none(store: Store) -> None:
    real, probe = store.catalog.sell(), store.catalog.sell(synthetic=True)

    for me in (store.tokens.guest(), store.tokens.customer()):
        cart = await store.create(me, (real, 1))
        for attempt in (store.create(me, (probe, 1)), store.add(me, cart.id, probe)):
            with pytest.raises(Invalid) as refusal:
                await attempt
            assert refusal.value.reason == "UNKNOWN_VARIANT"


async def test_checkout_learns_whose_cart_it_is_and_its_price(store: Store) -> None:
    owner, guest = uuid7(), uuid7()
    mine = await store.create(
        store.synthetic(owner), (store.catalog.sell(synthetic=True, price_minor=7_00), 1)
    )
    theirs = await store.create(store.tokens.guest(guest), (store.catalog.sell(), 1))

    for cart, owner_id, is_synthetic in ((mine, owner, True), (theirs, guest, False)):
        request = pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(owner_id))
        found = await store.ask(store.orders.GetCartForOrder, request, store.acting_for(owner_id))
        assert found.synthetic is is_synthetic
        assert totals(found.cart)[TOTAL_TYPE_SUBTOTAL] == (7_00 if is_synthetic else 10_00)


async def test_no_consumer_hears_of_a_synthetic_cart(store: Store) -> None:
    before, owner = counted(), uuid7()
    cart = await store.create(store.synthetic(owner), (store.catalog.sell(synthetic=True), 1))
    order_id = str(uuid7())

    await store.redeem(cart, owner, order_id=order_id)
    await store.unredeem(order_id)
    await store.let_time_pass(2 * HOUR)

    assert (await store.get(store.synthetic(owner), cart.id)).status == pb.CART_STATUS_OPEN
    assert await store.rows("SELECT type FROM outbox WHERE NOT headers ? 'ce-synthetic'") == []
    assert [event.cart_id for event in await store.events(CartLineAdded)] == [cart.id]
    assert counted() == before


async def test_it_gets_and_uses_no_promotion(store: Store) -> None:
    await store.promote("for-all", 10)
    await store.promote("typed", 50, coupon_codes=["HALF"], usage_limit=1)
    me = store.synthetic()
    cart = await store.create(me, (store.catalog.sell(synthetic=True), 1))

    with pytest.raises(Refused) as refusal:
        await store.coupon(me, cart.id, "HALF")

    assert (refusal.value.reason, refusal.value.metadata["why"]) == ("COUPON_NOT_VALID", "unknown")
    assert not cart.promotions
    assert totals(cart)[TOTAL_TYPE_TOTAL] == 10_00


async def test_whose_address_it_gives_has_still_ordered_nothing(store: Store) -> None:
    owner, jane = uuid7(), uuid7()
    await store.promote("first", 10, first_order_only=True)
    probe = await store.create(store.synthetic(owner), (store.catalog.sell(synthetic=True), 1))
    order_id = str(uuid7())

    await store.redeem(probe, owner, order_id=order_id)
    async with checkout_events(store) as publish:
        order = Order(id=order_id, owner_id=str(owner), synthetic=True)
        await publish(OrderPlaced(order=order, email_digest=DIGEST))
        first = await store.create(store.tokens.guest(jane), (store.catalog.sell(), 1))
        assert (await store.redeem(first, jane, "first")).status == pb.REDEMPTION_STATUS_REDEEMED
        await publish(OrderCancelled(order=order, email_digest=DIGEST))

    assert await store.rows("SELECT 1 FROM order_count") == []


async def test_it_is_not_saved_and_restores_nothing(store: Store) -> None:
    jane, me = store.tokens.guest(), store.synthetic()
    saved = await store.save(jane, (await store.create(jane, (store.catalog.sell(), 1))).id)
    cart = await store.create(me, (store.catalog.sell(synthetic=True), 1))

    for attempt in (store.save(me, cart.id), store.restore(me, saved.restore_token)):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert refusal.value.reason == "SYNTHETIC_SHOPPER"


async def test_it_becomes_no_customer_s_and_no_stranger_s(store: Store) -> None:
    me, jane = store.synthetic(), store.tokens.customer()
    cart = await store.create(me, (store.catalog.sell(synthetic=True), 1))

    with pytest.raises(Invalid) as refusal:
        await store.merge(jane, me)
    with pytest.raises(NotFound):
        await store.get(jane, cart.id)

    assert refusal.value.reason == "INVALID_GUEST_TOKEN"
