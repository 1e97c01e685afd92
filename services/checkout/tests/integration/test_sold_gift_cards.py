"""Gift cards that orders buy: issued once, mailed, and taken back with their money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cart.testing import a_line
from chassis.line_item import ItemKind
from chassis.money import Money
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from checkout.gift_cards.sold import issue_sold_gift_cards
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import gift_card_events_pb2 as events_pb
from sojourn.checkout.v1 import gift_card_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as cards_pb

DAY = 86_400


async def begin(world: World, owner_id: UUID, *, quantity: int = 1, **fields: Any) -> pb.Checkout:
    """Begins a checkout of gift cards alone."""
    cart_id = world.cart(owner_id, quantity=quantity, kind=ItemKind.GIFT_CARD, **fields)
    request = pb.CreateCheckoutRequest(
        cart_id=cart_id,
        email="ada@example.org",
        payment_method_id="card",
        payment_token="pm_card_ok",
    )
    return await world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )


async def bought(world: World, order: pb.Order, owner_id: UUID) -> list[cards_pb.BoughtGiftCard]:
    """Returns the cards of an order once its timer made them."""
    request = cards_pb.ListOrderGiftCardsRequest(order_id=order.id)

    async def found() -> Any:
        token = world.shopper(owner_id)
        return (await world.ask(world.shopper_cards.ListOrderGiftCards, request, token)).gift_cards

    async with world.working():
        return list(await eventually(found, within=10))


async def mails(world: World) -> list[events_pb.GiftCardSent]:
    return await world.events(events_pb.GiftCardSent)


async def read(world: World, order: pb.Order, owner_id: UUID) -> pb.Order:
    request = pb.GetOrderRequest(order_id=order.id)
    return await world.ask(world.orders.GetOrder, request, world.shopper(owner_id))


async def test_a_paid_order_of_gift_cards_is_untaxed_delivered_and_mailed_with_its_codes(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    worth = Money(30_00, "EUR")
    checkout = await begin(world, owner_id, quantity=2, gift_card_value=worth)
    order = await world.complete(checkout, owner_id)
    cards = await bought(world, order, owner_id)
    async with world.database.tx() as tx:
        await issue_sold_gift_cards(tx, UUID(order.id), world.components.gift_card_codes)
    again = await bought(world, order, owner_id)
    ask = cards_pb.ListOrderGiftCardsRequest(order_id=order.id)
    hidden = await refusal_of(
        world.ask(world.shopper_cards.ListOrderGiftCards, ask, world.shopper(uuid7()))
    )
    sent = await mails(world)

    assert checkout.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    assert total_of(checkout).amount_minor == 50_00
    assert not checkout.tax_lines
    assert order.status == pb.ORDER_STATUS_DELIVERED
    assert again == cards
    assert [card.initial for card in cards] == [eur(30_00)] * 2
    assert sorted(card.code for card in cards) == sorted(mail.code for mail in sent)
    assert {mail.email for mail in sent} == {"ada@example.org"}
    assert all(mail.to_buyer and mail.number == order.number for mail in sent)
    assert hidden == "ORDER_NOT_FOUND"


async def test_a_gift_is_mailed_to_its_recipient_on_its_day_and_the_buyer_sees_no_code(
    world: World, refusal_of: Any
) -> None:
    owner_id, token = uuid7(), ""
    checkout, token = await begin(world, owner_id, quantity=2), world.shopper(owner_id)
    gift = gift_card_pb2.GiftCardDelivery(
        line_id=checkout.lines[0].id, email="ben@EXAMPLE.org", recipient_name="Ben",
        sender_name="Ada", message="All the best!",
    )  # fmt: skip
    gift.send_at.FromDatetime(world.clock.now().replace(microsecond=0))
    gift.send_at.seconds += 3 * DAY

    async def give(*deliveries: gift_card_pb2.GiftCardDelivery) -> pb.Checkout:
        wanted = gift_card_pb2.GiftCardDeliveries(deliveries=deliveries)
        request = pb.UpdateCheckoutRequest(checkout_id=checkout.id, gift_card_deliveries=wanted)
        return await world.ask(world.checkouts.UpdateCheckout, request, token)

    too_many = await refusal_of(give(gift, gift, gift))
    ready = await give(gift)
    order = await world.complete(ready, owner_id)
    cards = await bought(world, order, owner_id)
    first = await mails(world)
    world.clock.shift_to(3 * DAY + 60)
    await world.lapse_leases()

    async def is_mailed() -> bool:
        return len(await mails(world)) == 2

    async with world.working():
        await eventually(is_mailed, within=10)
    [_, dated] = await mails(world)

    assert too_many == "INVALID_GIFT_CARD_DELIVERY"
    assert [bool(card.code) for card in cards] == [False, True]
    assert [mail.email for mail in first] == ["ada@example.org"]
    assert (dated.email, dated.sender_name, dated.message) == (
        "ben@example.org", "Ada", "All the best!",
    )  # fmt: skip
    assert (dated.to_buyer, dated.code[-4:]) == (False, cards[0].ending)


async def test_an_unused_card_is_revoked_with_a_refund_and_a_used_one_is_not(
    world: World, refusal_of: Any
) -> None:
    owner_id, staff = uuid7(), world.tokens.staff("gift_cards.write", "orders.write")
    order = await world.complete(await begin(world, owner_id, quantity=2), owner_id)
    used, unused = await bought(world, order, owner_id)
    spender = uuid7()
    shown = await world.apply_card(await world.ready(spender), spender, used.code)
    await world.complete(shown, spender)

    async def revoke(card: cards_pb.BoughtGiftCard) -> cards_pb.GiftCard:
        request = cards_pb.RevokeGiftCardRequest(gift_card_id=card.id)
        return await world.ask(world.gift_cards.RevokeGiftCard, request, staff)

    reason = await refusal_of(revoke(used))
    done, again = await revoke(unused), await revoke(unused)
    whole = pb.RefundOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
    not_all = await refusal_of(world.ask(world.orders.RefundOrder, whole, staff, key=str(uuid7())))

    async def is_refunded() -> Any:
        seen = await read(world, order, owner_id)
        return seen.payments[0].refunded.amount_minor == 25_00

    async with world.working():
        await eventually(is_refunded, within=10)
    balance = cards_pb.CheckGiftCardBalanceRequest(code=unused.code)
    gone = await world.ask(
        world.shopper_cards.CheckGiftCardBalance, balance, world.shopper(owner_id)
    )

    assert (reason, not_all) == ("GIFT_CARD_USED", "GIFT_CARD_USED")
    assert done == again
    assert done.status == gift_card_pb2.GIFT_CARD_STATUS_REVOKED
    assert done.balance.amount_minor == 0
    assert gone.problem == gift_card_pb2.GIFT_CARD_PROBLEM_DISABLED


async def test_a_cancelled_order_takes_its_gift_cards_back(world: World) -> None:
    owner_id, voucher = uuid7(), uuid7()
    world.stock.on_hand[str(voucher)] = 10
    sold = [a_line(voucher, price_minor=30_00, kind=ItemKind.GIFT_CARD, tax_class="exempt")]
    order = await world.complete(await world.ready(owner_id, more=sold), owner_id)
    [card] = await bought(world, order, owner_id)
    cancel = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    cancelled = await world.ask(world.orders.CancelOrder, cancel, world.shopper(owner_id))
    kept = await world.card(card.id)

    assert order.status == pb.ORDER_STATUS_PLACED
    assert cancelled.status == pb.ORDER_STATUS_CANCELLED
    assert kept.status == gift_card_pb2.GIFT_CARD_STATUS_REVOKED
    assert kept.balance.amount_minor == 0


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
async def test_cards_by_transfer_are_issued_once_it_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank_transfer", provider="offline", provider_method="bank_transfer")
    owner_id = uuid7()
    checkout = await begin(world, owner_id)
    chosen = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_method_id="bank_transfer")
    ready = await world.ask(world.checkouts.UpdateCheckout, chosen, world.shopper(owner_id))
    order = await world.complete(ready, owner_id)
    before = await world.scalar("SELECT count(*) FROM timer WHERE kind = 'order.issue_gift_cards'")
    line = transfers.BankTransferLine(id="g-1", text=order.payments[0].reference, amount=eur(25_00))
    await world.ask(
        world.transfers.ImportBankTransfers,
        transfers.ImportBankTransfersRequest(lines=[line]),
        world.tokens.staff("payments.write"),
        key=str(uuid7()),
    )
    [card] = await bought(world, order, owner_id)

    assert before == 0
    assert card.initial == eur(25_00)


async def test_staff_mail_a_card_again_or_to_another_address(world: World, refusal_of: Any) -> None:
    staff, issued = world.tokens.staff("gift_cards.write"), await world.issue_card(20_00)

    async def send(**fields: Any) -> cards_pb.GiftCard:
        request = cards_pb.SendGiftCardRequest(gift_card_id=issued.gift_card.id, **fields)
        return await world.ask(world.gift_cards.SendGiftCard, request, staff, key=str(uuid7()))

    unknown = await refusal_of(send())
    first = await send(email="ben@example.org", recipient_name="Ben", locale="de")
    again = await send()
    sent = await mails(world)

    assert unknown == "INVALID_GIFT_CARD"
    assert [mail.email for mail in sent] == ["ben@example.org"] * 2
    assert [mail.code for mail in sent] == [issued.code] * 2
    assert [mail.version for mail in sent] == [first.version, again.version]
    assert first.HasField("sent_at")
