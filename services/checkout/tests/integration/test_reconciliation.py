"""Reconciliation: stuck orders, payments without an order, reservations without an order."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.data import isolation
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, sample_value
from checkout.errors.payments import ProviderUnavailable
from checkout.orders.model import Order, OrderLine
from checkout.payments.provider import Providers
from sojourn.checkout.v1 import checkout_pb2 as pb


async def _reconcile(world):
    return await world.ask(
        world.orders.Reconcile, pb.ReconcileRequest(), world.tokens.staff("orders.write")
    )


async def _charge(world, reference, amount=10_00, *, capture=True):
    response = await world.provider.http.post(
        "/v1/payments",
        headers={"Idempotency-Key": str(uuid7())},
        json={
            "reference": reference,
            "amount_minor": amount,
            "currency": "EUR",
            "payment_method": "pm_card_ok",
            "capture": capture,
        },
    )
    assert response.is_success


async def test_a_stuck_order_is_resumed(world):
    await world.provider.misbehave(outage=True)
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await world.complete(checkout, owner_id)
    for task in asyncio.all_tasks():
        if task.get_name().startswith("background "):
            task.cancel()
    async with world.database.tx() as tx:
        await tx.run("DELETE FROM timer")
    await world.provider.misbehave()

    found = await _reconcile(world)

    assert found.stuck_orders == 1
    order = await world.order_of(checkout.id)
    assert order.status == "placed"
    assert (await world.provider.sums(str(order.id)))["net_captured_minor"] == 29_90


@pytest.mark.parametrize("capture", [True, False])
async def test_a_payment_without_an_order_is_undone(world, capture):
    lost = str(uuid7())
    await _charge(world, lost, capture=capture)

    found = await _reconcile(world)

    assert found.paid_without_order >= 1
    sums = await world.provider.sums(lost)
    assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)
    assert sample_value("paid_without_order") == 0
    assert sample_value("reconciler_last_success_seconds") == pytest.approx(time.time(), abs=5)
    again = await _reconcile(world)
    assert again.paid_without_order == 0


async def test_payments_of_other_systems_and_of_placed_orders_are_kept(world):
    _, order = await world.buy()
    foreign = f"invoice-{uuid7()}"
    await _charge(world, foreign)

    await _reconcile(world)

    assert (await world.provider.sums(foreign))["net_captured_minor"] == 10_00
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 29_90


async def test_a_payment_that_cannot_be_undone_is_counted_and_found_again(world):
    lost = str(uuid7())
    await _charge(world, lost)
    provider = world.components.participants.providers.main

    class Deaf:
        def __getattr__(self, name):
            return getattr(provider, name)

        async def refund(self, *args, **kwargs):
            raise ProviderUnavailable

    object.__setattr__(world.components.participants, "providers", Providers(Deaf(), None))
    found = await _reconcile(world)
    assert found.paid_without_order >= 1
    assert sample_value("paid_without_order") >= 1

    object.__setattr__(world.components.participants, "providers", Providers(provider, provider))
    await _reconcile(world)

    assert sample_value("paid_without_order") == 0
    assert (await world.provider.sums(lost))["net_captured_minor"] == 0


async def test_a_reservation_without_an_order_is_released(world):
    lost = Order(
        id=uuid7(),
        number="S-1",
        owner_id=uuid7(),
        channel_id="default",
        checkout_id=uuid7(),
        cart_id=uuid7(),
        cart_version=1,
        currency="EUR",
        locale="de",
        email="",
        delivery_address={},
        delivery_option={},
        totals=[],
        tax_lines=[],
        promotion_codes=[],
        total_minor=1,
        created_at=world.clock.now(),
        expires_at=world.clock.now() + timedelta(seconds=900),
    )
    line = OrderLine(
        id=uuid7(),
        order_id=lost.id,
        position=0,
        variant_id=world.variant_id,
        product_id="",
        sku="",
        title="",
        options="",
        product_slug="",
        image_url="",
        quantity=2,
        unit_price_minor=1,
        discount_minor=0,
        total_minor=2,
        tax_minor=0,
        tax_class="standard",
    )
    await world.components.participants.stock.reserve(lost, [line])
    owner_id = uuid7()
    waiting = await world.complete(
        await world.ready(owner_id, payment_token="pm_card_3ds"), owner_id
    )
    assert waiting.status == pb.ORDER_STATUS_ACTION_REQUIRED
    assert world.stock.reserved[str(world.variant_id)] == 3

    found = await _reconcile(world)

    assert found.reservations_without_order == 1
    assert found.stuck_orders == 0
    assert world.stock.reserved[str(world.variant_id)] == 1, (
        "the order that waits for its buyer keeps its stock"
    )


async def test_the_loop_reconciles_by_itself(world):
    lost = str(uuid7())
    await _charge(world, lost)

    loop = asyncio.create_task(world.components.reconciler.run(every_seconds=0.1, after_seconds=0))

    async def is_undone():
        return (await world.provider.sums(lost))["net_captured_minor"] == 0

    await eventually(is_undone)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


# Values that make a row of an order undecodable or odd, by column.
BAD_ORDERS = [
    ("created_at", "'4713-01-01 BC'"), ("expires_at", "'20000-01-01'"), ("placed_at", "'infinity'"),
    ("total_minor", "9223372036854775807"),
    ("totals", "'7'"), ("delivery_address", "'[]'"), ("delivery_option", "'null'"),
    ("promotion_codes", "'{}'"), ("refusal_metadata", "'[7]'"),
    ("currency", "''"), ("channel_id", "''"), ("email", "''"), ("locale", "''"),
    ("version", "9223372036854775806"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), BAD_ORDERS)
async def test_an_undecodable_order_does_not_stop_the_reconciliation_of_others(
    world, column, value
):
    _, bad = await world.buy()
    lost = str(uuid7())
    await _charge(world, lost)
    async with world.database.tx() as tx:
        await tx.run(
            f"UPDATE orders SET status = 'pending', {column} = {value} WHERE id = %s",
            [UUID(bad.id)],
        )
        await tx.run("DELETE FROM timer")

    await _reconcile(world)

    sums = await world.provider.sums(lost)
    assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)


async def test_an_undecodable_order_keeps_its_money_and_stock_and_is_listed(world):
    owner_id = uuid7()
    waiting = await world.complete(
        await world.ready(owner_id, payment_token="pm_card_3ds"), owner_id
    )
    _, paid = await world.buy()
    reserved = dict(world.stock.reserved)
    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET expires_at = '20000-01-01'")

    found = await _reconcile(world)

    assert found.reservations_without_order == 0
    assert world.stock.reserved == reserved
    assert (await world.provider.sums(paid.id))["net_captured_minor"] == 29_90
    await isolation.flush(world.database)
    async with world.database.read() as read:
        listed = {
            key for (key,) in await read.fetch("SELECT key FROM skipped_row WHERE loop = 'orders'")
        }
    assert {waiting.id, paid.id} <= listed
