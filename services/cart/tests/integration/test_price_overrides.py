"""Prices that staff agree with shoppers, through the service."""

from __future__ import annotations

import pytest

from chassis.rpc.errors import Denied, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.cart.tests.cart_store import Store, totals
from sojourn.cart.v1 import cart_pb2
from sojourn.cart.v1 import price_overrides_pb2 as pb
from sojourn.cart.v1 import price_overrides_pb2_grpc as pb_grpc
from sojourn.cart.v1.events_pb2 import CartPriceOverridden
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL


async def limit(store: Store, most_basis_points: int) -> None:
    settings = pb.PriceOverrideSettings(channel="default", most_basis_points=most_basis_points)
    await store.ask(
        pb_grpc.PriceOverrideServiceStub(store.peer.channel).PutPriceOverrideSettings,
        pb.PutPriceOverrideSettingsRequest(settings=settings),
        store.tokens.staff("promotions.write"),
    )


async def override(store: Store, token: str, cart: cart_pb2.Cart, price: int) -> cart_pb2.Cart:
    request = pb.OverridePriceRequest(
        cart_id=cart.id,
        line_id=cart.lines[0].id,
        unit_price=eur(price),
        reason=pb.PRICE_OVERRIDE_REASON_DAMAGED,
    )
    return await store.ask(
        pb_grpc.PriceOverrideServiceStub(store.peer.channel).OverridePrice, request, token
    )


async def test_staff_agree_on_a_price_within_the_limit(store: Store) -> None:
    staff_id = uuid7()
    desk = store.tokens.delegated(staff_id=staff_id)
    cart = await store.create(desk, (store.catalog.sell(price_minor=10_00), 2))
    await limit(store, 1_000)

    agreed = await override(store, desk, cart, 9_00)

    assert totals(agreed)[TOTAL_TYPE_TOTAL] == 18_00
    assert agreed.lines[0].price_overridden
    [event] = await store.events(CartPriceOverridden)
    assert event.unit_price == eur(9_00)
    [(actor_id,)] = await store.rows("SELECT actor_id FROM audit WHERE action = 'override_price'")
    assert actor_id == staff_id
    with pytest.raises(Refused) as refusal:
        await override(store, desk, cart, 8_99)
    assert refusal.value.reason == "PRICE_OVERRIDE_NOT_ALLOWED"


async def test_a_shopper_agrees_on_no_price(store: Store) -> None:
    me = store.tokens.guest()
    cart = await store.create(me, (store.catalog.sell(price_minor=10_00), 2))
    await limit(store, 1_000)

    with pytest.raises(Denied):
        await override(store, me, cart, 9_00)
