"""Carts: their owner, locale, address and prices."""

from __future__ import annotations

import pytest

from chassis.rpc.errors import Invalid, NotFound, Stale, Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.cart.tests.cart_store import Store, codes, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1.events_pb2 import CartLineAdded
from sojourn.common.v1.line_item_pb2 import (
    AVAILABILITY_IN_STOCK,
)
from sojourn.common.v1.message_pb2 import (
    MESSAGE_CODE_PRICES_NOT_CURRENT,
    MESSAGE_TYPE_WARNING,
)
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL
from sojourn.common.v1.quantity_pb2 import Quantity


async def test_a_cart_with_its_first_line_and_totals_is_one_call(store: Store) -> None:
    me, tea = (
        store.tokens.guest(),
        store.catalog.sell(price_minor=4_50, sku="TEA", title="Green tea"),
    )

    cart = await store.create(me, (tea, 2))

    assert (cart.status, cart.version, cart.currency, cart.channel) == (
        pb.CART_STATUS_OPEN,
        1,
        "EUR",
        "default",
    )
    assert totals(cart) == {TOTAL_TYPE_SUBTOTAL: 9_00, TOTAL_TYPE_TOTAL: 9_00}
    [line] = cart.lines
    assert (line.item.variant_id, line.item.sku, line.item.title) == (tea, "TEA", "Green tea")
    assert line.item.quantity == Quantity(steps=2, scale=0, increment=1, unit_code="C62")
    assert (line.item.unit_price, line.item.subtotal, line.item.discount, line.item.total) == (
        eur(4_50),
        eur(9_00),
        eur(0),
        eur(9_00),
    )
    assert line.availability == AVAILABILITY_IN_STOCK
    assert await store.get(me, cart.id) == cart
    assert len(store.catalog.calls.received) == 2
    [event] = await store.events(CartLineAdded)
    assert (event.cart_id, event.version, event.variant_id, event.quantity) == (
        cart.id,
        1,
        tea,
        line.item.quantity,
    )


@pytest.mark.parametrize(
    ("stated", "profile", "accepted", "locale"),
    [
        ("en", "de-AT", ["fr"], "en"),
        ("", "de-AT", ["fr"], "de-AT"),
        ("", "", ["fr", "en"], "fr"),
        ("", None, ["de"], "de"),
        ("", None, [], ""),
    ],
)
async def test_a_cart_has_the_stated_locale_else_the_customer_s_else_an_accepted_one(
    store: Store, stated: str, profile: str | None, accepted: list[str], locale: str
) -> None:
    customer_id = uuid7()
    if profile is not None:
        store.identity.add_customer("jane@example.org", customer_id).locale = profile
    request = pb.CreateCartRequest(locale=stated, accepted_locales=accepted)

    cart = await store.ask(store.carts.CreateCart, request, store.tokens.customer(customer_id))

    assert cart.locale == locale


async def test_a_stale_version_is_refused_and_the_right_one_is_not(store: Store) -> None:
    me, tea = store.tokens.guest(), store.catalog.sell()
    cart = await store.create(me, (tea, 1))
    await store.add(me, cart.id, tea, version=1)

    with pytest.raises(Stale) as stale:
        await store.add(me, cart.id, tea, version=1)
    with pytest.raises(Stale):
        await store.set(me, cart, 3, version=1)

    assert stale.value.reason == "VERSION_MISMATCH"
    assert (await store.set(me, cart, 3, version=2)).version == 3


async def test_the_current_cart_is_the_usable_one_changed_last(store: Store) -> None:
    owner = uuid7()
    me, tea = store.tokens.guest(owner), store.catalog.sell()
    with pytest.raises(NotFound):
        await store.ask(store.carts.GetCurrentCart, pb.GetCurrentCartRequest(), me)
    first, second = await store.create(me, (tea, 1)), await store.create(me)
    first = await store.add(me, first.id, tea)

    current = await store.ask(store.carts.GetCurrentCart, pb.GetCurrentCartRequest(), me)
    await store.redeem(first, owner)
    after = await store.ask(store.carts.GetCurrentCart, pb.GetCurrentCartRequest(), me)

    assert (current.id, after.id) == (first.id, second.id)


