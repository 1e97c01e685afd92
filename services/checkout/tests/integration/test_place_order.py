"""Placing of orders: one key, one order, one charge."""

import asyncio

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from services.checkout.tests.checkout_world import total_of
from sojourn.checkout.v1 import checkout_pb2 as pb


async def test_a_buyer_pays_once_and_gets_an_order(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    order = await world.complete(checkout, owner_id)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert order.number == "S-100001"
    assert total_of(order) == eur(29_90)
    assert [payment.status for payment in order.payments] == [pb.PAYMENT_STATUS_CAPTURED]
    assert [event.status for event in order.history] == [
        pb.ORDER_STATUS_PENDING,
        pb.ORDER_STATUS_PLACED,
    ]
    sums = await world.provider.sums(order.id)
    assert (sums["payment_count"], sums["net_captured_minor"], sums["holding_minor"]) == (
        1,
        29_90,
        0,
    )
    assert world.stock.on_hand[str(world.variant_id)] == 9
    assert world.stock.reserved[str(world.variant_id)] == 0
    assert await world.outbox() == ["CheckoutStarted", "OrderPlaced"]
    assert await world.scalar("SELECT count(*) FROM timer") == 0
    assert await world.scalar("SELECT count(*) FROM payment WHERE token <> ''") == 0


async def test_ten_calls_with_one_key_make_one_order_and_get_one_answer(world):
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)

    orders = await asyncio.gather(*(world.complete(checkout, owner_id, key=key) for _ in range(10)))

    assert len({order.SerializeToString(deterministic=True) for order in orders}) == 1
    assert await world.scalar("SELECT count(*) FROM orders") == 1
    sums = await world.provider.sums(orders[0].id)
    assert (sums["payment_count"], sums["net_captured_minor"]) == (1, 29_90)
    assert world.calls.methods.count("RedeemCart") == 1


async def test_ten_keys_on_one_checkout_make_one_order(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    orders = await asyncio.gather(
        *(world.complete_patiently(checkout, owner_id) for _ in range(10))
    )

    assert len({order.id for order in orders}) == 1
    assert (await world.provider.sums(orders[0].id))["payment_count"] == 1


async def test_another_body_under_the_key_is_refused(world, refusal_of):
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)
    await world.complete(checkout, owner_id, key=key)

    assert (
        await refusal_of(world.complete(checkout, owner_id, key=key, total=eur(1))) == "KEY_REUSED"
    )


async def test_a_key_is_required(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    method = world.checkouts.CompleteCheckout
    request = pb.CompleteCheckoutRequest(checkout_id=checkout.id, expected_version=checkout.version)
    assert (
        await refusal_of(world.ask(method, request, world.tokens.guest(owner_id))) == "KEY_REQUIRED"
    )


async def test_ten_buyers_of_the_last_two_units_get_two_orders(world):
    world.stock.on_hand[str(world.variant_id)] = 2
    buyers = [uuid7() for _ in range(10)]
    checkouts = await asyncio.gather(*(world.ready(buyer) for buyer in buyers))

    results = await asyncio.gather(
        *(
            world.complete(checkout, buyer)
            for checkout, buyer in zip(checkouts, buyers, strict=True)
        ),
        return_exceptions=True,
    )

    refusals = [result for result in results if isinstance(result, DomainError)]
    assert [refusal.reason for refusal in refusals] == ["OUT_OF_STOCK"] * 8
    assert not any("available" in refusal.metadata for refusal in refusals)
    assert (
        world.stock.on_hand[str(world.variant_id)]
        == world.stock.reserved[str(world.variant_id)]
        == 0
    )
    assert "UnredeemCart" not in world.calls.methods, "who lost the stock never reached the cart"
    assert await world.scalar("SELECT count(*) FROM orders WHERE status = 'refused'") == 8


async def test_twenty_orders_at_once_have_twenty_numbers_without_a_gap(world):
    world.stock.on_hand[str(world.variant_id)] = 20

    bought = await asyncio.gather(*(world.buy() for _ in range(20)))

    numbers = sorted(order.number for _, order in bought)
    assert numbers == [f"S-{100_001 + n}" for n in range(20)]


async def test_an_order_that_an_older_process_places_gets_a_number(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_3ds")
    order = await world.complete(checkout, owner_id)

    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET status = 'placed', version = version + 1")

    assert not order.number
    assert await world.scalar("SELECT number FROM orders") == "S-100001"


async def test_each_channel_counts_its_orders_by_itself(world):
    async def number(channel):
        owner_id = uuid7()
        checkout = await world.ready(owner_id)
        async with world.database.tx() as tx:
            await tx.run("UPDATE checkout SET channel_id = %s", [channel])
        return (await world.complete(checkout, owner_id)).number

    assert [await number("b2b-\"at'") for _ in range(2)] == ["S-100001", "S-100002"]
    assert await number("default") == "S-100001"


async def test_a_changed_price_is_refused_before_anything_happens(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    total = total_of(checkout)
    item = world.carts.carts[checkout.cart_id].cart.lines[0].item
    for amount in (item.unit_price, item.subtotal, item.total):
        amount.amount_minor += 1_00

    assert await refusal_of(world.complete(checkout, owner_id, total=total)) == "PRICE_CHANGED"

    assert await world.scalar("SELECT count(*) FROM orders") == 0


async def test_an_order_that_costs_nothing_needs_no_payment(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, quantity=4, discount_minor=-100_00)
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, delivery_option_id="pickup")
    checkout = await world.ask(world.checkouts.UpdateCheckout, update, world.tokens.guest(owner_id))

    order = await world.complete(checkout, owner_id)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert not order.payments
    assert (await world.provider.sums(order.id))["payment_count"] == 0
