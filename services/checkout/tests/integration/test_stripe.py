"""Orders that are paid at Stripe: at an account in this process, and against `stripe-mock`."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr

from chassis.money import Money
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.errors.payments import ProviderRefused, ProviderUnavailable
from checkout.merchant_settings import directory
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import Authorization
from checkout.payments.stripe.provider import Stripe, connect
from checkout.payments.stripe.settings import StripeSettings
from checkout.payments.vaults.vault import SetUp
from services.checkout.tests.checkout_world import World
from services.checkout.tests.stripe_account import (
    CHALLENGED,
    DECLINED,
    KEY,
    SECRET,
    Account,
    an_account,
)
from sojourn.checkout.v1 import checkout_pb2 as pb
from stack.ports import free_port

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,stripe"}], indirect=True
)
VISA = "pm_card_visa"
PAGE = "https://shop.example/paid"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def account() -> AsyncIterator[Account]:
    async with an_account() as made:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STRIPE_SECRET_KEY", KEY)
            patch.setenv("STRIPE_WEBHOOK_SECRET", f"whsec_older, {SECRET}")
            patch.setenv("STRIPE_URL", made.url)
            yield made


@pytest_asyncio.fixture(loop_scope="session")
async def shop(
    account: Account, world: World, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A shop whose cards are Stripe's."""
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    account.lost, account.finds = 0, True
    await world.offer("card", provider="stripe", provider_method="card")
    yield world


@pytest_asyncio.fixture(loop_scope="session")
async def stripe(account: Account, changed_settings: dict[str, Any]) -> AsyncIterator[Stripe]:
    account.lost, account.finds = 0, True
    connected = connect(1)
    assert isinstance(connected, Stripe)
    yield connected
    await connected.close()


def an_authorization(token: str = VISA, **given: Any) -> Authorization:
    order_id = uuid7()
    usual = {"key": f"{order_id}:authorize", "reference": str(order_id)}
    amount = Money(29_90, "EUR")
    return Authorization(**{**usual, "amount": amount, "token": token, "method": "card", **given})


async def shown(world: World, order: pb.Order) -> pb.Order:
    request = pb.GetOrderRequest(order_id=order.id)
    found: pb.Order = await world.ask(
        world.orders.GetOrder, request, world.tokens.staff("orders.read")
    )
    return found


async def test_an_order_is_held_taken_and_partly_given_back(account: Account, shop: World) -> None:
    _, order = await shop.buy(payment_token=VISA)
    refund = pb.RefundOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
    refund.amount.amount_minor, refund.amount.currency = 10_00, "EUR"
    staff = shop.tokens.staff("orders.write")
    after = await shop.ask(shop.orders.RefundOrder, refund, staff, key=str(uuid7()))
    await shop.ask(shop.orders.Reconcile, pb.ReconcileRequest(), staff)

    assert (order.status, order.payments[0].provider) == (pb.ORDER_STATUS_PLACED, "stripe")
    intent = account.intent_of(order.id)
    assert (intent["amount_received"], intent["latest_charge"]["amount_refunded"]) == (29_90, 10_00)
    assert after.payments[0].status == pb.PAYMENT_STATUS_PARTIALLY_REFUNDED
    assert VISA not in str(order)


async def test_a_declined_card_holds_nothing_and_says_why(
    account: Account, shop: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    checkout = await shop.ready(owner_id, payment_token=DECLINED)

    assert await refusal_of(shop.complete(checkout, owner_id)) == "PAYMENT_DECLINED"

    order = await shop.order_of(checkout.id)
    assert order.refusal_metadata == {"decline_code": "generic"}
    assert account.intent_of(str(order.id))["status"] == "canceled"
    assert shop.stock.reserved[str(shop.variant_id)] == 0


async def test_the_bank_s_challenge_and_two_webhooks_place_the_order_once(
    account: Account, shop: World
) -> None:
    owner_id = uuid7()
    checkout = await shop.ready(owner_id, payment_token=CHALLENGED)
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, return_url=PAGE)
    await shop.ask(shop.checkouts.UpdateCheckout, update, shop.shopper(owner_id))
    waiting = await shop.complete(checkout, owner_id)
    intent = account.intent_of(waiting.id)
    account.pass_challenge(intent, passes=True)
    body, signature = account.webhook(account.events[-1])
    for _ in range(2):
        request = pb.ReceiveWebhookRequest(provider="stripe", body=body, signature=signature)
        await shop.ask(shop.orders.ReceiveWebhook, request, "")

    assert waiting.status == pb.ORDER_STATUS_ACTION_REQUIRED
    assert waiting.payments[0].action_url == "https://bank.example/1"

    async def is_placed() -> bool:
        return (await shown(shop, waiting)).status == pb.ORDER_STATUS_PLACED

    await eventually(is_placed)
    assert intent["amount_received"] == 29_90
    assert await shop.scalar("SELECT count(*) FROM webhook_event WHERE provider = 'stripe'") == 1
    kinds = [each["type"] for each in account.events if waiting.id in str(each)]
    assert kinds.count("payment_intent.succeeded") == 1


