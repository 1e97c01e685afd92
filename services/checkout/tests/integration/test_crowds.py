"""Crowds of calls: repeats of a completion, and other buyers beside them."""

import asyncio
import hashlib

import pytest

from cart.testing import CartNotOpen, PromotionNotValid
from chassis.data.connections import ConnectionHeld
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from sojourn.checkout.v1 import checkout_pb2 as pb

POOL_SIZE = 10


async def test_three_times_as_many_repeats_as_connections_get_one_order_and_no_error(world):
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)
    await world.provider.misbehave(latency_ms=700)

    answers = await asyncio.gather(
        *(world.complete(checkout, owner_id, key=key) for _ in range(3 * POOL_SIZE))
    )

    assert len({order.id for order in answers}) == 1
    assert {order.status for order in answers} == {pb.ORDER_STATUS_PENDING, pb.ORDER_STATUS_PLACED}
    assert (await world.provider.sums(answers[0].id))["payment_count"] == 1


async def test_a_crowd_of_repeats_leaves_a_bystander_their_order(world):
    owner_id, key, bystander = uuid7(), str(uuid7()), uuid7()
    checkout, other = await world.ready(owner_id), await world.ready(bystander)
    await world.provider.misbehave(latency_ms=500)

    crowd = [
        asyncio.create_task(world.complete(checkout, owner_id, key=key))
        for _ in range(3 * POOL_SIZE)
    ]
    order = await world.complete(other, bystander)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert not [
        error
        for error in await asyncio.gather(*crowd, return_exceptions=True)
        if isinstance(error, BaseException)
    ]


@pytest.mark.parametrize("changed_settings", [{"payment_timeout_seconds": 8}], indirect=True)
async def test_shoppers_who_tap_twice_at_a_slow_provider_all_get_their_orders(world):
    world.stock.on_hand[str(world.variant_id)] = 20
    buyers = [uuid7() for _ in range(12)]
    checkouts = [await world.ready(buyer) for buyer in buyers]
    await world.provider.misbehave(latency_ms=1_500)

    async def tap(checkout, buyer, key):
        return await world.complete(checkout, buyer, key=key)

    keys = [str(uuid7()) for _ in buyers]
    taps = [tap(*each) for each in zip(checkouts, buyers, keys, strict=True)]
    again = [tap(*each) for each in zip(checkouts, buyers, keys, strict=True)]
    answers = await asyncio.gather(*taps, *again)

    assert {order.status for order in answers} == {pb.ORDER_STATUS_PLACED}
    assert len({order.id for order in answers}) == len(buyers)


@pytest.mark.parametrize(
    "changed_settings", [{"complete_waiters": 2, "payment_timeout_seconds": 8}], indirect=True
)
async def test_repeats_beyond_those_that_may_wait_are_answered_at_once(world):
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)
    await world.provider.misbehave(latency_ms=1_500)

    calls = [asyncio.create_task(world.complete(checkout, owner_id, key=key)) for _ in range(8)]
    done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)

    assert {call.result().status for call in done} == {pb.ORDER_STATUS_PENDING}
    assert waiting
    answers = await asyncio.gather(*calls)
    # The call that began the order, and two that repeat it, wait until it is placed.
    assert [order.status for order in answers].count(pb.ORDER_STATUS_PLACED) >= 3


@pytest.mark.parametrize("refusal", [PromotionNotValid, CartNotOpen])
async def test_a_buyer_who_loses_a_coupon_or_cart_has_no_money_authorized(
    world, refusal_of, refusal
):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    world.calls.fail_before["RedeemCart"] = [refusal()]

    assert await refusal_of(world.complete(checkout, owner_id)) == refusal.reason

    order = await world.order_of(checkout.id)
    sums = await world.provider.sums(str(order.id))
    assert (sums["payment_count"], sums["voided_minor"], sums["holding_minor"]) == (0, 0, 0)


async def test_a_completion_without_expected_total_or_version_is_refused(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    request = pb.CompleteCheckoutRequest(checkout_id=checkout.id)

    complete = world.ask(
        world.checkouts.CompleteCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )

    assert await refusal_of(complete) == "EXPECTED_TOTAL_REQUIRED"
    assert await world.scalar("SELECT count(*) FROM orders") == 0


async def _complete_version(world, checkout, owner_id, version):
    request = pb.CompleteCheckoutRequest(checkout_id=checkout.id, expected_version=version)
    return await world.ask(
        world.checkouts.CompleteCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )


async def test_a_completion_with_the_expected_version_places_the_order(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    assert (
        await _complete_version(world, checkout, owner_id, checkout.version)
    ).status == pb.ORDER_STATUS_PLACED


async def test_a_completion_with_an_older_version_is_refused(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    assert (
        await refusal_of(_complete_version(world, checkout, owner_id, checkout.version - 1))
        == "VERSION_MISMATCH"
    )
    assert await world.scalar("SELECT count(*) FROM orders") == 0


async def test_a_price_that_rose_after_the_expected_version_is_refused(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    item = world.carts.carts[checkout.cart_id].cart.lines[0].item
    for amount in (item.unit_price, item.subtotal, item.total):
        amount.amount_minor *= 2

    assert (
        await refusal_of(_complete_version(world, checkout, owner_id, checkout.version))
        == "PRICE_CHANGED"
    )
    assert await world.scalar("SELECT count(*) FROM orders") == 0


async def test_a_version_of_an_earlier_release_needs_the_total(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    async with world.database.tx() as tx:
        await tx.run("UPDATE checkout SET reviewed_total_minor = NULL")

    assert (
        await refusal_of(_complete_version(world, checkout, owner_id, checkout.version))
        == "EXPECTED_TOTAL_REQUIRED"
    )
    assert (await world.complete(checkout, owner_id)).status == pb.ORDER_STATUS_PLACED


async def test_a_repeat_without_a_total_returns_the_existing_order(world):
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)
    request, token = pb.CompleteCheckoutRequest(checkout_id=checkout.id), world.shopper(owner_id)
    order = await world.complete(checkout, owner_id, key="another")
    async with world.database.tx() as tx:
        # As a process of an earlier release left it, which asked for no total.
        digest = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        await tx.run("UPDATE placement SET idempotency_key = %s, fingerprint = %s", [key, digest])

    again = await world.ask(world.checkouts.CompleteCheckout, request, token, key=key)

    assert again.id == order.id


async def test_a_wait_with_an_open_connection_is_refused(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    order = await world.complete(checkout, owner_id)

    async with world.database.read() as read:
        await read.fetch("SELECT 1")
        with pytest.raises(ConnectionHeld):
            await world.components.background.wait(order.id, within=1)


async def test_refusals_of_a_crowd_are_typed(world):
    """Thirty buyers of ten units: ten orders, and twenty typed refusals."""
    buyers = [uuid7() for _ in range(3 * POOL_SIZE)]
    checkouts = [await world.ready(buyer) for buyer in buyers]

    answers = await asyncio.gather(
        *(world.complete(*each) for each in zip(checkouts, buyers, strict=True)),
        return_exceptions=True,
    )

    refusals = [answer.reason for answer in answers if isinstance(answer, DomainError)]
    assert refusals == ["OUT_OF_STOCK"] * 20
