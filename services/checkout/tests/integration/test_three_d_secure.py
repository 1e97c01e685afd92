"""Orders that wait for the challenge of the buyer's bank, and the webhooks about it."""

import hashlib
import hmac
import time
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.payments.provider import WebhookEvent
from checkout.payments.vaults.tokens import accept_return_url
from checkout.payments.webhooks import receive_webhook
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1.message_pb2 import (
    MESSAGE_CODE_CHALLENGE_REQUIRED,
    MESSAGE_SEVERITY_REQUIRES_BUYER_INPUT,
)

SECRET = b"whsec-test"


async def _waiting(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_3ds")
    order = await world.complete(checkout, owner_id)
    assert order.status == pb.ORDER_STATUS_ACTION_REQUIRED
    return owner_id, checkout, order, order.payments[0].action_url


async def _go_on(world, order, owner_id):
    request = pb.ContinuePaymentRequest(order_id=order.id)
    return await world.ask(world.orders.ContinuePayment, request, world.tokens.guest(owner_id))


async def _webhook(world, body, signature):
    request = pb.ReceiveWebhookRequest(provider="simulator", body=body, signature=signature)
    return await world.ask(world.orders.ReceiveWebhook, request, "")


async def _shown(world, order, owner_id):
    return await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), world.tokens.guest(owner_id)
    )


async def test_a_passed_challenge_places_the_order(world):
    owner_id, checkout, order, url = await _waiting(world)
    token = world.tokens.guest(owner_id)
    shown = await world.ask(
        world.checkouts.GetCheckout, pb.GetCheckoutRequest(checkout_id=checkout.id), token
    )
    assert (shown.status, shown.continue_url, shown.order_id) == (
        pb.CHECKOUT_STATUS_REQUIRES_ESCALATION,
        url,
        order.id,
    )
    assert [(message.code, message.path, message.severity) for message in shown.messages] == [
        (MESSAGE_CODE_CHALLENGE_REQUIRED, "$.continue_url", MESSAGE_SEVERITY_REQUIRES_BUYER_INPUT)
    ]

    await world.provider.answer_challenge(url, "pass")
    placed = await _go_on(world, order, owner_id)

    assert placed.status == pb.ORDER_STATUS_PLACED
    assert not placed.payments[0].action_url
    assert [event.status for event in placed.history] == [
        pb.ORDER_STATUS_PENDING,
        pb.ORDER_STATUS_ACTION_REQUIRED,
        pb.ORDER_STATUS_PLACED,
    ]
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 29_90


async def test_the_answer_to_a_challenge_leads_the_buyer_back_to_the_storefront(world):
    owner_id, page = uuid7(), "https://shop.example/checkout/done?step=3"
    checkout = await world.ready(owner_id, payment_token="pm_card_3ds")
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, return_url=page)
    await world.ask(world.checkouts.UpdateCheckout, update, world.tokens.guest(owner_id))
    order = await world.complete(checkout, owner_id)

    answer = await world.provider.http.post(
        f"{order.payments[0].action_url}?outcome=pass", follow_redirects=False
    )

    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert (await _go_on(world, order, owner_id)).status == pb.ORDER_STATUS_PLACED


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/done",
        "javascript:alert(1)",
        "//shop.example",
        "https://shop.example@evil.example/",
        "https://shop.example/<script>",
        "https://",
    ],
)
async def test_an_unsafe_return_url_is_refused(world, refusal_of, url):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, return_url=url)

    asked = world.ask(world.checkouts.UpdateCheckout, update, world.tokens.guest(owner_id))
    assert await refusal_of(asked) == "INVALID_RETURN_URL"


@pytest.mark.parametrize("url", ["", "http://localhost:3000/done", "http://127.0.0.1/#done"])
def test_a_return_url_may_be_empty_or_of_this_machine(url):
    assert accept_return_url(url) == url


async def test_continuing_before_the_challenge_is_passed_changes_nothing(world):
    owner_id, _, order, _ = await _waiting(world)

    assert (await _go_on(world, order, owner_id)).status == pb.ORDER_STATUS_ACTION_REQUIRED
    assert (await _go_on(world, order, owner_id)).status == pb.ORDER_STATUS_ACTION_REQUIRED


async def test_a_failed_challenge_refuses_the_order(world, refusal_of):
    owner_id, _, order, url = await _waiting(world)

    await world.provider.answer_challenge(url, "fail")

    assert await refusal_of(_go_on(world, order, owner_id)) == "PAYMENT_DECLINED"
    assert world.stock.reserved[str(world.variant_id)] == 0
    assert (
        await world.scalar("SELECT refusal_metadata->>'decline_code' FROM orders")
        == "authentication_failed"
    )


