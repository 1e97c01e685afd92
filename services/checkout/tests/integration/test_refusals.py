"""Refusals: every begun step is undone in reverse, and the buyer may try again."""

import asyncio

import pytest
from sqlmodel import select

from cart.testing import PromotionNotValid
from catalog.testing import ReservationExpired
from chassis.money import Money
from chassis.rpc.errors import DomainError, Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, sample_value
from checkout.orders.model import Order
from checkout.orders.queries import find_order_lines
from checkout.payments.provider import Authorization
from sojourn.cart.v1.cart_pb2 import CART_STATUS_OPEN
from sojourn.checkout.v1 import checkout_pb2 as pb


def _of_saga(calls):
    saga = {"Reserve", "RedeemCart", "ConfirmReservation", "UnredeemCart", "ReleaseReservation"}
    return [call for call in calls if call in saga]


async def test_a_declined_card_releases_the_stock_and_returns_the_reason(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_insufficient_funds")

    with pytest.raises(DomainError) as caught:
        await world.complete(checkout, owner_id)

    assert caught.value.reason == "PAYMENT_DECLINED"
    assert caught.value.metadata["decline_code"] == "insufficient_funds"
    order = await world.order_of(checkout.id)
    assert (order.status, order.refusal_reason) == ("refused", "PAYMENT_DECLINED")
    assert world.stock.reserved[str(world.variant_id)] == 0
    assert (await world.provider.sums(str(order.id)))["payment_count"] == 0
    assert await world.scalar("SELECT status FROM payment") == "declined"
    assert await world.outbox() == ["CheckoutStarted", "OrderRefused"]


async def test_after_a_refusal_the_old_key_repeats_it_and_a_new_key_tries_again(world, refusal_of):
    owner_id, old = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id, payment_token="pm_card_declined")
    assert await refusal_of(world.complete(checkout, owner_id, key=old)) == "PAYMENT_DECLINED"
    token = world.tokens.guest(owner_id)
    shown = await world.ask(
        world.checkouts.GetCheckout, pb.GetCheckoutRequest(checkout_id=checkout.id), token
    )
    assert shown.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE

    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_token="pm_card_ok")
    await world.ask(world.checkouts.UpdateCheckout, update, token)
    order = await world.complete(checkout, owner_id)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert await refusal_of(world.complete(checkout, owner_id, key=old)) == "PAYMENT_DECLINED"
    assert await world.scalar("SELECT count(*) FROM orders") == 2


async def test_a_declined_attempt_takes_no_number_and_is_not_listed(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_declined")
    assert await refusal_of(world.complete(checkout, owner_id)) == "PAYMENT_DECLINED"
    token = world.tokens.guest(owner_id)
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_token="pm_card_ok")
    await world.ask(world.checkouts.UpdateCheckout, update, token)

    order = await world.complete(checkout, owner_id)

    assert order.number == "S-100001"
    assert await world.scalar("SELECT number FROM orders WHERE status = 'refused'") is None
    listed = await world.ask(world.orders.ListOrders, pb.ListOrdersRequest(), token)
    assert [each.id for each in listed.orders] == [order.id]
    asked = pb.ListOrdersRequest(status=pb.ORDER_STATUS_REFUSED)
    refused = await world.ask(world.orders.ListOrders, asked, token)
    assert [each.number for each in refused.orders] == [""]


@pytest.mark.parametrize(
    ("method", "undone"),
    [
        ("Reserve", ["Reserve", "ReleaseReservation"]),
        ("RedeemCart", ["Reserve", "RedeemCart", "UnredeemCart", "ReleaseReservation"]),
        (
            "ConfirmReservation",
            ["Reserve", "RedeemCart", "ConfirmReservation", "UnredeemCart", "ReleaseReservation"],
        ),
    ],
)
@pytest.mark.parametrize("when", ["fail_before", "fail_after"])
async def test_a_refusal_undoes_what_was_begun_in_reverse_with_the_step_in_doubt(
    world, refusal_of, method, undone, when
):
    getattr(world.calls, when)[method] = [PromotionNotValid()]
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    assert await refusal_of(world.complete(checkout, owner_id)) == "PROMOTION_NOT_VALID"

    assert _of_saga(world.calls.methods) == undone
    order = await world.order_of(checkout.id)
    sums = await world.provider.sums(str(order.id))
    assert (sums["net_captured_minor"], sums["holding_minor"]) == (0, 0)
    assert world.stock.on_hand[str(world.variant_id)] == 10
    assert world.stock.reserved[str(world.variant_id)] == 0
    assert world.carts.carts[checkout.cart_id].cart.status == CART_STATUS_OPEN


