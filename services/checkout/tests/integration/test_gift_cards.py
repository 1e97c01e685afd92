"""Gift cards that pay of orders: alone, together, with a card, and in a race."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from cart.testing import a_line
from chassis.line_item import ItemKind
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import gift_card_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as cards_pb


async def entries(world: World, gift_card_id: str) -> list[tuple[int, int]]:
    """Returns kinds and amounts of a card's entries, oldest first, after a look at their sum."""
    request = cards_pb.ListGiftCardEntriesRequest(gift_card_id=gift_card_id)
    token = world.tokens.staff("gift_cards.read")
    found = (await world.ask(world.gift_cards.ListGiftCardEntries, request, token)).entries
    card = await world.card(gift_card_id)
    assert sum(each.amount.amount_minor for each in found) == card.balance.amount_minor
    assert found[0].balance == card.balance
    return [(each.kind, each.amount.amount_minor) for each in reversed(found)]


async def refund(world: World, order: pb.Order, amount_minor: int | None = None) -> pb.Order:
    request = pb.RefundOrderRequest(
        order_id=order.id,
        amount=eur(amount_minor) if amount_minor else None,
        reason=pb.ORDER_REASON_BUYER_REQUEST,
    )
    token = world.tokens.staff("orders.write")
    return await world.ask(world.orders.RefundOrder, request, token, key=str(uuid7()))


async def test_a_gift_card_and_a_card_pay_one_order_and_a_refund_goes_back_to_both(
    world: World,
) -> None:
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    checkout = await world.ready(owner_id)
    total = total_of(checkout).amount_minor
    shown = await world.apply_card(checkout, owner_id, issued.code.lower())
    again = await world.apply_card(checkout, owner_id, issued.code)
    order = await world.complete(shown, owner_id)
    taken = await world.card(issued.gift_card.id)
    refunded = await refund(world, order)

    assert [(each.ending, each.pays.amount_minor) for each in shown.gift_cards] == [
        (issued.code[-4:], 10_00)
    ]
    assert shown.due.amount_minor == total - 10_00
    assert again.version == shown.version
    by_provider = {each.provider: each for each in order.payments}
    assert by_provider["simulator"].captured.amount_minor == total - 10_00
    assert by_provider["gift_card"].captured.amount_minor == 10_00
    assert by_provider["gift_card"].gift_card_ending == issued.code[-4:]
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 0
    assert (taken.balance.amount_minor, taken.reserved.amount_minor) == (0, 0)
    assert [each.status for each in refunded.payments] == [pb.PAYMENT_STATUS_REFUNDED] * 2
    assert await entries(world, issued.gift_card.id) == [
        (cards_pb.GIFT_CARD_ENTRY_KIND_ISSUE, 10_00),
        (cards_pb.GIFT_CARD_ENTRY_KIND_CAPTURE, -10_00),
        (cards_pb.GIFT_CARD_ENTRY_KIND_REFUND, 10_00),
    ]


async def test_an_order_that_gift_cards_pay_needs_no_other_payment(world: World) -> None:
    owner_id = uuid7()
    first, second = await world.issue_card(9_00), await world.issue_card(90_00)
    checkout = await world.ready(owner_id)
    total = total_of(checkout).amount_minor
    await world.apply_card(checkout, owner_id, first.code)
    shown = await world.apply_card(checkout, owner_id, second.code)
    bare = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_method_id="", payment_token="")
    ready = await world.ask(world.checkouts.UpdateCheckout, bare, world.shopper(owner_id))
    order = await world.complete(ready, owner_id)

    assert shown.due.amount_minor == 0
    assert ready.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    assert order.status == pb.ORDER_STATUS_PLACED
    assert [each.captured.amount_minor for each in order.payments] == [9_00, total - 9_00]
    assert (await world.provider.sums(order.id))["payment_count"] == 0
    left = (await world.card(second.gift_card.id)).balance.amount_minor
    assert left == 90_00 - (total - 9_00)


async def test_a_refused_order_gives_the_gift_card_back(world: World, refusal_of: Any) -> None:
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    checkout = await world.ready(owner_id, payment_token="pm_card_declined")
    shown = await world.apply_card(checkout, owner_id, issued.code)
    reason = await refusal_of(world.complete(shown, owner_id))
    refused = await world.order_of(checkout.id)
    card = await world.card(issued.gift_card.id)
    payments = await world.scalar(
        "SELECT array_agg(status ORDER BY id) FROM payment WHERE order_id = %s", [refused.id]
    )
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_token="pm_card_ok")
    ready = await world.ask(world.checkouts.UpdateCheckout, update, world.shopper(owner_id))
    order = await world.complete(ready, owner_id)

    assert reason == "PAYMENT_DECLINED"
    assert payments == ["declined", "voided"]
    assert (card.balance.amount_minor, card.reserved.amount_minor) == (10_00, 0)
    assert order.status == pb.ORDER_STATUS_PLACED
    assert await entries(world, issued.gift_card.id) == [
        (cards_pb.GIFT_CARD_ENTRY_KIND_ISSUE, 10_00),
        (cards_pb.GIFT_CARD_ENTRY_KIND_CAPTURE, -10_00),
    ]


