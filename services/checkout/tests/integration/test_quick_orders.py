"""Orders in one call, with the choices that the customer is used to."""

import asyncio
import contextlib
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import quick_orders_pb2, quick_orders_pb2_grpc
from sojourn.identity.v1 import identity_pb2

STANDARD = eur(29_90)


def _customer(world, *, address=None):
    """Returns a new customer with a default address."""
    customer = world.identity.add_customer(f"{uuid7()}@example.org")
    default = address or an_address()
    world.identity.addresses[customer.id] = [
        identity_pb2.CustomerAddress(id=str(uuid7()), address=default, is_default=True)
    ]
    return UUID(customer.id)


def _request(world, owner_id, *, expected_total=STANDARD, cart=None, **fields):
    fields.setdefault("payment_token", "pm_card_ok")
    return quick_orders_pb2.PlaceQuickOrderRequest(
        cart_id=world.cart(owner_id, **(cart or {})), expected_total=expected_total, **fields
    )


async def _place(world, owner_id, request, *, key=""):
    stub = world.peer.stub(quick_orders_pb2_grpc.QuickOrderServiceStub)
    token = world.tokens.customer(owner_id)
    return await world.ask(stub.PlaceQuickOrder, request, token, key=key or str(uuid7()))


async def _refusal(world, owner_id, request, *, key=""):
    with pytest.raises(DomainError) as refused:
        await _place(world, owner_id, request, key=key)
    return refused.value


async def _checkout(world, checkout_id, owner_id):
    request = pb.GetCheckoutRequest(checkout_id=checkout_id)
    return await world.ask(world.checkouts.GetCheckout, request, world.tokens.customer(owner_id))


async def _count_checkouts(world, owner_id):
    async with world.database.read() as read:
        query = 'SELECT count(*) FROM "checkout" WHERE owner_id = %s'
        return (await read.fetch(query, (owner_id,)))[0][0]


async def test_a_customers_first_order_has_the_default_address_and_the_first_delivery(world):
    owner_id = _customer(world)

    order = await _place(world, owner_id, _request(world, owner_id))

    assert order.status == pb.ORDER_STATUS_PLACED
    assert order.delivery_address == an_address()
    assert (order.delivery_option.id, order.payments[0].method) == ("standard", "card")
    assert order.email == world.identity.customers[str(owner_id)].email
    assert (await world.provider.sums(order.id))["captured_minor"] == 29_90


async def test_an_order_has_the_delivery_and_payment_of_the_last_one(world):
    owner_id = _customer(world)
    await world.offer("card")
    await world.offer("vip-card")
    first = _request(
        world,
        owner_id,
        delivery_option_id="express",
        payment_method_id="vip-card",
        expected_total=eur(37_90),
    )
    await _place(world, owner_id, first)

    order = await _place(world, owner_id, _request(world, owner_id, expected_total=eur(37_90)))

    assert (order.delivery_option.id, order.payments[0].method) == ("express", "vip-card")


async def test_a_repeat_answers_the_same_order_and_charges_once(world):
    owner_id, key = _customer(world), str(uuid7())
    request = _request(world, owner_id)

    first, twin = await asyncio.gather(
        _place(world, owner_id, request, key=key), _place(world, owner_id, request, key=key)
    )
    later = await _place(world, owner_id, request, key=key)

    assert {first.id, twin.id, later.id} == {first.id}
    assert later.status == pb.ORDER_STATUS_PLACED
    assert await _count_checkouts(world, owner_id) == 1
    assert (await world.provider.sums(first.id))["payment_count"] == 1


async def test_a_key_that_came_with_another_request_is_refused(world):
    owner_id, key = _customer(world), str(uuid7())
    await _place(world, owner_id, _request(world, owner_id), key=key)
    refused_key = str(uuid7())
    await _refusal(world, owner_id, _request(world, owner_id, payment_token=""), key=refused_key)

    placed = await _refusal(world, owner_id, _request(world, owner_id), key=key)
    unplaced = await _refusal(world, owner_id, _request(world, owner_id), key=refused_key)

    assert [placed.reason, unplaced.reason] == ["KEY_REUSED", "KEY_REUSED"]


@pytest.mark.parametrize("point", ["after:begin_checkout:commit", "after:authorize:do"])
async def test_a_process_that_is_killed_goes_on_with_the_same_key(world, tmp_path, point):
    owner_id, key = _customer(world), str(uuid7())
    request, token = _request(world, owner_id), world.tokens.customer(owner_id)
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash) as first:
        stub = first.peer.stub(quick_orders_pb2_grpc.QuickOrderServiceStub)
        placing = asyncio.ensure_future(
            first.peer.ask(stub.PlaceQuickOrder, request, authorization=token, key=key, timeout=5)
        )
        assert await first.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await placing
    await world.lapse_leases()
    async with world.working():
        order = await _place(world, owner_id, request, key=key)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert await _count_checkouts(world, owner_id) == 1
    sums = await world.provider.sums(order.id)
    assert (sums["payment_count"], sums["net_captured_minor"]) == (1, 29_90)


