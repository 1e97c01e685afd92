"""Payments by gift card, in the transactions of the orders that they pay.

A card holds an amount with the insert of the order, takes it with the placing, and gives it up with
the refusal: each in the commit of the order's own step, so that no crash parts them. A refund comes
back to the card in the commit that ends it.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis.data.tx import Tx
from checkout.errors.gift_cards import GiftCardBalanceChanged
from checkout.fraud.queries import find_risk
from checkout.gift_cards.model import EntryKind, GiftCard
from checkout.gift_cards.queries import (
    get_gift_card_settings,
    lock_gift_card,
    lock_gift_cards,
)
from checkout.orders.model import PAID
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.queries import find_payments
from checkout.payments.refunds import Refund


async def reserve_gift_cards(tx: Tx, payments: Sequence[Payment]) -> None:
    """Holds the amounts of payments on their cards, with the insert of their order.

    Raises GiftCardBalanceChanged if a card cannot pay its part any more, e.g. because another order
    was faster.
    """
    cards = await _lock(tx, payments)
    for payment, card in cards:
        if card.problem(tx.now) or card.available_minor < payment.amount_minor:
            raise GiftCardBalanceChanged(
                "a gift card pays less now: show the checkout again", gift_card_id=card.id
            )
        card.reserve(payment.amount_minor)
        await tx.update(card)


async def capture_gift_cards(tx: Tx, payments: Sequence[Payment]) -> None:
    """Takes what cards hold for an order, with its placing. The caller writes the payments."""
    for payment, card in await _lock(tx, payments):
        if payment.status is not PaymentStatus.AUTHORIZED:
            continue
        payment.become(PaymentStatus.CAPTURED)
        payment.captured_minor = payment.amount_minor
        card.release(payment.amount_minor)
        entry = card.book(
            EntryKind.CAPTURE,
            -payment.amount_minor,
            tx.now,
            order_id=payment.order_id,
            payment_id=payment.id,
        )
        await tx.update(card)
        await tx.insert(entry)


async def release_gift_cards(tx: Tx, payments: Sequence[Payment]) -> None:
    """Gives up what cards hold for an order, with its refusal. The caller writes the payments."""
    for payment, card in await _lock(tx, payments):
        if payment.status is not PaymentStatus.AUTHORIZED:
            continue
        payment.become(PaymentStatus.VOIDED)
        card.release(payment.amount_minor)
        await tx.update(card)


async def settle_gift_cards(tx: Tx, order_id: UUID) -> None:
    """Takes what cards still hold for a placed order, or gives it up for one that is over."""
    order = await lock_order(tx, order_id)
    payments = [each for each in await find_payments(tx, [order_id]) if each.gift_card_id]
    risk = await find_risk(tx, order_id)
    if not order.is_settled or (risk is not None and risk.is_undecided):
        return
    if order.status in PAID:
        await capture_gift_cards(tx, payments)
    else:
        await release_gift_cards(tx, payments)
    for payment in payments:
        await tx.update(payment)
    await save_order(tx, order)


async def refund_gift_card(tx: Tx, payment: Payment, refund: Refund) -> None:
    """Brings a refund back to its card, in the transaction that ends the refund.

    A card that expired meanwhile pays again for a time, as the settings of its channel say.
    """
    assert payment.gift_card_id is not None
    card = await lock_gift_card(tx, payment.gift_card_id)
    settings = await get_gift_card_settings(tx, card.channel)
    settings.extend(card, tx.now)
    entry = card.book(
        EntryKind.REFUND,
        refund.amount_minor,
        tx.now,
        order_id=payment.order_id,
        payment_id=payment.id,
        refund_id=refund.id,
    )
    await tx.update(card)
    await tx.insert(entry)


async def _lock(tx: Tx, payments: Sequence[Payment]) -> list[tuple[Payment, GiftCard]]:
    """Locks the cards of the payments that have one."""
    by_card = [(payment, payment.gift_card_id) for payment in payments]
    ids = [card_id for _, card_id in by_card if card_id is not None]
    if not ids:
        return []
    cards = await lock_gift_cards(tx, ids)
    return [(payment, cards[card_id]) for payment, card_id in by_card if card_id is not None]
