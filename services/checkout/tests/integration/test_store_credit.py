"""Store credit: given by staff and by refunds, paid with, and forgotten with its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.erasures.actions import forget_buyer
from checkout.guests.actions import record_conversion
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import gift_card_events_pb2 as events_pb
from sojourn.checkout.v1 import gift_card_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as cards_pb
from sojourn.checkout.v1 import refund_destination_pb2 as destination_pb
from sojourn.checkout.v1 import store_credit_pb2 as credit_pb

CREDIT = destination_pb.REFUND_DESTINATION_STORE_CREDIT


async def has_account(world: World, owner_id: UUID) -> UUID:
    """Makes a guest a customer of the same id, so that their orders have an account."""
    async with world.database.tx() as tx:
        await record_conversion(tx, owner_id, owner_id)
    return owner_id


async def refund(
    world: World, order: pb.Order, amount_minor: int | None = None, *, destination: Any = CREDIT
) -> pb.Order:
    request = pb.RefundOrderRequest(
        order_id=order.id,
        amount=eur(amount_minor) if amount_minor else None,
        reason=pb.ORDER_REASON_BUYER_REQUEST,
        destination=destination,
    )
    token = world.tokens.staff("orders.write")
    return await world.ask(world.orders.RefundOrder, request, token, key=str(uuid7()))


async def apply(world: World, checkout: pb.Checkout, owner_id: UUID) -> pb.Checkout:
    request = credit_pb.ApplyStoreCreditRequest(checkout_id=checkout.id)
    return await world.ask(world.store_credit.ApplyStoreCredit, request, world.shopper(owner_id))


async def test_a_refund_goes_on_store_credit_which_pays_the_next_order(world: World) -> None:
    owner_id, order = await world.buy()
    await has_account(world, owner_id)
    refunded = await refund(world, order, 10_00)
    checkout = await world.ready(owner_id)
    total = total_of(checkout).amount_minor
    shown = await apply(world, checkout, owner_id)
    again = await apply(world, checkout, owner_id)
    second = await world.complete(shown, owner_id)
    token = world.shopper(owner_id)
    mine = await world.ask(
        world.store_credit.GetStoreCredit, credit_pb.GetStoreCreditRequest(), token
    )
    request = credit_pb.ListStoreCreditEntriesRequest(currency="EUR")
    entries = await world.ask(world.store_credit.ListStoreCreditEntries, request, token)

    [made] = refunded.refunds
    assert (made.destination, made.amount.amount_minor) == (CREDIT, 10_00)
    assert refunded.payments[0].refunded.amount_minor == 10_00
    assert (await world.provider.sums(order.id))["refunded_minor"] == 0
    assert [(each.store_credit, each.pays.amount_minor) for each in shown.gift_cards] == [
        (True, 10_00)
    ]
    assert again.version == shown.version
    by_method = {each.method: each.captured.amount_minor for each in second.payments}
    assert by_method == {"card": total - 10_00, "store_credit": 10_00}
    [credit] = mine.store_credit
    assert (credit.balance.amount_minor, credit.problem) == (
        0, gift_card_pb2.GIFT_CARD_PROBLEM_EMPTY,
    )  # fmt: skip
    assert [(each.kind, each.amount.amount_minor) for each in entries.entries] == [
        (cards_pb.GIFT_CARD_ENTRY_KIND_CAPTURE, -10_00),
        (cards_pb.GIFT_CARD_ENTRY_KIND_REFUND, 10_00),
    ]
    assert {each.order_id for each in entries.entries} == {order.id, second.id}
    assert await world.credit_of(owner_id) == 0


async def test_a_guest_has_no_store_credit_and_nothing_is_refunded(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy()
    reason = await refusal_of(refund(world, order, 10_00))
    request = pb.GetOrderRequest(order_id=order.id)
    after = await world.ask(world.orders.GetOrder, request, world.tokens.staff("orders.read"))

    assert reason == "STORE_CREDIT_NEEDS_ACCOUNT"
    assert (after.version, len(after.refunds)) == (order.version, 0)


async def test_money_that_went_on_store_credit_is_not_given_back_again_by_the_provider(
    world: World,
) -> None:
    owner_id, order = await world.buy()
    await has_account(world, owner_id)
    captured = order.payments[0].captured.amount_minor
    await refund(world, order, 10_00)
    cancel = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    cancelled = await world.ask(
        world.orders.CancelOrder, cancel, world.tokens.staff("orders.write")
    )
    await world.components.reconciler.reconcile(after_seconds=0)

    assert cancelled.status == pb.ORDER_STATUS_CANCELLED
    assert cancelled.payments[0].refunded.amount_minor == captured
    assert (await world.provider.sums(order.id))["refunded_minor"] == captured - 10_00
    assert await world.credit_of(owner_id) == 10_00


async def test_staff_add_and_take_off_with_a_reason_and_no_less_than_nothing(
    world: World, refusal_of: Any
) -> None:
    customer_id = uuid7()
    nothing = await refusal_of(world.credit(customer_id, -1))
    await world.credit(customer_id, 20_00)
    left = await world.credit(customer_id, -5_00)
    too_much = await refusal_of(world.credit(customer_id, -15_01))
    zero = await refusal_of(world.credit(customer_id, 0))
    staff = world.tokens.staff("gift_cards.read")
    request = credit_pb.ListStoreCreditEntriesRequest(customer_id=str(customer_id), currency="EUR")
    entries = (await world.ask(world.store_credit.ListStoreCreditEntries, request, staff)).entries
    stranger = await refusal_of(
        world.ask(world.store_credit.ListStoreCreditEntries, request, world.shopper(uuid7()))
    )
    told = await world.events(events_pb.StoreCreditChanged)

    assert (nothing, too_much, zero) == (
        "STORE_CREDIT_NOT_FOUND", "GIFT_CARD_BALANCE_TOO_LOW", "INVALID_GIFT_CARD",
    )  # fmt: skip
    assert stranger == "SCOPE_REQUIRED"
    assert left.available.amount_minor == 15_00
    assert [(each.amount.amount_minor, each.reason) for each in entries] == [
        (-5_00, "Goodwill"), (20_00, "Goodwill"),
    ]  # fmt: skip
    assert [each.amount.amount_minor for each in told] == [20_00, -5_00]
    assert await world.credit_of(customer_id) == 15_00


async def test_store_credit_of_another_customer_pays_nothing(world: World, refusal_of: Any) -> None:
    await world.credit(uuid7(), 20_00)
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    reason = await refusal_of(apply(world, checkout, owner_id))

    assert reason == "STORE_CREDIT_NOT_FOUND"


async def test_store_credit_expires_as_the_channel_says_and_pays_again_after_an_addition(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    settings = cards_pb.GiftCardSettings(channel="default", store_credit_days=30)
    await world.ask(
        world.gift_cards.PutGiftCardSettings,
        cards_pb.PutGiftCardSettingsRequest(settings=settings),
        world.tokens.staff("gift_cards.write"),
    )
    await world.credit(owner_id, 5_00)
    world.clock.shift_to(31 * 86_400)
    expired = await refusal_of(apply(world, await world.ready(owner_id), owner_id))
    await world.credit(owner_id, 1_00)
    shown = await apply(world, await world.ready(owner_id), owner_id)

    assert expired == "GIFT_CARD_NOT_USABLE"
    assert [each.pays.amount_minor for each in shown.gift_cards] == [6_00]


async def test_the_erasure_of_a_customer_ends_their_store_credit(
    world: World, refusal_of: Any
) -> None:
    customer_id = uuid7()
    await world.credit(customer_id, 20_00)
    for _ in range(2):
        async with world.database.tx() as tx:
            await forget_buyer(tx, customer_id, "", retention_years=10)
    reasons = await world.scalar(
        "SELECT string_agg(e.reason, '') FROM gift_card_entry e"
        " JOIN gift_card c ON c.id = e.gift_card_id WHERE c.owner_id = %s",
        [customer_id],
    )
    more = await refusal_of(world.credit(customer_id, 1_00))

    assert await world.credit_of(customer_id) == 0
    assert reasons == ""
    assert more == "WRONG_GIFT_CARD_STATUS"


async def test_store_credit_has_no_code_that_could_be_mailed(world: World, refusal_of: Any) -> None:
    credit = await world.credit(uuid7(), 20_00)
    request = cards_pb.SendGiftCardRequest(gift_card_id=credit.id, email="ben@example.org")
    token = world.tokens.staff("gift_cards.write")
    reason = await refusal_of(
        world.ask(world.gift_cards.SendGiftCard, request, token, key=str(uuid7()))
    )
    card = await world.card(credit.id)

    assert reason == "INVALID_GIFT_CARD"
    assert (card.source, card.ending) == (cards_pb.GIFT_CARD_SOURCE_STORE_CREDIT, "")