async def test_without_a_default_address_the_refusal_says_what_is_missing(world):
    owner_id, key = _customer(world), str(uuid7())
    world.identity.addresses.clear()
    request = _request(world, owner_id)

    refusal = await _refusal(world, owner_id, request, key=key)
    assert (refusal.reason, refusal.metadata["missing"]) == (
        "CHECKOUT_NOT_READY",
        "missing_delivery_address",
    )
    update = pb.UpdateCheckoutRequest(
        checkout_id=refusal.metadata["checkout_id"],
        delivery_address=an_address(),
        delivery_option_id="standard",
    )
    token = world.tokens.customer(owner_id)
    await world.ask(world.checkouts.UpdateCheckout, update, token)
    order = await _place(world, owner_id, request, key=key)

    assert (order.status, order.checkout_id) == (
        pb.ORDER_STATUS_PLACED,
        refusal.metadata["checkout_id"],
    )
    assert await _count_checkouts(world, owner_id) == 1


async def test_a_default_address_that_the_channel_does_not_serve_is_left_out(world):
    address = an_address(
        street_address="1 Chome-1-2 Oshiage",
        address_locality="Sumida City",
        address_region="Tokyo",
        postal_code="131-0045",
        address_country="JP",
    )
    owner_id = _customer(world, address=address)

    refusal = await _refusal(world, owner_id, _request(world, owner_id))

    assert refusal.metadata["missing"] == "missing_delivery_address"


async def test_a_method_that_needs_a_token_is_missing_without_one(world):
    owner_id = _customer(world)

    refusal = await _refusal(world, owner_id, _request(world, owner_id, payment_token=""))

    assert (refusal.reason, refusal.metadata["missing"]) == (
        "CHECKOUT_NOT_READY",
        "missing_payment_method",
    )
    checkout = await _checkout(world, refusal.metadata["checkout_id"], owner_id)
    assert (checkout.delivery_option_id, checkout.payment_method_id) == ("standard", "card")


async def test_of_several_methods_the_one_that_the_shop_prefers_pays(world):
    owner_id = _customer(world)
    await world.offer("card", position=1)
    await world.offer("other-card", position=2, preferred=True)

    order = await _place(world, owner_id, _request(world, owner_id))

    assert order.payments[0].method == "other-card"


async def test_of_several_methods_without_a_preferred_one_the_buyer_chooses(world):
    owner_id = _customer(world)
    await world.offer("card", position=1)
    await world.offer("other-card", position=2)

    refusal = await _refusal(world, owner_id, _request(world, owner_id))

    assert refusal.metadata["missing"] == "missing_payment_method"


async def test_another_total_is_refused_with_the_present_one_and_takes_no_money(world):
    owner_id = _customer(world)
    request = _request(world, owner_id, expected_total=eur(25_00))

    refusal = await _refusal(world, owner_id, request)

    assert (refusal.reason, refusal.metadata["total_minor"], refusal.metadata["currency"]) == (
        "PRICE_CHANGED",
        "2990",
        "EUR",
    )
    checkout = await _checkout(world, refusal.metadata["checkout_id"], owner_id)
    assert checkout.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    assert "OrderPlaced" not in await world.outbox()


async def test_an_order_whose_bank_asks_the_buyer_waits_for_them(world):
    owner_id, key = _customer(world), str(uuid7())
    request = _request(world, owner_id, payment_token="pm_card_3ds")

    order = await _place(world, owner_id, request, key=key)
    repeat = await _place(world, owner_id, request, key=key)

    assert order.status == pb.ORDER_STATUS_ACTION_REQUIRED
    assert order.payments[0].action_url
    assert repeat.id == order.id


async def test_a_declined_payment_is_answered_again_and_leaves_the_checkout_open(world):
    owner_id, key = _customer(world), str(uuid7())
    request = _request(world, owner_id, payment_token="pm_card_declined")

    refusal = await _refusal(world, owner_id, request, key=key)
    again = await _refusal(world, owner_id, request, key=key)

    assert (refusal.reason, again.reason) == ("PAYMENT_DECLINED", "PAYMENT_DECLINED")
    assert again.metadata["order_id"] == refusal.metadata["order_id"]
    assert again.metadata["checkout_id"] == refusal.metadata["checkout_id"]
    checkout = await _checkout(world, refusal.metadata["checkout_id"], owner_id)
    assert checkout.status in (
        pb.CHECKOUT_STATUS_INCOMPLETE,
        pb.CHECKOUT_STATUS_READY_FOR_COMPLETE,
    )


async def test_what_is_sold_out_is_refused_with_the_checkout(world):
    owner_id = _customer(world)
    world.stock.on_hand[str(world.variant_id)] = 0

    refusal = await _refusal(world, owner_id, _request(world, owner_id))

    assert refusal.reason == "OUT_OF_STOCK"
    assert refusal.metadata["checkout_id"]


async def test_a_delivery_option_that_is_not_offered_begins_no_checkout(world):
    owner_id = _customer(world)

    refusal = await _refusal(world, owner_id, _request(world, owner_id, delivery_option_id="no"))

    assert refusal.reason == "UNKNOWN_DELIVERY_OPTION"
    assert await _count_checkouts(world, owner_id) == 0


async def test_a_strangers_cart_is_not_found(world):
    owner_id, stranger = _customer(world), _customer(world)

    refusal = await _refusal(world, stranger, _request(world, owner_id))

    assert refusal.reason == "CART_NOT_FOUND"
