"""Payments that a buyer's bank takes back, at an account of Stripe in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from services.checkout.tests.stripe_account import KEY, SECRET, Account, an_account
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import disputes_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2 as desk_pb
from sojourn.checkout.v1.events_pb2 import OrderRefunded

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,stripe"}], indirect=True
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def account() -> AsyncIterator[Account]:
    async with an_account() as made:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STRIPE_SECRET_KEY", KEY)
            patch.setenv("STRIPE_WEBHOOK_SECRET", SECRET)
            patch.setenv("STRIPE_URL", made.url)
            yield made


@pytest_asyncio.fixture(loop_scope="session")
async def shop(
    account: Account, world: World, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A shop whose cards are Stripe's, with its timers running."""
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("card", provider="stripe", provider_method="card")
    async with world.working():
        yield world


async def deliver_event(
    account: Account, shop: World, event: dict[str, Any], *, times: int = 1
) -> None:
    body, signature = account.webhook(event)
    for _ in range(times):
        request = orders_pb.ReceiveWebhookRequest(provider="stripe", body=body, signature=signature)
        await shop.ask(shop.orders.ReceiveWebhook, request, "")


async def listed(shop: World, **request: Any) -> list[pb.PaymentDispute]:
    message = pb.ListPaymentDisputesRequest(**request)
    token = shop.tokens.staff("orders.read")
    return list((await shop.ask(shop.disputes.ListPaymentDisputes, message, token)).disputes)


async def becomes(shop: World, *statuses: pb.PaymentDisputeStatus.ValueType) -> None:
    async def is_so() -> bool:
        return [each.status for each in await listed(shop)] == list(statuses)

    await eventually(is_so)


async def refund(shop: World, order: orders_pb.Order) -> orders_pb.Order:
    request = orders_pb.RefundOrderRequest(order_id=order.id, reason=orders_pb.ORDER_REASON_OTHER)
    token = shop.tokens.staff("orders.write")
    return await shop.ask(shop.orders.RefundOrder, request, token, key=str(uuid7()))


async def test_a_dispute_is_recorded_once_holds_its_order_and_stops_refunds(
    account: Account, shop: World, refusal_of: Any
) -> None:
    owner_id, order = await shop.buy(payment_token="pm_card_visa")
    intent = account.intent_of(order.id)

    await deliver_event(account, shop, account.dispute(intent, "needs_response"), times=2)
    await becomes(shop, pb.PAYMENT_DISPUTE_STATUS_NEEDS_RESPONSE)

    ask = desk_pb.GetStaffOrderRequest(order_id=order.id)
    shown = await shop.ask(shop.desk.GetStaffOrder, ask, shop.tokens.staff("orders.read"))
    [dispute] = shown.disputes
    assert shown.hold.reason == desk_pb.HOLD_REASON_PAYMENT
    assert (dispute.reason, dispute.amount.amount_minor) == ("fraudulent", 29_90)
    assert dispute.respond_by.seconds > dispute.opened_at.seconds
    assert await refusal_of(refund(shop, order)) == "PAYMENT_DISPUTED"
    assert await refusal_of(shop.ship(order)) == "ORDER_ON_HOLD"
    assert await listed(shop, status=pb.PAYMENT_DISPUTE_STATUS_LOST) == []
    [event] = await shop.events(pb.PaymentDisputeChanged)
    assert (event.dispute, event.owner_id) == (dispute, str(owner_id))
    assert (event.number, event.channel) == (order.number, order.channel)


async def test_of_a_lost_dispute_the_money_goes_back_once_with_the_cancellation(
    account: Account, shop: World
) -> None:
    _, order = await shop.buy(payment_token="pm_card_visa")
    intent = account.intent_of(order.id)
    opened = account.dispute(intent, "under_review")
    # The later event comes first: the state is read from the provider.
    await deliver_event(account, shop, account.dispute(intent, "lost"))
    await deliver_event(account, shop, opened)
    await becomes(shop, pb.PAYMENT_DISPUTE_STATUS_LOST)

    request = orders_pb.CancelOrderRequest(order_id=order.id, reason=orders_pb.ORDER_REASON_FRAUD)
    cancelled = await shop.ask(shop.orders.CancelOrder, request, shop.tokens.staff("orders.write"))

    assert cancelled.status == orders_pb.ORDER_STATUS_CANCELLED
    assert cancelled.payments[0].refunded.amount_minor == 29_90
    assert intent["latest_charge"]["amount_refunded"] == 0
    assert len(await shop.events(OrderRefunded)) == 1


async def test_a_dispute_that_is_won_or_of_nobody_changes_nothing_else(
    account: Account, shop: World
) -> None:
    _, order = await shop.buy(payment_token="pm_card_visa")
    await shop.ship(order)
    intent = account.intent_of(order.id)
    await deliver_event(account, shop, account.dispute(intent, "needs_response"))
    await becomes(shop, pb.PAYMENT_DISPUTE_STATUS_NEEDS_RESPONSE)
    await deliver_event(account, shop, account.dispute(intent, "won"))
    stranger = account.dispute({**intent, "id": "pi_none"}, "lost")
    await deliver_event(account, shop, stranger)
    await becomes(shop, pb.PAYMENT_DISPUTE_STATUS_WON)

    refunded = await refund(shop, order)

    assert refunded.payments[0].refunded.amount_minor == 29_90
    assert intent["latest_charge"]["amount_refunded"] == 29_90
    assert len(await shop.events(pb.PaymentDisputeChanged)) == 2
    assert await shop.scalar("SELECT count(*) FROM order_hold") == 0