async def test_a_challenge_without_a_page_to_return_to_is_a_decline(
    account: Account, shop: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    checkout = await shop.ready(owner_id, payment_token=CHALLENGED)

    assert await refusal_of(shop.complete(checkout, owner_id)) == "PAYMENT_DECLINED"

    order = await shop.order_of(checkout.id)
    assert order.refusal_metadata == {"decline_code": "authentication_needs_return_url"}
    assert account.intent_of(str(order.id))["status"] == "canceled"


@pytest.mark.parametrize("finds", [True, False])
async def test_a_lost_answer_ends_in_one_order_and_one_charge(
    account: Account, shop: World, finds: bool
) -> None:
    account.lost, account.finds = 1, finds

    _, order = await shop.buy(payment_token=VISA)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert account.intent_of(order.id)["amount_received"] == 29_90


async def test_money_of_no_order_is_given_back(
    account: Account, shop: World, stripe: Stripe
) -> None:
    held, taken = an_authorization(), an_authorization()
    await stripe.authorize(held)
    payment = await stripe.authorize(taken)
    await stripe.capture(payment.id, amount=taken.amount, key="any")

    found = await shop.ask(
        shop.orders.Reconcile, pb.ReconcileRequest(), shop.tokens.staff("orders.write")
    )

    assert found.paid_without_order >= 2
    assert account.intent_of(held.reference)["status"] == "canceled"
    charge = account.intent_of(taken.reference)["latest_charge"]
    assert charge["amount_refunded"] == 29_90


async def test_a_key_that_is_cancelled_first_takes_no_payment_later(
    account: Account, stripe: Stripe
) -> None:
    wanted = an_authorization()

    assert await stripe.cancel_by_key(wanted.key) is None
    assert await stripe.cancel_by_key(wanted.key) is None
    with pytest.raises(ProviderRefused) as refused:
        await stripe.authorize(wanted)

    assert refused.value.metadata["code"] == "idempotency_error"
    assert await stripe.look_up(wanted.key) is None
    assert await stripe.of_reference(wanted.reference) == []


@pytest.mark.parametrize("takes", [True, False])
async def test_a_payment_whose_answer_was_lost_is_undone_by_its_key(
    account: Account, stripe: Stripe, takes: bool
) -> None:
    account.finds = False
    wanted = an_authorization()
    made = await stripe.authorize(wanted)
    if takes:
        await stripe.capture(made.id, amount=wanted.amount, key="any")

    first = await stripe.cancel_by_key(wanted.key)
    again = await stripe.cancel_by_key(wanted.key, payment_id=made.id)

    assert first == again
    assert first is not None
    assert (first.status, first.net_minor) == (
        PaymentStatus.REFUNDED if takes else PaymentStatus.VOIDED, 0,
    )  # fmt: skip
    assert await stripe.authorize(wanted) == first


async def test_a_repeat_shows_the_payment_as_it_is_now(account: Account, stripe: Stripe) -> None:
    wanted = an_authorization(CHALLENGED, return_url=PAGE)
    first = await stripe.authorize(wanted)
    account.pass_challenge(account.intents[first.id], passes=False)

    again = await stripe.authorize(wanted)

    assert (first.status, again.status) == (PaymentStatus.REQUIRES_ACTION, PaymentStatus.DECLINED)
    assert again.decline_code == "payment_intent_authentication_failure"


async def test_the_ledger_is_read_in_order_and_goes_on_after_its_cursor(
    account: Account, stripe: Stripe
) -> None:
    wanted = [an_authorization() for _ in range(3)]
    for each in wanted:
        await stripe.authorize(each)

    everything = await stripe.movements(after="", limit=1_000)
    [middle] = [each for each in everything if each.reference == wanted[1].reference]
    rest = await stripe.movements(after=middle.cursor, limit=1_000)
    one = await stripe.movements(after=middle.cursor, limit=1)
    end = await stripe.movements(after=everything[-1].cursor, limit=10)
    forgotten = await stripe.movements(after="evt_forgotten", limit=1_000)

    assert [each.reference for each in everything[-3:]] == [each.reference for each in wanted]
    assert [each.reference for each in rest] == [wanted[2].reference]
    assert one == rest
    assert end == []
    assert forgotten == everything


async def test_a_refund_beyond_what_was_taken_is_refused(account: Account, stripe: Stripe) -> None:
    wanted = an_authorization()
    made = await stripe.authorize(wanted)
    await stripe.capture(made.id, amount=wanted.amount, key="any")

    with pytest.raises(ProviderRefused) as refused:
        await stripe.refund(made.id, amount=Money(29_91, "EUR"), key=str(uuid7()))

    assert refused.value.metadata["code"] == "charge_already_refunded"


async def use_vault(mocked: Stripe) -> None:
    """Saves and forgets instruments: each call as Stripe describes it."""
    vault = mocked.vault
    customer = await vault.create_customer(str(uuid7()), key=str(uuid7()))
    made = await vault.set_up(SetUp("key", customer, "card", token=VISA, return_url=PAGE))
    await vault.set_up(SetUp("another", customer, "card"))
    await vault.find_set_up(customer, "key", set_up_id=made.id)
    await vault.find_set_up(customer, "key")
    kept = await vault.instruments(customer)
    for saves, token in ((True, VISA), (False, kept[0].token)):
        await mocked.authorize(
            an_authorization(token, customer=customer, saves=saves, is_off_session=not saves)
        )
    await vault.cancel_set_up(made.id)
    await vault.detach(kept[0].token)
    await vault.delete_customer(customer)


@pytest.mark.skipif(not shutil.which("stripe-mock"), reason="stripe-mock is not on PATH")
async def test_the_calls_are_those_of_stripe_s_own_description(
    changed_settings: dict[str, Any],
) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "stripe-mock", "-http-port", str(port), "-https-port", str(free_port()),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    mocked = Stripe(
        StripeSettings(
            stripe_secret_key=SecretStr("sk_test_123"),
            stripe_webhook_secret=SecretStr(SECRET),
            stripe_url=f"http://127.0.0.1:{port}",
        ),
        timeout_seconds=5,
    )
    try:

        async def answers() -> bool:
            with contextlib.suppress(ProviderUnavailable):
                await mocked.movements(after="", limit=1)
                return True
            return False

        await eventually(answers, within=15)
        # It checks each call against Stripe's description, and answers with its examples.
        wanted = an_authorization(return_url=PAGE)
        made = await mocked.authorize(wanted)
        captured = await mocked.capture(made.id, amount=wanted.amount, key="any")
        refunded = await mocked.refund(made.id, amount=Money(1_00, "EUR"), key=str(uuid7()))
        voided = await mocked.void(made.id, key="any")
        found = await mocked.look_up(wanted.key, payment_id=made.id)
        await mocked.look_up(wanted.key)
        await mocked.of_reference(wanted.reference)
        await mocked.cancel_by_key(str(UUID(int=7)))
        await use_vault(mocked)
        await mocked.find_refund("re_1Lp8fF2eZvKYlo2C1a")
        await mocked.authorize(an_authorization(in_parts=True))
        await mocked.capture_part(
            made.id, amount=Money(5_00, "EUR"), captured_before_minor=0, key="part", is_last=False
        )
        await mocked.release_rest(made.id)
    finally:
        await mocked.close()
        process.terminate()
        await process.wait()

    assert {made.id, captured.id, refunded.id, voided.id, found.id if found else ""} == {made.id}
    assert made.id.startswith("pi_")