async def test_a_strangers_cart_does_not_exist(store: Store) -> None:
    mine, strangers, tea = store.tokens.customer(), store.tokens.guest(), store.catalog.sell()
    cart = await store.create(mine, (tea, 1))
    line = pb.LineInput(variant_id=tea, quantity=1)
    acting = store.tokens.service("checkout", "carts.redeem", act_for=uuid7(), at="cart")
    owner = str(uuid7())
    attempts = [
        (store.carts.GetCart, pb.GetCartRequest(cart_id=cart.id), strangers),
        (store.carts.GetCurrentCart, pb.GetCurrentCartRequest(), strangers),
        (store.carts.AddLine, pb.AddLineRequest(cart_id=cart.id, line=line), strangers),
        (
            store.carts.SetLineQuantity,
            pb.SetLineQuantityRequest(cart_id=cart.id, line_id=cart.lines[0].id),
            strangers,
        ),
        (store.carts.ApplyCoupon, pb.ApplyCouponRequest(cart_id=cart.id, code="X"), strangers),
        (store.carts.RemoveCoupon, pb.RemoveCouponRequest(cart_id=cart.id, code="X"), strangers),
        (
            store.carts.SaveCart,
            pb.SaveCartRequest(cart_id=cart.id, email="a@example.org"),
            strangers,
        ),
        (store.carts.RestoreCart, pb.RestoreCartRequest(restore_token=cart.id), strangers),
        (
            store.carts.RestoreCart,
            pb.RestoreCartRequest(restore_token=store.links.token(uuid7())),
            strangers,
        ),
        (
            store.orders.GetCartForOrder,
            pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=owner),
            store.checkout,
        ),
        (
            store.orders.GetCartForOrder,
            pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=owner),
            acting,
        ),
        (
            store.orders.RedeemCart,
            pb.RedeemCartRequest(order_id=owner, cart_id=cart.id, owner_id=owner, cart_version=1),
            store.checkout,
        ),
    ]

    for method, request, token in attempts:
        with pytest.raises(NotFound) as refusal:
            await store.ask(method, request, token)
        assert refusal.value.reason == "CART_NOT_FOUND"
    assert await store.get(mine, cart.id) == cart


async def test_without_the_catalogue_a_cart_shows_last_seen_prices_and_takes_nothing_new(
    store: Store,
) -> None:
    owner = uuid7()
    me, tea = store.tokens.guest(owner), store.catalog.sell(price_minor=7_00)
    cart = await store.create(me, (tea, 3))
    store.catalog.calls.is_away = True

    shown = await store.get(me, cart.id)
    fewer = await store.set(me, cart, 2)

    assert (totals(shown)[TOTAL_TYPE_TOTAL], codes(shown), shown.lines[0].item.title) == (
        21_00,
        [MESSAGE_CODE_PRICES_NOT_CURRENT],
        "Tea",
    )
    assert shown.messages[0].type == MESSAGE_TYPE_WARNING
    assert totals(fewer)[TOTAL_TYPE_TOTAL] == 14_00
    for attempt in (
        store.add(me, cart.id, tea),
        store.set(me, cart, 9),
        store.create(me, (tea, 1)),
    ):
        with pytest.raises(Unavailable):
            await attempt
    request = pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(owner))
    with pytest.raises(Unavailable):
        await store.ask(store.orders.GetCartForOrder, request, store.acting_for(owner))


async def test_a_bad_address_is_refused_and_a_good_one_is_kept_in_lower_case(store: Store) -> None:
    owner = uuid7()
    me = store.tokens.guest(owner)
    cart = await store.create(me, (store.catalog.sell(), 1))

    for bad in (
        "",
        "jane",
        "jane@",
        "jane@example",
        "ja ne@example.org",
        "a@b@example.org",
        "<x>@example.org",
    ):
        with pytest.raises(Invalid) as refusal:
            await store.save(me, cart.id, bad)
        assert refusal.value.reason == "INVALID_EMAIL"
    saved = await store.save(me, cart.id, " Jane@Example.ORG ")

    request = pb.GetCartForOrderRequest(cart_id=cart.id, owner_id=str(owner))
    for_order = await store.ask(
        store.orders.GetCartForOrder,
        request,
        store.tokens.service("checkout", "carts.redeem", act_for=owner, at="cart"),
    )
    assert saved.saved
    assert (for_order.email, for_order.owner_id, for_order.tax_included, for_order.locale) == (
        "jane@example.org",
        str(owner),
        True,
        "en",
    )
    assert for_order.cart.version == saved.version
    # The answer holds a secret: it is not kept for replay.
    assert await store.rows("SELECT 1 FROM idempotency WHERE method LIKE '%%SaveCart'") == []


async def test_a_cart_is_priced_for_the_group_of_its_owner(store: Store) -> None:
    tea, me = store.catalog.sell(), store.tokens.customer(group="trade")

    cart = await store.create(me, (tea, 1))
    await store.add(me, cart.id, tea)

    asked = store.catalog.calls.requests("GetOffers")
    assert {request.customer_group for request in asked} == {"trade"}