async def test_two_checkouts_that_race_for_one_balance_have_one_winner(world: World) -> None:
    issued, owners = await world.issue_card(1_000_00), [uuid7(), uuid7()]
    spend = cards_pb.AdjustGiftCardRequest(
        gift_card_id=issued.gift_card.id, amount=eur(-970_00), reason="test"
    )
    ready = [await world.ready(owner_id) for owner_id in owners]
    shown = [
        await world.apply_card(checkout, owner_id, issued.code)
        for checkout, owner_id in zip(ready, owners, strict=True)
    ]
    await world.ask(
        world.gift_cards.AdjustGiftCard, spend, world.tokens.staff("gift_cards.write"),
        key=str(uuid7()),
    )  # fmt: skip
    done = await asyncio.gather(
        *(
            world.complete(checkout, owner_id)
            for checkout, owner_id in zip(shown, owners, strict=True)
        ),
        return_exceptions=True,
    )

    orders = [each for each in done if isinstance(each, pb.Order)]
    refusals = [each.reason for each in done if not isinstance(each, pb.Order)]
    assert len(orders) == 1
    assert refusals == ["GIFT_CARD_BALANCE_CHANGED"]
    card = await world.card(issued.gift_card.id)
    assert card.reserved.amount_minor == 0
    total = total_of(shown[0]).amount_minor
    assert card.balance.amount_minor == 30_00 - total


async def test_nobody_is_charged_more_by_card_than_they_saw(world: World, refusal_of: Any) -> None:
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    shown = await world.apply_card(await world.ready(owner_id), owner_id, issued.code)
    less = cards_pb.AdjustGiftCardRequest(
        gift_card_id=issued.gift_card.id, amount=eur(-4_00), reason="spent in the store"
    )
    await world.ask(
        world.gift_cards.AdjustGiftCard, less, world.tokens.staff("gift_cards.write"),
        key=str(uuid7()),
    )  # fmt: skip
    reason = await refusal_of(world.complete(shown, owner_id))
    seen = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=shown.id),
        world.shopper(owner_id),
    )
    request = pb.CompleteCheckoutRequest(
        checkout_id=shown.id, expected_total=total_of(seen), expected_due=seen.due
    )
    order = await world.ask(
        world.checkouts.CompleteCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )

    assert reason == "GIFT_CARD_BALANCE_CHANGED"
    assert seen.due.amount_minor == shown.due.amount_minor + 4_00
    assert sorted(each.captured.amount_minor for each in order.payments) == sorted([
        6_00, seen.due.amount_minor,
    ])  # fmt: skip


async def test_a_card_that_cannot_pay_is_refused_with_its_reason(
    world: World, refusal_of: Any
) -> None:
    owner_id, staff = uuid7(), world.tokens.staff("gift_cards.write")
    checkout = await world.ready(owner_id)
    stopped, spent = await world.issue_card(), await world.issue_card()
    disable = cards_pb.DisableGiftCardRequest(gift_card_id=stopped.gift_card.id)
    await world.ask(world.gift_cards.DisableGiftCard, disable, staff)
    emptied = cards_pb.AdjustGiftCardRequest(
        gift_card_id=spent.gift_card.id, amount=eur(-50_00), reason="spent"
    )
    await world.ask(world.gift_cards.AdjustGiftCard, emptied, staff, key=str(uuid7()))
    only_cards = uuid7()
    cart_id = world.cart(only_cards, kind=ItemKind.GIFT_CARD)
    of_cards = await world.ask(
        world.checkouts.CreateCheckout,
        pb.CreateCheckoutRequest(cart_id=cart_id, email="ada@example.org"),
        world.shopper(only_cards),
        key=str(uuid7()),
    )
    good = await world.issue_card()
    reasons = [
        await refusal_of(world.apply_card(*wanted))
        for wanted in (
            (checkout, owner_id, "NO-SUCH-CARD"),
            (checkout, owner_id, stopped.code),
            (checkout, owner_id, spent.code),
            (of_cards, only_cards, good.code),
        )
    ]

    assert reasons == ["GIFT_CARD_NOT_FOUND", *["GIFT_CARD_NOT_USABLE"] * 3]