async def test_a_step_that_arrives_after_its_undo_is_refused(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_declined")
    assert await refusal_of(world.complete(checkout, owner_id)) == "PAYMENT_DECLINED"
    async with world.database.read() as read:
        order = await read.one(select(Order))
        lines = await find_order_lines(read, [order.id])

    assert (
        await refusal_of(world.components.participants.stock.reserve(order, lines))
        == "RESERVATION_RELEASED"
    )
    assert (
        await refusal_of(world.components.participants.carts.redeem(order)) == "REDEMPTION_UNDONE"
    )


async def test_a_charge_that_comes_after_its_undo_is_refused_by_the_provider(world, refusal_of):
    key = f"{uuid7()}:authorize"
    await world.components.participants.providers.main.cancel_by_key(key)

    wanted = Authorization(key, "late", Money(100, "EUR"), "pm_card_ok")
    assert (
        await refusal_of(world.components.participants.providers.main.authorize(wanted))
        == "PROVIDER_REFUSED"
    )


async def test_a_buyer_without_stock_is_refused_before_the_provider_is_asked(world, refusal_of):
    world.stock.on_hand[str(world.variant_id)] = 0
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    assert await refusal_of(world.complete(checkout, owner_id)) == "OUT_OF_STOCK"

    order = await world.order_of(checkout.id)
    assert not any((await world.provider.sums(str(order.id))).values())


@pytest.mark.parametrize("method", ["Reserve", "RedeemCart", "ConfirmReservation"])
async def test_a_step_in_doubt_is_repeated_and_has_one_effect(world, method):
    world.calls.fail_after[method] = [Unavailable("lost")] * 5
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    order = await world.complete(checkout, owner_id)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert world.stock.on_hand[str(world.variant_id)] == 9
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 29_90


@pytest.mark.parametrize("token", ["pm_card_charge_then_timeout", "pm_card_ok"])
async def test_a_charge_that_is_not_answered_ends_in_one_order_and_one_charge(world, token):
    await world.provider.misbehave(timeout_after_charge_every=1 if token == "pm_card_ok" else 0)
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token=token)

    order = await world.complete(checkout, owner_id)

    assert order.status == pb.ORDER_STATUS_PLACED
    sums = await world.provider.sums(order.id)
    assert (sums["payment_count"], sums["net_captured_minor"]) == (1, 29_90)


async def test_an_order_during_an_outage_of_the_provider_waits_and_then_is_placed(world):
    def unavailable() -> float:
        return sample_value("payments_total", outcome="unavailable")

    await world.provider.misbehave(outage=True)
    owner_id, before = uuid7(), unavailable()
    checkout = await world.ready(owner_id)

    completing = asyncio.ensure_future(world.complete(checkout, owner_id))
    await eventually(lambda: unavailable() > before)
    assert not completing.done()
    await world.provider.misbehave()

    assert (await completing).status == pb.ORDER_STATUS_PLACED


@pytest.mark.parametrize("changed_settings", [{"complete_wait_seconds": 0.3}], indirect=True)
async def test_an_order_that_takes_long_is_returned_as_pending(world):
    await world.provider.misbehave(outage=True)
    owner_id, key = uuid7(), str(uuid7())
    checkout = await world.ready(owner_id)

    order = await world.complete(checkout, owner_id, key=key)

    assert order.status == pb.ORDER_STATUS_PENDING
    assert await world.scalar("SELECT status FROM checkout") == "complete_in_progress"
    await world.provider.misbehave()


async def test_a_reservation_that_expires_before_its_confirmation_refunds_the_money(
    world, refusal_of
):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    world.calls.fail_before["ConfirmReservation"] = [ReservationExpired()]

    assert await refusal_of(world.complete(checkout, owner_id)) == "ORDER_EXPIRED"

    order = await world.order_of(checkout.id)
    sums = await world.provider.sums(str(order.id))
    assert (sums["captured_minor"], sums["refunded_minor"]) == (29_90, 29_90)
    assert await world.scalar("SELECT status FROM payment") == "refunded"
