"""Cards that customers save at an account of Stripe in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World, total_of
from services.checkout.tests.stripe_account import CHALLENGED, KEY, SECRET, Account, an_account
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import saved_payment_methods_pb2 as pb

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,stripe"}], indirect=True
)
VISA = "pm_card_visa"


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


def customer(shop: World, customer_id: UUID) -> str:
    return shop.tokens.customer(customer_id)


async def set_up(
    shop: World, customer_id: UUID, token: str, *, key: str = ""
) -> pb.SavedPaymentMethod:
    request = pb.SetUpPaymentMethodRequest(
        payment_token=token, return_url="https://shop.example/saved"
    )
    return await shop.ask(
        shop.saved.SetUpPaymentMethod,
        request,
        customer(shop, customer_id),
        key=key or str(uuid7()),
    )


async def saved(shop: World, customer_id: UUID) -> list[pb.SavedPaymentMethod]:
    request, token = pb.ListSavedPaymentMethodsRequest(), customer(shop, customer_id)
    reply = await shop.ask(shop.saved.ListSavedPaymentMethods, request, token)
    return list(reply.saved_payment_methods)


async def buy(shop: World, customer_id: UUID, **fields: Any) -> orders_pb.Order:
    token = customer(shop, customer_id)
    request = orders_pb.CreateCheckoutRequest(
        cart_id=shop.cart(customer_id),
        email="ada@example.org",
        delivery_address=an_address(),
        delivery_option_id="standard",
        **fields,
    )
    checkout = await shop.ask(shop.checkouts.CreateCheckout, request, token, key=str(uuid7()))
    complete = orders_pb.CompleteCheckoutRequest(
        checkout_id=checkout.id, expected_total=total_of(checkout)
    )
    return await shop.ask(shop.checkouts.CompleteCheckout, complete, token, key=str(uuid7()))


async def deliver(account: Account, shop: World, kind: str, subject: dict[str, Any]) -> None:
    account._tell(kind, subject)
    body, signature = account.webhook(account.events[-1])
    request = orders_pb.ReceiveWebhookRequest(provider="stripe", body=body, signature=signature)
    for _ in range(2):
        await shop.ask(shop.orders.ReceiveWebhook, request, "")


async def test_a_card_saved_on_paying_pays_the_next_order(account: Account, shop: World) -> None:
    owner_id = uuid7()
    await buy(shop, owner_id, payment_token=VISA, save_payment_method=True)
    [kept] = await saved(shop, owner_id)

    order = await buy(shop, owner_id)

    intent = account.intent_of(order.id)
    assert (kept.provider, kept.brand, kept.last_four) == ("stripe", "visa", "4242")
    assert (intent["status"], intent["customer"]) == ("succeeded", "cus_000000")
    assert intent["setup_future_usage"] is None
    assert len(account.vault.customers) == 1


async def test_a_lost_answer_of_a_set_up_saves_the_card_once(
    account: Account, shop: World, refusal_of: Any
) -> None:
    owner_id, key = uuid7(), str(uuid7())
    await buy(shop, owner_id, payment_token=VISA, save_payment_method=True)
    account.lost = 1

    assert await refusal_of(set_up(shop, owner_id, VISA, key=key)) == "PAYMENT_IN_DOUBT"
    kept = await set_up(shop, owner_id, VISA, key=key)

    assert kept.status == pb.SAVED_PAYMENT_METHOD_STATUS_ACTIVE
    assert len(account.vault.set_ups) == 1


async def test_a_webhook_of_a_set_up_activates_the_card(account: Account, shop: World) -> None:
    owner_id = uuid7()
    waiting = await set_up(shop, owner_id, CHALLENGED)
    [made] = account.vault.set_ups.values()
    account.vault.finish(made)

    await deliver(account, shop, "setup_intent.succeeded", made)

    async def is_active() -> bool:
        [found] = await saved(shop, owner_id)
        return found.status == pb.SAVED_PAYMENT_METHOD_STATUS_ACTIVE

    await eventually(is_active)
    assert waiting.action_url == "https://bank.example/2"


async def test_a_new_expiry_and_a_detached_card_are_taken_over(
    account: Account, shop: World
) -> None:
    owner_id = uuid7()
    await set_up(shop, owner_id, VISA)
    await set_up(shop, owner_id, VISA)
    renewed, gone = account.vault.methods.values()
    renewed["card"]["exp_year"], gone["customer"] = 2039, None

    await deliver(account, shop, "payment_method.automatically_updated", renewed)

    async def is_taken_over() -> bool:
        return [each.expires_year for each in await saved(shop, owner_id)] == [2039]

    await eventually(is_taken_over)


async def test_a_deleted_card_is_detached(account: Account, shop: World) -> None:
    owner_id = uuid7()
    kept = await set_up(shop, owner_id, VISA)
    request = pb.DeleteSavedPaymentMethodRequest(saved_payment_method_id=kept.id)

    await shop.ask(shop.saved.DeleteSavedPaymentMethod, request, customer(shop, owner_id))

    async def is_detached() -> bool:
        return [each["customer"] for each in account.vault.methods.values()] == [None]

    await eventually(is_detached)