@pytest.mark.parametrize("has_passed", [True, False])
async def test_a_buyer_who_does_not_return_in_time_has_no_order_and_no_charge(world, has_passed):
    owner_id, _, order, url = await _waiting(world)
    if has_passed:
        await world.provider.answer_challenge(url, "pass")

    world.clock.shift_to(16 * 60)
    async with world.working():
        await eventually(lambda: _is(world, order, owner_id, pb.ORDER_STATUS_REFUSED))

    shown = await _shown(world, order, owner_id)
    assert shown.refusal_reason == "ORDER_EXPIRED"
    sums = await world.provider.sums(order.id)
    assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)
    assert await world.scalar("SELECT status FROM checkout") == "incomplete"


async def test_a_lost_webhook_is_replaced_by_a_poll_each_minute(world):
    owner_id, _, order, url = await _waiting(world)
    await world.provider.answer_challenge(url, "pass")

    world.clock.shift_to(61)
    async with world.working():
        await eventually(lambda: _is(world, order, owner_id, pb.ORDER_STATUS_PLACED))


async def test_a_buyer_may_cancel_at_the_challenge(world):
    owner_id, _, order, _ = await _waiting(world)
    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)

    cancelled = await world.ask(world.orders.CancelOrder, request, world.tokens.guest(owner_id))

    assert (cancelled.status, cancelled.refusal_reason) == (
        pb.ORDER_STATUS_REFUSED,
        "ORDER_CANCELLED_BY_BUYER",
    )
    assert (await world.provider.sums(order.id))["holding_minor"] == 0
    again = await world.ask(world.orders.CancelOrder, request, world.tokens.guest(owner_id))
    assert again == cancelled


async def test_webhooks_of_any_order_and_number_place_the_order_once(world):
    owner_id, _, order, url = await _waiting(world)
    await world.provider.answer_challenge(url, "pass")
    events = []
    while len(events) < 2:
        body, signature = await world.provider.webhooks.get()
        if order.id.encode() in body:
            events.append((body, signature))

    for body, signature in [*reversed(events), *events, *events]:
        await _webhook(world, body, signature)

    await eventually(lambda: _is(world, order, owner_id, pb.ORDER_STATUS_PLACED))
    # The second is noted only if the order still waited when it came.
    assert await world.scalar("SELECT count(*) FROM webhook_event") in (1, 2)
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 29_90
    assert (await world.outbox()).count("OrderPlaced") == 1


async def test_a_webhook_whose_process_died_is_handled_by_a_timer(world):
    owner_id, _, order, url = await _waiting(world)
    await world.provider.answer_challenge(url, "pass")

    event = WebhookEvent("evt_1", "payment.authorized", order.id)
    assert await receive_webhook(world.database, "simulator", event) == UUID(order.id)

    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _is(world, order, owner_id, pb.ORDER_STATUS_PLACED))


@pytest.mark.parametrize("flaw", ["digest", "age", "shape", "body"])
async def test_a_webhook_with_a_wrong_signature_is_refused(world, refusal_of, flaw):
    body = b'{"id":"evt_1","type":"payment.captured","data":{"reference":"x"}}'
    at = int(time.time()) - (301 if flaw == "age" else 0)
    digest = hmac.new(
        b"other" if flaw == "digest" else SECRET, f"{at}.".encode() + body, hashlib.sha256
    ).hexdigest()
    signature = "nonsense" if flaw == "shape" else f"t={at},v1={digest}"

    assert (
        await refusal_of(_webhook(world, body + (b" " if flaw == "body" else b""), signature))
        == "WRONG_SIGNATURE"
    )

    assert await world.scalar("SELECT count(*) FROM webhook_event") == 0


async def test_money_that_arrives_for_a_refused_order_is_refunded(world):
    owner_id, _, order, _ = await _waiting(world)
    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
    await world.ask(world.orders.CancelOrder, request, world.tokens.guest(owner_id))
    created = await world.provider.http.post(
        "/v1/payments",
        headers={"Idempotency-Key": str(uuid7())},
        json={
            "reference": order.id,
            "amount_minor": 500,
            "currency": "EUR",
            "payment_method": "pm_card_ok",
            "capture": True,
        },
    )
    assert created.is_success
    event = None
    while event is None:
        body, signature = await world.provider.webhooks.get()
        event = (
            (body, signature) if order.id.encode() in body and b"payment.captured" in body else None
        )

    await _webhook(world, *event)
    async with world.working():
        await eventually(lambda: _net_is_zero(world, order))


async def _net_is_zero(world, order):
    return (await world.provider.sums(order.id))["net_captured_minor"] == 0


async def _is(world, order, owner_id, status):
    return (await _shown(world, order, owner_id)).status == status
