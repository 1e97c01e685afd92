"""Taking back of one gift card that an order bought, with the money that was paid for it."""

from uuid import UUID

from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from checkout.errors.gift_cards import GiftCardNotSold
from checkout.gift_cards.model import GiftCard, GiftCardStatus
from checkout.gift_cards.queries import get_gift_card, lock_gift_card
from checkout.gift_cards.sold import revoke_unused
from checkout.idempotency import IdempotencyKey
from checkout.orders.amounts import is_tax_included, paid_for_steps
from checkout.orders.model import PAID, Order
from checkout.orders.queries import find_order_lines
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import REFUND, OrderReason
from checkout.payments.queries import find_payments
from checkout.payments.refund import create_refunds
from checkout.payments.refunds import RefundRequest


async def revoke_gift_card(
    tx: Tx, gift_card_id: UUID, *, caller: Caller, expected_version: int = 0
) -> GiftCard:
    """Takes a card that nobody used back from its buyer, and starts the refund of its price.

    Never more goes back than is left of the order's payments. Idempotent. Emits GiftCardChanged.
    Raises GiftCardNotFound, GiftCardNotSold, GiftCardUsed, WrongOrderStatus, VersionMismatch.
    """
    known = await get_gift_card(tx, gift_card_id)
    if known.order_id is None:
        raise GiftCardNotSold("disable the gift card instead", gift_card_id=gift_card_id)
    order = await lock_order(tx, known.order_id)
    card = await lock_gift_card(tx, gift_card_id)
    if card.status is GiftCardStatus.REVOKED:
        return card
    card.require_version(expected_version)
    order.require(*PAID)
    before = card.status
    await revoke_unused(tx, card, actor_id=caller.person_id)
    refunded_minor = await _refund(tx, order, card, caller)
    record_audit(
        tx, caller, "gift_card.revoke", f"gift_card:{card.id}",
        before={"status": before},
        after={"status": card.status, "refunded_minor": refunded_minor, "currency": card.currency},
    )  # fmt: skip
    return card


async def _refund(tx: Tx, order: Order, card: GiftCard, caller: Caller) -> int:
    """Starts the refund of what was paid for a card. Returns how much that is."""
    lines = {line.id: line for line in await find_order_lines(tx, [order.id])}
    assert card.order_line_id is not None
    assert card.unit is not None
    line = lines[card.order_line_id]
    paid = paid_for_steps(line, card.unit, card.unit + 1, is_included=is_tax_included(order))
    payments = await find_payments(tx, [order.id])
    due = min(paid, sum(payment.refundable_minor for payment in payments))
    if due:
        key = IdempotencyKey(caller.name, f"{card.id}:revoke", b"")
        amount = Money(due, order.currency)
        request = RefundRequest(order.id, amount, OrderReason.BUYER_REQUEST, key)
        for refund in await create_refunds(tx, order, payments, request):
            await timers.schedule(tx, REFUND, str(refund.id), tx.now)
    await save_order(tx, order)
    return due