async def test_gift_cards_pay_the_goods_beside_gift_cards_alone(world: World) -> None:
    owner_id, issued = uuid7(), await world.issue_card(200_00)
    token, staff = world.shopper(owner_id), world.tokens.staff("gift_cards.write")
    voucher = uuid7()
    world.stock.on_hand[str(voucher)] = 10
    sold = [a_line(voucher, price_minor=30_00, kind=ItemKind.GIFT_CARD, tax_class="exempt")]
    checkout = await world.ready(owner_id, more=sold)
    shown = await world.apply_card(checkout, owner_id, issued.code)
    allow = cards_pb.PutGiftCardSettingsRequest(
        settings=cards_pb.GiftCardSettings(pays_gift_cards=True)
    )
    await world.ask(world.gift_cards.PutGiftCardSettings, allow, staff)
    get = pb.GetCheckoutRequest(checkout_id=checkout.id)
    allowed = await world.ask(world.checkouts.GetCheckout, get, token)
    remove = cards_pb.RemoveGiftCardRequest(
        checkout_id=checkout.id, gift_card_id=issued.gift_card.id
    )
    removed = await world.ask(world.shopper_cards.RemoveGiftCard, remove, token)

    assert shown.due.amount_minor == 30_00
    assert allowed.due.amount_minor == 0
    assert removed.due == total_of(removed)
    assert not removed.gift_cards


async def test_an_expired_card_pays_again_once_money_came_back_to_it(world: World) -> None:
    owner_id, staff = uuid7(), world.tokens.staff("gift_cards.write")
    days = cards_pb.GiftCardSettings(validity_days=10, refund_days=30)
    put = cards_pb.PutGiftCardSettingsRequest(settings=days)
    await world.ask(world.gift_cards.PutGiftCardSettings, put, staff)
    issued = await world.issue_card(10_00)
    shown = await world.apply_card(await world.ready(owner_id), owner_id, issued.code)
    order = await world.complete(shown, owner_id)
    world.clock.shift_to(11 * 86_400)
    balance = cards_pb.CheckGiftCardBalanceRequest(code=issued.code)
    expired = await world.ask(
        world.shopper_cards.CheckGiftCardBalance, balance, world.shopper(owner_id)
    )
    await refund(world, order)
    again = await world.ask(
        world.shopper_cards.CheckGiftCardBalance, balance, world.shopper(owner_id)
    )

    assert expired.problem == gift_card_pb2.GIFT_CARD_PROBLEM_EXPIRED
    assert again.problem == gift_card_pb2.GIFT_CARD_PROBLEM_UNSPECIFIED
    assert again.available.amount_minor == 10_00
    assert UUID(order.id)


async def test_what_an_older_release_left_held_by_a_card_is_settled(world: World) -> None:
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    shown = await world.apply_card(await world.ready(owner_id), owner_id, issued.code)
    order = await world.complete(shown, owner_id)
    # As a process leaves it that places the order and knows no gift cards.
    async with world.database.tx() as tx:
        await tx.run("DELETE FROM gift_card_entry WHERE kind = 'capture'")
        await tx.run("UPDATE gift_card SET balance_minor = 1000, reserved_minor = 1000")
        await tx.run(
            "UPDATE payment SET status = 'authorized', captured_minor = 0"
            " WHERE gift_card_id IS NOT NULL"
        )
    for _ in range(2):
        await world.ask(
            world.orders.Reconcile, pb.ReconcileRequest(), world.tokens.staff("orders.write")
        )
    card = await world.card(issued.gift_card.id)
    seen = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), world.shopper(owner_id)
    )

    assert (card.balance.amount_minor, card.reserved.amount_minor) == (0, 0)
    assert {each.status for each in seen.payments} == {pb.PAYMENT_STATUS_CAPTURED}
    assert await entries(world, issued.gift_card.id) == [
        (cards_pb.GIFT_CARD_ENTRY_KIND_ISSUE, 10_00),
        (cards_pb.GIFT_CARD_ENTRY_KIND_CAPTURE, -10_00),
    ]


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
async def test_a_transfer_beside_a_gift_card_is_awaited_and_a_late_one_gives_the_card_back(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank_transfer", provider="offline", provider_method="bank_transfer")
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    checkout = await world.apply_card(await world.ready(owner_id), owner_id, issued.code)
    by_transfer = pb.UpdateCheckoutRequest(
        checkout_id=checkout.id, payment_method_id="bank_transfer"
    )
    shown = await world.ask(world.checkouts.UpdateCheckout, by_transfer, world.shopper(owner_id))
    order = await world.complete(shown, owner_id)
    parcel = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL")
    staff = world.tokens.staff("orders.write")
    reason = await refusal_of(
        world.ask(world.orders.CreateShipment, parcel, staff, key=str(uuid7()))
    )
    world.clock.shift_to(14 * 86_400 + 60)
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: is_cancelled(world, checkout.id))

    assert reason == "PAYMENT_OUTSTANDING"
    assert [each.provider for each in order.payments] == ["offline", "gift_card"]
    assert (await world.card(issued.gift_card.id)).balance.amount_minor == 10_00


async def is_cancelled(world: World, checkout_id: str) -> bool:
    return (await world.order_of(checkout_id)).status == "cancelled"
