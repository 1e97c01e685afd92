"""Loyalty points: earned with orders that were sent and paid, and redeemed for store credit."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.erasures.actions import forget_buyer
from checkout.loyalty.book import book_points
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PRICE_MINOR, World
from services.checkout.tests.integration.test_returns import a_line, deliver, receive, request
from services.checkout.tests.integration.test_returns import refund as refund_return
from services.checkout.tests.integration.test_store_credit import has_account
from sojourn.checkout.v1 import checkout_pb2, store_credit_pb2
from sojourn.checkout.v1 import loyalty_pb2 as pb
from sojourn.checkout.v1 import return_pb2 as pb_returns
from sojourn.common.v1.money_pb2 import Money

DAY = 86_400


def eur(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="EUR")


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


async def set_rule(world: World, code: str = "points", **fields: Any) -> pb.LoyaltyRule:
    usual = {
        "earned_points": 1,
        "earned_per": eur(1_00),
        "redeemed_points": 10,
        "redeemed_for": eur(1_00),
    }
    rule = pb.LoyaltyRule(code=code, **{**usual, **fields})
    request = pb.PutLoyaltyRuleRequest(loyalty_rule=rule)
    token = world.tokens.staff("promotions.write")
    put: pb.LoyaltyRule = await world.ask(world.loyalty.PutLoyaltyRule, request, token)
    return put


async def points_of(world: World, customer_id: UUID) -> pb.Points:
    token = world.tokens.customer(customer_id)
    found: pb.Points = await world.ask(world.loyalty.GetPoints, pb.GetPointsRequest(), token)
    return found


async def has_points(world: World, customer_id: UUID, points: int) -> bool:
    return (await points_of(world, customer_id)).available == points


async def entries_of(world: World, customer_id: UUID) -> list[tuple[int, int]]:
    token = world.tokens.customer(customer_id)
    reply = await world.ask(world.loyalty.ListPointEntries, pb.ListPointEntriesRequest(), token)
    return [(entry.kind, entry.points) for entry in reply.entries]


async def redeem(
    world: World, customer_id: UUID, points: int, *, key: str = "", currency: str = "EUR"
) -> pb.Points:
    request = pb.RedeemPointsRequest(points=points, currency=currency)
    token = world.tokens.customer(customer_id)
    left: pb.Points = await world.ask(
        world.loyalty.RedeemPoints, request, token, key=key or str(uuid7())
    )
    return left


async def give(world: World, customer_id: UUID, points: int, **fields: Any) -> pb.Points:
    request = pb.AdjustPointsRequest(
        customer_id=str(customer_id), points=points, reason="Sorry", **fields
    )
    token = world.tokens.staff("gift_cards.write")
    changed: pb.Points = await world.ask(
        world.loyalty.AdjustPoints, request, token, key=str(uuid7())
    )
    return changed


async def refund(world: World, order: checkout_pb2.Order, amount_minor: int = 0) -> None:
    """Has staff refund an amount, or all."""
    request = checkout_pb2.RefundOrderRequest(
        order_id=order.id,
        amount=eur(amount_minor) if amount_minor else None,
        reason=checkout_pb2.ORDER_REASON_BUYER_REQUEST,
    )
    token = world.tokens.staff("orders.write")
    await world.ask(world.orders.RefundOrder, request, token, key=str(uuid7()))


async def has_no_timers(world: World) -> bool:
    kinds = "('loyalty.book', 'order.issue_documents')"
    return await world.scalar(f"SELECT count(*) FROM timer WHERE kind IN {kinds}") == 0


async def credit_of(world: World, customer_id: UUID) -> int:
    request = store_credit_pb2.GetStoreCreditRequest()
    token = world.tokens.customer(customer_id)
    reply = await world.ask(world.store_credit.GetStoreCredit, request, token)
    return sum(one.balance.amount_minor for one in reply.store_credit)


async def buy_as_customer(world: World, customer_id: UUID) -> checkout_pb2.Order:
    """Places an order of a guest who has become a customer of the same id."""
    _, order = await world.buy(customer_id)
    await has_account(world, customer_id)
    return order


async def test_an_order_earns_once_it_is_sent_and_old_enough(world: World) -> None:
    await set_rule(world, pending_days=14, valid_days=30)
    customer_id = uuid7()
    order = await buy_as_customer(world, customer_id)
    async with world.working():
        await world.ship(order)
        assert await has_points(world, customer_id, 0)

        world.clock.shift_to(14 * DAY + 60)
        earned = PRICE_MINOR // 100
        await eventually(lambda: has_points(world, customer_id, earned))

    found = await points_of(world, customer_id)
    assert (found.expiring, found.HasField("next_expiry")) == (earned, True)
    assert await entries_of(world, customer_id) == [(pb.POINT_ENTRY_KIND_EARNED, earned)]
    world.clock.shift_to(46 * DAY)
    assert await has_points(world, customer_id, 0)


async def test_guests_and_orders_of_before_a_rule_earn_nothing(world: World) -> None:
    customer_id = uuid7()
    before = await buy_as_customer(world, customer_id)
    await set_rule(world)
    guest_id, of_guest = await world.buy()
    async with world.working():
        await world.ship(before)
        await world.ship(of_guest)
        # The documents of the two come by the same commits as their points.
        await eventually(lambda: has_no_timers(world))

    assert await has_points(world, customer_id, 0)
    assert await world.scalar("SELECT count(*) FROM loyalty_entry") == 0
    with pytest.raises(DomainError):
        await world.ask(
            world.loyalty.GetPoints, pb.GetPointsRequest(), world.tokens.guest(guest_id)
        )


async def test_a_refund_takes_points_back_and_writes_off_what_was_redeemed(world: World) -> None:
    await set_rule(world)
    customer_id = uuid7()
    order = await buy_as_customer(world, customer_id)
    earned = PRICE_MINOR // 100
    async with world.working():
        await world.ship(order)
        await eventually(lambda: has_points(world, customer_id, earned))
        await redeem(world, customer_id, 10)
        await refund(world, order)
        await eventually(lambda: has_points(world, customer_id, 0))

    assert await entries_of(world, customer_id) == [
        (pb.POINT_ENTRY_KIND_REVOKED, -(earned - 10)),
        (pb.POINT_ENTRY_KIND_REDEEMED, -10),
        (pb.POINT_ENTRY_KIND_EARNED, earned),
    ]
    written_off = "SELECT sum(written_off)::int FROM loyalty_entry"
    assert await world.scalar(written_off) == 10
    assert await credit_of(world, customer_id) == 1_00

    # A refund that fails in the end gives back what it took, and not what was redeemed.
    async with world.database.tx() as tx:
        await tx.run("UPDATE refund SET status = 'failed'")
    for _ in range(2):
        async with world.database.tx() as tx:
            await book_points(tx, UUID(order.id))
    assert await has_points(world, customer_id, earned - 10)


async def test_goods_that_are_sent_back_keep_no_points(world: World) -> None:
    await set_rule(world)
    customer_id = uuid7()
    _, order = await world.buy(customer_id, quantity=2)
    await has_account(world, customer_id)
    each = PRICE_MINOR // 100
    async with world.working():
        await deliver(world, order)
        await eventually(lambda: has_points(world, customer_id, 2 * each))
        made = await request(world, order, a_line(order, 1))
        back = await receive(world, made, (1, pb_returns.RETURN_CONDITION_AS_NEW, False, ""))
        await refund_return(world, back)
        await eventually(lambda: has_points(world, customer_id, each))


async def test_a_refund_of_the_delivery_takes_no_points(world: World) -> None:
    await set_rule(world)
    customer_id = uuid7()
    order = await buy_as_customer(world, customer_id)
    earned = PRICE_MINOR // 100
    delivery = order.payments[0].captured.amount_minor - PRICE_MINOR
    async with world.working():
        await world.ship(order)
        await eventually(lambda: has_points(world, customer_id, earned))
        await refund(world, order, delivery)
        await eventually(lambda: has_no_timers(world))
        assert await has_points(world, customer_id, earned)
        await refund(world, order, 10_00)
        await eventually(lambda: has_points(world, customer_id, earned - 10))


async def test_points_become_store_credit_once_for_a_key(world: World) -> None:
    await set_rule(world, least_points=20)
    customer_id, key = uuid7(), str(uuid7())
    await give(world, customer_id, 55)

    left = [await redeem(world, customer_id, 30, key=key) for _ in range(2)]

    assert [one.available for one in left] == [25, 25]
    assert await credit_of(world, customer_id) == 3_00
    for points, reason in (
        (15, "INVALID_POINTS"),
        (10, "INVALID_POINTS"),
        (30, "NOT_ENOUGH_POINTS"),
    ):
        with pytest.raises(DomainError) as refusal:
            await redeem(world, customer_id, points)
        assert refusal.value.reason == reason
    with pytest.raises(DomainError) as refusal:
        await redeem(world, customer_id, 20, currency="USD")
    assert refusal.value.reason == "POINTS_NOT_REDEEMED_HERE"
    assert await credit_of(world, customer_id) == 3_00


async def test_two_redemptions_at_once_never_spend_the_same_points(world: World) -> None:
    await set_rule(world)
    customer_id = uuid7()
    await give(world, customer_id, 50)

    outcomes = await asyncio.gather(
        *(redeem(world, customer_id, 30) for _ in range(5)), return_exceptions=True
    )

    refusals = [one.reason for one in outcomes if isinstance(one, DomainError)]
    assert refusals == ["NOT_ENOUGH_POINTS"] * 4
    assert await credit_of(world, customer_id) == 3_00
    assert await has_points(world, customer_id, 20)


async def test_points_that_expire_first_are_redeemed_first(world: World) -> None:
    await set_rule(world)
    customer_id, now = uuid7(), world.clock.now()
    await give(world, customer_id, 20)
    await give(world, customer_id, 20, expires_at=now + timedelta(days=10))
    await give(world, customer_id, 20, expires_at=now + timedelta(days=5))

    await redeem(world, customer_id, 30)

    assert (await points_of(world, customer_id)).expiring == 10
    world.clock.shift_to(11 * DAY)
    assert await has_points(world, customer_id, 20)
    with pytest.raises(DomainError):
        await give(world, customer_id, -30)
    assert (await give(world, customer_id, -5)).available == 15


async def test_points_of_an_erased_customer_are_forgotten(world: World) -> None:
    await set_rule(world)
    customer_id = uuid7()
    await give(world, customer_id, 50)

    for _ in range(2):
        async with world.database.tx() as tx:
            await forget_buyer(tx, customer_id, "", retention_years=10)

    assert await entries_of(world, customer_id) == []
    assert await world.scalar("SELECT count(*) FROM loyalty_account") == 0


async def test_a_kill_after_points_are_booked_books_them_once(world: World, tmp_path: Path) -> None:
    await set_rule(world)
    customer_id = uuid7()
    order = await buy_as_customer(world, customer_id)
    crash = {"CRASH_AT": "after:book_points:commit", "CRASH_MARKER": str(tmp_path / "crashed")}
    async with world.process(**crash) as killed:
        await world.ship(order)
        await asyncio.wait_for(killed.process.wait(), 30)
    await world.lapse_leases()

    async with world.working():
        await eventually(lambda: has_no_timers(world))

    assert await entries_of(world, customer_id) == [
        (pb.POINT_ENTRY_KIND_EARNED, PRICE_MINOR // 100)
    ]


async def test_a_rule_of_a_channel_and_currency_is_one_and_makes_sense(world: World) -> None:
    first = await set_rule(world)
    again = await set_rule(world)

    assert (first.version, again.version) == (1, 1)
    for code, fields, path in (
        ("other", {}, "channel"),
        ("other", {"channel": "b2b", "earned_per": eur(0)}, "earned_per"),
        ("other", {"channel": "b2b", "redeemed_points": 0}, "redeemed_points"),
        (
            "other",
            {"channel": "b2b", "redeemed_for": Money(amount_minor=1, currency="USD")},
            "redeemed_for",
        ),
    ):
        with pytest.raises(DomainError) as refusal:
            await set_rule(world, code, **fields)
        assert refusal.value.metadata["path"] == f"loyalty_rule.{path}"
    request = pb.DeleteLoyaltyRuleRequest(code="points")
    for _ in range(2):
        await world.ask(
            world.loyalty.DeleteLoyaltyRule, request, world.tokens.staff("promotions.write")
        )
    with pytest.raises(DomainError):
        await world.ask(
            world.loyalty.GetLoyaltyRule,
            pb.GetLoyaltyRuleRequest(code="points"),
            world.tokens.staff("promotions.write"),
        )
