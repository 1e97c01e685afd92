"""Orders under review: placed and held, their money kept until staff decide."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.line_item import ItemKind
from chassis.money import Money
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PACKAGES, World, total_of
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers_pb
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import checkout_pb2_grpc, fraud_pb2_grpc
from sojourn.checkout.v1 import fraud_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2 as desk_pb
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced
from sojourn.checkout.v1.order_desk_events_pb2 import OrderHeld, OrderReleased

REVIEW, REFUSE = pb.FRAUD_ACTION_REVIEW, pb.FRAUD_ACTION_REFUSE
HOUR = 3_600
ELEVATED = "pm_card_elevated_risk"
PLACED, CANCELLED = orders_pb.ORDER_STATUS_PLACED, orders_pb.ORDER_STATUS_CANCELLED


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


@pytest.fixture
def acme_is_installed() -> Iterator[Any]:
    sys.path.append(PACKAGES)
    import acme_scores

    acme_scores.ASKED.clear()
    yield acme_scores
    acme_scores.FAILURES.clear()
    sys.path.remove(PACKAGES)


async def reviewed(world: World, **ready: Any) -> orders_pb.Order:
    """Returns an order that was placed under review."""
    await world.set_fraud(elevated_risk=REVIEW)
    _, order = await world.buy(payment_token=ELEVATED, **ready)
    return order


async def read(world: World, order_id: str) -> orders_pb.Order:
    request = orders_pb.GetOrderRequest(order_id=order_id)
    return await world.ask(world.orders.GetOrder, request, world.tokens.staff("orders.read"))


async def money_of(world: World, order_id: str) -> tuple[int, int, int]:
    """Returns what the provider holds, took and gave back."""
    sums = await world.provider.sums(order_id)
    return sums["holding_minor"], sums["captured_minor"], sums["refunded_minor"]


async def queue(world: World, **request: Any) -> list[str]:
    message = pb.ListOrderReviewsRequest(**request)
    token = world.tokens.staff("orders.read")
    found = await world.ask(world.reviews.ListOrderReviews, message, token)
    return [each.order_id for each in found.reviews]


async def count(world: World, kind: Any) -> int:
    return len(await world.events(kind))


async def test_an_order_under_review_is_placed_held_and_not_paid(
    world: World, refusal_of: Any
) -> None:
    order = await reviewed(world)

    assert order.status == PLACED
    assert order.number
    assert [each.status for each in order.payments] == [orders_pb.PAYMENT_STATUS_AUTHORIZED]
    assert await money_of(world, order.id) == (29_90, 0, 0)
    assert world.stock.on_hand[str(world.variant_id)] == 9
    [held] = await world.events(OrderHeld)
    assert held.reason == desk_pb.HOLD_REASON_FRAUD
    assert held.HasField("review_until")
    assert await count(world, transfers_pb.OrderPaid) == 0
    [shown] = [await world.review(order.id)]
    assert (shown.status, shown.number) == (pb.ORDER_REVIEW_STATUS_OPEN, order.number)
    [finding], [signals] = shown.findings, shown.signals
    assert (finding.kind, finding.code, finding.action) == (
        pb.FRAUD_FINDING_KIND_SIGNAL, "elevated_risk", REVIEW,
    )  # fmt: skip
    assert (signals.risk_level, signals.risk_score, signals.cvc_check) == (
        pb.PAYMENT_RISK_LEVEL_ELEVATED, 70, pb.CARD_CHECK_PASS,
    )  # fmt: skip
    assert shown.due_at.seconds - shown.placed_at.seconds == 72 * HOUR
    assert await queue(world) == [order.id]
    assert await queue(world, channel="outlet") == []
    # Neither shipping nor another hold nor a part of it goes around the review.
    token = world.tokens.staff("orders.write")
    around = [
        (world.ship(order), "ORDER_ON_HOLD"),
        (
            world.ask(
                world.desk.ReleaseOrder, desk_pb.ReleaseOrderRequest(order_id=order.id), token
            ),
            "ORDER_UNDER_REVIEW",
        ),
        (
            world.ask(
                world.desk.HoldOrder,
                desk_pb.HoldOrderRequest(order_id=order.id, reason=desk_pb.HOLD_REASON_OTHER),
                token,
            ),
            "ORDER_UNDER_REVIEW",
        ),
        (
            world.ask(
                world.orders.RefundOrder,
                orders_pb.RefundOrderRequest(
                    order_id=order.id, reason=orders_pb.ORDER_REASON_OTHER
                ),
                token,
                key="refund",
            ),
            "ORDER_UNDER_REVIEW",
        ),
    ]
    for call, reason in around:
        assert await refusal_of(call) == reason


async def test_a_released_order_is_paid_once_and_ships(world: World, refusal_of: Any) -> None:
    order = await reviewed(world)

    first = await world.release(order.id)
    again = await world.release(order.id)

    assert (first.status, again.version) == (pb.ORDER_REVIEW_STATUS_RELEASED, first.version)
    assert first.decided_by
    assert await money_of(world, order.id) == (0, 29_90, 0)
    [paid] = await world.events(transfers_pb.OrderPaid)
    assert paid.order.payments[0].captured.amount_minor == 29_90
    [ended] = await world.events(pb.OrderReviewEnded)
    assert ended.status == pb.ORDER_REVIEW_STATUS_RELEASED
    assert await count(world, OrderReleased) == 1
    assert await count(world, OrderPlaced) == 1
    assert await queue(world) == []
    assert await queue(world, status=pb.ORDER_REVIEW_STATUS_RELEASED) == [order.id]
    assert (await world.ship(order)).status == orders_pb.ORDER_STATUS_SHIPPED
    assert await refusal_of(world.reject(order.id)) == "ORDER_REVIEW_CLOSED"


async def test_a_rejected_order_is_cancelled_and_its_buyer_keeps_the_money(
    world: World, refusal_of: Any
) -> None:
    order = await reviewed(world)

    shown = await world.reject(order.id)

    now = await read(world, order.id)
    assert (shown.status, now.status) == (pb.ORDER_REVIEW_STATUS_REJECTED, CANCELLED)
    assert now.payments[0].status == orders_pb.PAYMENT_STATUS_VOIDED
    assert await money_of(world, order.id) == (0, 0, 0)
    assert world.stock.on_hand[str(world.variant_id)] == 10
    assert (await count(world, OrderCancelled), await count(world, pb.OrderReviewEnded)) == (1, 1)
    assert await count(world, transfers_pb.OrderPaid) == 0
    assert await refusal_of(world.release(order.id)) == "ORDER_REVIEW_CLOSED"


async def test_a_review_that_nobody_decides_ends_with_the_cancellation(world: World) -> None:
    await world.set_fraud(elevated_risk=REVIEW, review_hours=5)
    _, order = await world.buy(payment_token=ELEVATED)

    world.clock.shift_to(5 * HOUR + 60)
    async with world.working():
        await eventually(lambda: _is(world, order.id, CANCELLED))

    assert (await world.review(order.id)).status == pb.ORDER_REVIEW_STATUS_EXPIRED
    assert await money_of(world, order.id) == (0, 0, 0)


async def test_a_buyer_may_cancel_an_order_under_review(world: World) -> None:
    await world.set_fraud(elevated_risk=REVIEW)
    owner_id, order = await world.buy(payment_token=ELEVATED)

    request = orders_pb.CancelOrderRequest(
        order_id=order.id, reason=orders_pb.ORDER_REASON_BUYER_REQUEST
    )
    cancelled = await world.ask(world.orders.CancelOrder, request, world.shopper(owner_id))

    assert cancelled.status == CANCELLED
    assert (await world.review(order.id)).status == pb.ORDER_REVIEW_STATUS_CANCELLED
    assert await money_of(world, order.id) == (0, 0, 0)


async def test_an_order_whose_authorization_lapsed_is_cancelled_by_its_release(
    world: World,
) -> None:
    order = await reviewed(world)
    provider = world.components.participants.providers.main
    [found] = await provider.of_reference(order.id)
    await provider.void(found.id, key="lapsed")

    shown = await world.release(order.id)

    assert shown.status == pb.ORDER_REVIEW_STATUS_FAILED
    await eventually(lambda: _is(world, order.id, CANCELLED))
    assert await money_of(world, order.id) == (0, 0, 0)
    assert await count(world, transfers_pb.OrderPaid) == 0


async def test_money_that_was_taken_at_the_provider_meanwhile_goes_back_or_stays(
    world: World,
) -> None:
    first, second = await reviewed(world), await reviewed(world)
    provider = world.components.participants.providers.main
    for order in (first, second):
        [found] = await provider.of_reference(order.id)
        await provider.capture(found.id, amount=Money(29_90, "EUR"), key=f"desk:{order.id}")

    await world.release(first.id)
    await world.reject(second.id)

    assert await money_of(world, first.id) == (0, 29_90, 0)
    assert await money_of(world, second.id) == (0, 29_90, 29_90)


async def test_gift_cards_keep_their_part_until_the_release(world: World) -> None:
    await world.set_fraud(elevated_risk=REVIEW)
    await world.limit_fraud("all", most=1, action=REVIEW)
    left = []
    for decide in (world.release, world.reject):
        owner_id, issued = uuid7(), await world.issue_card(10_00)
        checkout = await world.ready(owner_id, payment_token=ELEVATED)
        checkout = await world.apply_card(checkout, owner_id, issued.code)
        order = await world.complete(checkout, owner_id)
        # The reconciliation leaves what is kept.
        await world.components.reconciler.reconcile(after_seconds=0)
        kept = await world.card(issued.gift_card.id)
        assert (kept.balance.amount_minor, kept.reserved.amount_minor) == (10_00, 10_00)
        await decide(order.id)
        card = await world.card(issued.gift_card.id)
        left.append((card.balance.amount_minor, card.reserved.amount_minor))

    assert left == [(0, 0), (10_00, 0)]
    assert await count(world, transfers_pb.OrderPaid) == 1


async def test_an_order_that_gift_cards_pay_alone_waits_too(world: World) -> None:
    await world.limit_fraud("all", most=1, action=REVIEW)
    owner_id, issued = uuid7(), await world.issue_card(100_00)
    await world.buy(owner_id)
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id, kind=ItemKind.DIGITAL), email="ada@example.org"
    )
    checkout = await world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )
    checkout = await world.apply_card(checkout, owner_id, issued.code)
    order = await world.complete(checkout, owner_id)

    assert (order.status, order.payments[0].captured.amount_minor) == (PLACED, 0)
    await world.release(order.id)

    now = await read(world, order.id)
    assert now.status == orders_pb.ORDER_STATUS_DELIVERED
    assert await count(world, transfers_pb.OrderPaid) == 1


@pytest.mark.parametrize(
    ("token", "signal"),
    [
        ("pm_card_highest_risk", "highest_risk"),
        ("pm_card_cvc_fail", "cvc_failed"),
        ("pm_card_address_fail", "address_failed"),
        ("pm_card_postal_code_fail", "postal_code_failed"),
        ("pm_card_foreign", "country_mismatch"),
    ],
)
async def test_each_signal_may_refuse_an_order_and_nothing_is_taken(
    world: World, token: str, signal: str
) -> None:
    await world.set_fraud(**{signal: REFUSE})
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token=token)

    with pytest.raises(DomainError) as refused:
        await world.complete(checkout, owner_id)

    order = await world.order_of(checkout.id)
    assert (refused.value.reason, order.status) == ("ORDER_NOT_ACCEPTED", "refused")
    assert await money_of(world, str(order.id)) == (0, 0, 0)
    # Another card pays for the same checkout.
    change = orders_pb.UpdateCheckoutRequest(
        checkout_id=checkout.id, payment_method_id="card", payment_token="pm_card_known"
    )
    again = await world.ask(world.checkouts.UpdateCheckout, change, world.shopper(owner_id))
    assert (await world.complete(again, owner_id)).status == PLACED


@pytest.mark.parametrize("changed_settings", [{"fraud_scorers": "acme"}], indirect=True)
async def test_a_scorer_of_another_package_decides_and_its_fallback_if_it_is_silent(
    acme_is_installed: Any, world: World
) -> None:
    await world.set_fraud(
        scorer="acme", review_from_score=50, refuse_from_score=90, scorer_fallback=REVIEW
    )

    async def outcome(quantity: int) -> str:
        try:
            _, order = await world.buy(quantity=quantity, payment_token="pm_card_known")
        except DomainError as error:
            return error.reason
        return orders_pb.PaymentStatus.Name(order.payments[0].status)

    found = [await outcome(quantity) for quantity in (1, 2, 4)]
    acme_is_installed.FAILURES.append("down")
    found.append(await outcome(1))

    authorized, captured = "PAYMENT_STATUS_AUTHORIZED", "PAYMENT_STATUS_CAPTURED"
    assert found == [captured, authorized, "ORDER_NOT_ACCEPTED", authorized]
    asked = acme_is_installed.ASKED[0]
    assert (asked.total.amount_minor, asked.signals.card_country) == (29_90, "DE")
    kinds = [(await world.review(id)).findings[0].kind for id in await queue(world)]
    assert kinds == [pb.FRAUD_FINDING_KIND_SCORE, pb.FRAUD_FINDING_KIND_SCORER_UNAVAILABLE]


@pytest.mark.parametrize("changed_settings", [{"fraud_scorers": "acme"}], indirect=True)
async def test_settings_that_cannot_be_are_refused(
    acme_is_installed: Any, world: World, refusal_of: Any
) -> None:
    impossible: list[dict[str, Any]] = [
        {"scorer": "nobody"},
        {"review_from_score": 50},
        {"scorer": "acme", "review_from_score": 60, "refuse_from_score": 50},
        {"channel": "a\nb"},
    ]

    for settings in impossible:
        assert await refusal_of(world.set_fraud(**settings)) == "INVALID_FRAUD_SETTINGS"

    stored = await world.set_fraud(elevated_risk=REVIEW)
    assert (stored.version, stored.cvc_failed) == (1, pb.FRAUD_ACTION_ACCEPT)
    stale = pb.PutFraudSettingsRequest(settings=stored, expected_version=7)
    token = world.tokens.staff("payments.write")
    call = world.ask(world.fraud.PutFraudSettings, stale, token)
    assert await refusal_of(call) == "VERSION_MISMATCH"
    get = pb.GetFraudSettingsRequest()
    assert await world.ask(world.fraud.GetFraudSettings, get, token) == stored
    nobody = world.ask(world.fraud.GetFraudSettings, get, world.shopper(uuid7()))
    assert await refusal_of(nobody) == "SCOPE_REQUIRED"
    unknown = pb.GetOrderReviewRequest(order_id=str(uuid7()))
    call = world.ask(world.reviews.GetOrderReview, unknown, world.tokens.staff("orders.read"))
    assert await refusal_of(call) == "ORDER_REVIEW_NOT_FOUND"


@pytest.mark.parametrize("point", ["before:assess:commit", "after:assess:commit"])
async def test_a_kill_beside_the_decision_ends_in_one_order_under_review(
    world: World, tmp_path: Path, point: str
) -> None:
    await world.set_fraud(elevated_risk=REVIEW)
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token=ELEVATED)
    request = orders_pb.CompleteCheckoutRequest(
        checkout_id=checkout.id, expected_total=total_of(checkout)
    )

    await _killed(
        world, tmp_path, point, checkout_pb2_grpc.CheckoutServiceStub, "CompleteCheckout", request,
        "Bearer " + world.access_token(owner_id),
    )  # fmt: skip
    order_id = str((await world.order_of(checkout.id)).id)
    async with world.working():
        await eventually(lambda: _is(world, order_id, PLACED))

    assert await queue(world) == [order_id]
    assert await money_of(world, order_id) == (29_90, 0, 0)
    assert (await world.provider.sums(order_id))["payment_count"] == 1


@pytest.mark.parametrize(
    ("point", "method", "status", "money"),
    [
        ("before:review:capture", "Release", PLACED, (0, 29_90, 0)),
        ("after:review:capture", "Release", PLACED, (0, 29_90, 0)),
        ("after:cancel:void", "Reject", CANCELLED, (0, 0, 0)),
    ],
)
async def test_a_kill_after_the_decision_of_staff_carries_it_out_once(
    world: World,
    tmp_path: Path,
    point: str,
    method: str,
    status: orders_pb.OrderStatus.ValueType,
    money: tuple[int, int, int],
) -> None:
    order = await reviewed(world)
    request = getattr(pb, f"{method}OrderReviewRequest")(order_id=order.id)

    await _killed(
        world, tmp_path, point, fraud_pb2_grpc.OrderReviewServiceStub, f"{method}OrderReview",
        request, world.tokens.staff("orders.write"),
    )  # fmt: skip
    async with world.working():
        await eventually(lambda: _has_ended(world, order.id, status))

    assert await money_of(world, order.id) == money
    assert await count(world, pb.OrderReviewEnded) == 1
    assert await count(world, transfers_pb.OrderPaid) == (1 if method == "Release" else 0)
    assert await count(world, OrderCancelled) == (0 if method == "Release" else 1)


async def _killed(
    world: World,
    tmp_path: Path,
    point: str,
    stub: Any,
    method: str,
    request: Any,
    token: str,
) -> None:
    """Calls a process that is killed at a point."""
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}
    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        call = getattr(running.peer.stub(stub), method)
        calling = asyncio.ensure_future(
            running.peer.ask(call, request, authorization=token, key=str(uuid7()), timeout=5)
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await calling
    await world.lapse_leases()


async def _is(world: World, order_id: str, status: orders_pb.OrderStatus.ValueType) -> bool:
    return (await read(world, order_id)).status == status


async def _has_ended(world: World, order_id: str, status: orders_pb.OrderStatus.ValueType) -> bool:
    undecided = (pb.ORDER_REVIEW_STATUS_OPEN, pb.ORDER_REVIEW_STATUS_RELEASING)
    return await _is(world, order_id, status) and (
        (await world.review(order_id)).status not in undecided
    )


async def test_an_order_whose_bank_challenges_its_buyer_is_reviewed_after_the_challenge(
    world: World,
) -> None:
    await world.limit_fraud("all", most=1, action=REVIEW)
    owner_id, _ = await world.buy()
    _, waiting = await world.buy(owner_id, payment_token="pm_card_3ds")

    await world.provider.answer_challenge(waiting.payments[0].action_url, "pass")
    request = orders_pb.ContinuePaymentRequest(order_id=waiting.id)
    order = await world.ask(world.orders.ContinuePayment, request, world.shopper(owner_id))

    assert (order.status, await queue(world)) == (PLACED, [order.id])
    assert await money_of(world, order.id) == (29_90, 0, 0)


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
async def test_an_order_that_is_paid_later_is_held_and_paid_apart_from_its_review(
    world: World,
) -> None:
    method = "bank_transfer"
    await world.offer(method, provider="offline", provider_method=method)
    await world.offer("card")
    await world.limit_fraud("all", most=1, action=REVIEW)
    owner_id, _ = await world.buy()
    checkout = await world.ready(owner_id)
    change = orders_pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_method_id=method)
    checkout = await world.ask(world.checkouts.UpdateCheckout, change, world.shopper(owner_id))
    order = await world.complete(checkout, owner_id)

    shown = await world.release(order.id)

    assert order.payments[0].status == orders_pb.PAYMENT_STATUS_PENDING
    assert shown.status == pb.ORDER_REVIEW_STATUS_RELEASED
    assert await count(world, transfers_pb.OrderPaid) == 0
    assert await count(world, OrderReleased) == 1
