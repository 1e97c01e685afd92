"""Gift cards that orders buy: issued once their order is paid, mailed, and taken back.

The commit that takes the money sets a timer; the cards are made in one commit of the timer, so that
a process that dies between them leaves no order without its cards and none with them twice.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data import timers
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.money import Money
from checkout.errors.gift_cards import GiftCardUsed
from checkout.gift_cards import events
from checkout.gift_cards.actions import draft_gift_card
from checkout.gift_cards.codes import GiftCardCodes, new_code
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.mail import mail_gift_card
from checkout.gift_cards.model import (
    EntryKind,
    GiftCard,
    GiftCardSettings,
    GiftCardSource,
    GiftCardStatus,
)
from checkout.gift_cards.queries import get_gift_card_settings
from checkout.orders.model import ISSUE_GIFT_CARDS, PAID, Order, OrderLine
from checkout.orders.queries import find_order_lines
from checkout.orders.store import lock_order
from checkout.payments.queries import find_payments

# Kind of the timer that mails a card on its day.
SEND_GIFT_CARD: Final = "gift_card.send"
_OF_ORDER: Final = prepare(
    select(GiftCard)
    .where(GiftCard.order_id == bindparam("order_id"))
    .order_by(col(GiftCard.order_line_id), col(GiftCard.unit))
)
_LOCK: Final = prepare(
    select(GiftCard)
    .where(GiftCard.order_id == bindparam("order_id"))
    .order_by(col(GiftCard.id))
    .with_for_update()
)


async def find_sold_gift_cards(read: Read, order_id: UUID) -> list[GiftCard]:
    """Returns the cards that an order bought, by its lines."""
    return await read.all(_OF_ORDER, order_id=order_id)


async def issue_sold_gift_cards(tx: Tx, order_id: UUID, codes: GiftCardCodes) -> None:
    """Makes the cards that a paid order bought, one a unit, and mails them or sets their timers.

    Idempotent: an order that has its cards gets no more. One that is cancelled or wholly refunded
    meanwhile gets none. Emits GiftCardChanged and GiftCardSent.
    """
    order = await lock_order(tx, order_id)
    await timers.cancel(tx, ISSUE_GIFT_CARDS, str(order_id))
    payments = await find_payments(tx, [order_id])
    is_refunded = bool(payments) and not any(each.refundable_minor for each in payments)
    if order.status not in PAID or is_refunded or await find_sold_gift_cards(tx, order_id):
        return
    settings = await get_gift_card_settings(tx, order.channel_id)
    for line in await find_order_lines(tx, [order_id]):
        amount = Money(line.gift_card_worth_minor, order.currency)
        if not amount.amount_minor:
            continue
        for unit in range(line.quantity):
            delivery = _delivery_of(line.gift_card_deliveries, unit)
            card = _draft(order, line, unit, amount, settings, codes, tx)
            card.delivery, card.send_at = delivery, delivery.send_at if delivery else None
            await tx.insert(card)
            entry = card.book(EntryKind.ISSUE, amount.amount_minor, tx.now, order_id=order_id)
            await tx.insert(entry)
            if card.send_at and card.send_at > tx.now:
                await tx.update(card)
                await timers.schedule(tx, SEND_GIFT_CARD, str(card.id), card.send_at)
            else:
                await mail_gift_card(tx, card, order, codes)
            await tx.emit(events.gift_card_changed(card), key=card.id)


async def send_dated_gift_card(tx: Tx, card_id: UUID, codes: GiftCardCodes) -> None:
    """Mails a card on its day, unless it was stopped or mailed meanwhile. Emits GiftCardSent."""
    await timers.cancel(tx, SEND_GIFT_CARD, str(card_id))
    card = await tx.lock(GiftCard, card_id)
    if card is None or card.status is not GiftCardStatus.ACTIVE or card.sent_at is not None:
        return
    order = await tx.get(Order, card.order_id) if card.order_id else None
    if order is not None:
        await mail_gift_card(tx, card, order, codes)


async def revoke_sold_gift_cards(tx: Tx, order_id: UUID) -> None:
    """Takes back the cards that an order bought, in the transaction that locked the order.

    Emits GiftCardChanged. Raises GiftCardUsed if one of them paid already, or is about to.
    """
    for card in await tx.all(_LOCK, order_id=order_id):
        if card.status is not GiftCardStatus.REVOKED:
            await revoke_unused(tx, card)


async def revoke_unused(tx: Tx, card: GiftCard, *, actor_id: UUID | None = None) -> None:
    """Takes back a locked card, and what is on it. Raises GiftCardUsed."""
    if not card.is_unused:
        raise GiftCardUsed("the gift card was used", gift_card_id=card.id)
    entry = card.book(
        EntryKind.REVOCATION,
        -card.balance_minor,
        tx.now,
        order_id=card.order_id,
        actor_id=actor_id,
    )
    card.status = GiftCardStatus.REVOKED
    await tx.update(card)
    await tx.insert(entry)
    await timers.cancel(tx, SEND_GIFT_CARD, str(card.id))
    await tx.emit(events.gift_card_changed(card), key=card.id)


def _delivery_of(deliveries: Sequence[GiftCardDelivery], unit: int) -> GiftCardDelivery | None:
    """Returns the delivery of a unit of a line; None for the buyer."""
    return deliveries[unit] if unit < len(deliveries) else None


def _draft(
    order: Order,
    line: OrderLine,
    unit: int,
    amount: Money,
    settings: GiftCardSettings,
    codes: GiftCardCodes,
    tx: Tx,
) -> GiftCard:
    card = draft_gift_card(new_code(), codes, GiftCardSource.SOLD, amount, tx.now)
    card.channel, card.expires_at = order.channel_id, settings.expiry_of_new(tx.now)
    card.order_id, card.order_line_id, card.unit = order.id, line.id, unit
    return card
