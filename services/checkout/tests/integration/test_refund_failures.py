"""Refunds that fail after an account of Stripe in this process had accepted them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.merchant_settings import directory
from checkout.order_exports.model import ExportKind, ExportOptions
from checkout.order_exports.parts import Place, journal_page
from services.checkout.tests.checkout_world import World
from services.checkout.tests.stripe_account import KEY, SECRET, Account, an_account
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import refund_failures_pb2 as failures_pb

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,stripe"}], indirect=True
)


@pytest_asyncio.fixture(loop_scope="session")
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


async def refunded(shop: World) -> tuple[Any, pb.Order]:
    """Returns the buyer of an order of which 10.00 EUR were refunded, and the order."""
    buyer_id, order = await shop.buy(payment_token="pm_card_visa")
    request = pb.RefundOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
    request.amount.amount_minor, request.amount.currency = 10_00, "EUR"
    token = shop.tokens.staff("orders.write")
    return buyer_id, await shop.ask(shop.orders.RefundOrder, request, token, key=str(uuid7()))


async def fail(account: Account, shop: World, order: pb.Order, *, times: int = 1) -> None:
    event = account.fail_refund(account.intent_of(order.id))
    body, signature = account.webhook(event)
    request = pb.ReceiveWebhookRequest(provider="stripe", body=body, signature=signature)
    for _ in range(times):
        await shop.ask(shop.orders.ReceiveWebhook, request, "")


async def listed(shop: World) -> list[failures_pb.FailedRefund]:
    request, token = failures_pb.ListFailedRefundsRequest(), shop.tokens.staff("orders.read")
    return list((await shop.ask(shop.failures.ListFailedRefunds, request, token)).refunds)


async def failed(shop: World) -> failures_pb.FailedRefund:
    async def is_listed() -> bool:
        return bool(await listed(shop))

    await eventually(is_listed)
    [found] = await listed(shop)
    return found


async def seen(shop: World, order: pb.Order, buyer_id: Any) -> pb.Order:
    request = pb.GetOrderRequest(order_id=order.id)
    return await shop.ask(shop.orders.GetOrder, request, shop.shopper(buyer_id))


async def journal(shop: World) -> list[tuple[str, int]]:
    """Returns the kinds of all entries of a journal, and what each moves; each balances."""
    now, day = shop.clock.now(), timedelta(days=1)
    options = ExportOptions(kind=ExportKind.JOURNAL, since=now - day, until=now + day)
    entries, place = list[Any](), Place(0, None)
    while place:
        async with shop.database.read() as read:
            page, place = await journal_page(read, options, place)  # type: ignore[assignment]  # None at the end
        entries += page
    assert all(sum(each.amount_minor for each in entry.postings) == 0 for entry in entries)
    return [
        (each.kind, sum(max(part.amount_minor, 0) for part in each.postings)) for each in entries
    ]


async def test_a_refund_that_fails_later_is_owed_and_no_longer_told_as_refunded(
    account: Account, shop: World, refusal_of: Any
) -> None:
    buyer_id, order = await refunded(shop)
    assert order.payments[0].status == pb.PAYMENT_STATUS_PARTIALLY_REFUNDED

    await fail(account, shop, order, times=2)
    found = await failed(shop)

    after = await seen(shop, order, buyer_id)
    assert (found.owed, found.number) == (True, order.number)
    assert after.refunds[0].status == pb.REFUND_STATUS_FAILED
    assert after.refunds[0].failure_code == "lost_or_stolen_card"
    assert after.refunds[0].HasField("failed_at")
    assert after.payments[0].status == pb.PAYMENT_STATUS_CAPTURED
    assert after.payments[0].refunded.amount_minor == 0
    # It is set aside: no other refund takes it.
    rest = pb.RefundOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
    rest.amount.amount_minor, rest.amount.currency = 29_90, "EUR"
    token = shop.tokens.staff("orders.write")
    again = shop.ask(shop.orders.RefundOrder, rest, token, key=str(uuid7()))
    assert await refusal_of(again) == "REFUND_EXCEEDS_CAPTURED"
    await shop.components.refund_failures.watch()
    [told] = await shop.events(failures_pb.RefundFailed)
    assert (told.order_id, told.number, told.refund_id) == (order.id, order.number, found.refund.id)
    assert (told.amount.amount_minor, told.failure_code) == (10_00, "lost_or_stolen_card")
    assert (told.channel, told.attempt) == (order.channel, 0)


async def test_it_is_paid_by_transfer_and_recorded(
    account: Account, shop: World, refusal_of: Any
) -> None:
    buyer_id, order = await refunded(shop)
    await fail(account, shop, order)
    found = await failed(shop)
    request = failures_pb.PayRefundOtherwiseRequest(
        refund_id=found.refund.id, reference="2026120100017"
    )
    token = shop.tokens.staff("orders.write")

    await shop.ask(shop.failures.PayRefundOtherwise, request, token)

    after = await seen(shop, order, buyer_id)
    assert after.refunds[0].status == pb.REFUND_STATUS_DONE
    assert after.refunds[0].HasField("repaid_at")
    assert after.payments[0].refunded.amount_minor == 10_00
    assert await listed(shop) == []
    twice = shop.ask(shop.failures.PayRefundOtherwise, request, token)
    assert await refusal_of(twice) == "REFUND_NOT_OWED"
    assert sorted(await journal(shop)) == [
        ("capture", 29_90),
        ("refund", 10_00),
        ("refund", 10_00),
        ("refund_failure", 10_00),
        ("sale", 29_90),
    ]


async def test_a_retry_asks_the_provider_under_another_key(account: Account, shop: World) -> None:
    buyer_id, order = await refunded(shop)
    await fail(account, shop, order)
    found = await failed(shop)
    request = failures_pb.RetryRefundRequest(refund_id=found.refund.id)

    await shop.ask(shop.failures.RetryRefund, request, shop.tokens.staff("orders.write"))

    async def is_paid() -> bool:
        [refund] = (await seen(shop, order, buyer_id)).refunds
        return refund.status == pb.REFUND_STATUS_DONE and refund.HasField("repaid_at")

    await eventually(is_paid)
    assert account.intent_of(order.id)["latest_charge"]["amount_refunded"] == 10_00
    assert len(account.refunds) == 2


async def test_a_retry_that_fails_later_is_owed_again(account: Account, shop: World) -> None:
    buyer_id, order = await refunded(shop)
    await fail(account, shop, order)
    first = await failed(shop)
    request = failures_pb.RetryRefundRequest(refund_id=first.refund.id)
    await shop.ask(shop.failures.RetryRefund, request, shop.tokens.staff("orders.write"))

    async def is_paid() -> bool:
        [refund] = (await seen(shop, order, buyer_id)).refunds
        return refund.HasField("repaid_at")

    await eventually(is_paid)
    await fail(account, shop, order)
    again = await failed(shop)

    after = await seen(shop, order, buyer_id)
    assert again.owed
    assert not again.refund.HasField("repaid_at")
    assert after.payments[0].refunded.amount_minor == 0


async def test_a_failure_that_is_told_before_the_refund_is_recorded_is_not_lost(
    account: Account, shop: World
) -> None:
    _, order = await refunded(shop)
    undo = """WITH payment AS (
            UPDATE payment SET status = 'captured', refunded_minor = 0, refunding_minor = 1000
        ) UPDATE refund SET status = 'pending', refunded_at = NULL RETURNING id"""
    refund_id = await shop.scalar(undo)
    await fail(account, shop, order)

    async def is_tried_again() -> bool:
        query = "SELECT max(attempts) FROM timer WHERE kind = 'payment.check_refund'"
        return (await shop.scalar(query) or 0) > 1

    await eventually(is_tried_again)
    await shop.components.refunds.complete(refund_id)

    assert (await failed(shop)).owed


async def test_a_webhook_of_a_refund_that_did_not_fail_changes_nothing(
    account: Account, shop: World
) -> None:
    buyer_id, order = await refunded(shop)
    [refund] = account.refunds.values()
    account._tell("charge.refund.updated", refund)
    body, signature = account.webhook(account.events[-1])
    request = pb.ReceiveWebhookRequest(provider="stripe", body=body, signature=signature)

    await shop.ask(shop.orders.ReceiveWebhook, request, "")

    async def is_checked() -> bool:
        query = "SELECT count(*) FROM timer WHERE kind = 'payment.check_refund'"
        return await shop.scalar(query) == 0

    await eventually(is_checked)
    assert (await seen(shop, order, buyer_id)).refunds[0].status == pb.REFUND_STATUS_DONE
