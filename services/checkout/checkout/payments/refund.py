"""Refund of an order.

One commit sets the amount aside, the provider refunds it under the refund's id, and another commit
records the answer.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.rpc.errors import Refused
from chassis.runtime.clock import uuid7
from checkout import metrics
from checkout.errors import InvalidAmount, RefundExceedsCaptured
from checkout.gift_cards.pay import refund_gift_card
from checkout.gift_cards.sold import revoke_sold_gift_cards
from checkout.orders.access import audit_order
from checkout.orders.model import PAID, Actor, Order
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, record_refund, save_order, schedule_documents
from checkout.payments import events
from checkout.payments.model import (
    REFUND,
    SYSTEM,
    Payment,
    PaymentStatus,
    Refund,
    RefundRequest,
    RefundStatus,
)
from checkout.payments.provider import Providers
from checkout.payments.queries import find_keyed_refunds, find_payments
from checkout.payments.split import split_refund

log = telemetry.log("refund")


async def refund_order(
    tx: Tx, request: RefundRequest, *, caller: Caller, lease_seconds: float
) -> list[Refund]:
    """Starts a refund, one of each payment, and sets the timers that complete them.

    A repeat of the key returns the refunds.

    The amount that is set aside keeps concurrent refunds within the captured amount. With all that
    is left, gift cards that the order bought are taken back. Raises OrderNotFound, KeyReused,
    WrongOrderStatus, InvalidAmount, RefundExceedsCaptured, GiftCardUsed.
    """
    order = await lock_order(tx, request.order_id)
    if known := await find_keyed_refunds(tx, request.key):
        return known
    order.require(*PAID)
    payments = await find_payments(tx, [order.id])
    before = sum(payment.refunded_minor for payment in payments)
    refunds = await create_refunds(tx, order, payments, request)
    if not any(payment.refundable_minor for payment in payments):
        await revoke_sold_gift_cards(tx, order.id)
    await save_order(tx, order)
    audit_order(
        tx,
        caller,
        "order.refund",
        order,
        before={"refunded_minor": before},
        after={
            "amount_minor": sum(refund.amount_minor for refund in refunds),
            "currency": order.currency,
            "reason": request.reason,
        },
    )
    for refund in refunds:
        await timers.schedule(tx, REFUND, str(refund.id), tx.now, lease_seconds=lease_seconds)
    return refunds


async def create_refunds(
    tx: Tx, order: Order, payments: Sequence[Payment], request: RefundRequest
) -> list[Refund]:
    """Sets an amount aside, in the transaction that locked the order; of each payment its share.

    Raises InvalidAmount, RefundExceedsCaptured.
    """
    left = sum(payment.refundable_minor for payment in payments)
    amount = request.amount or Money(left, order.currency)
    if amount.currency != order.currency or amount.amount_minor < 0:
        raise InvalidAmount(currency=order.currency)
    if not amount.amount_minor:
        raise RefundExceedsCaptured(refundable_minor=left, currency=order.currency)
    refunds: list[Refund] = []
    for payment, amount_minor in split_refund(payments, amount.amount_minor):
        refunds.append(_start_refund(tx, payment, amount_minor, request, len(refunds)))
        await tx.update(payment)
    await tx.insert(*refunds)
    return refunds


def _start_refund(
    tx: Tx, payment: Payment, amount_minor: int, request: RefundRequest, part: int
) -> Refund:
    payment.start_refund(amount_minor)
    return Refund(
        id=uuid7(),
        order_id=request.order_id,
        payment_id=payment.id,
        caller=request.key.caller,
        idempotency_key=request.key.key,
        fingerprint=request.key.fingerprint,
        part=part,
        cancellation_id=request.cancellation_id,
        return_id=request.return_id,
        currency=payment.currency,
        amount_minor=amount_minor,
        reason=request.reason,
        created_at=tx.now,
    )


class Refunds:
    """Completes pending refunds."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def complete(self, refund_id: UUID) -> None:
        """Refunds at the provider and records its answer.

        Idempotent and safe to run concurrently: the refund's id is the provider's key.

        If the provider refuses, the refund fails; the refusal is raised if the refund is that of a
        cancellation, which must succeed.
        """
        async with self._database.read() as read:
            refund = await read.get(Refund, refund_id)
            if refund is None or refund.status is not RefundStatus.PENDING:
                return
            payment = await read.get(Payment, refund.payment_id)
        assert payment is not None, "a refund has a payment"
        amount = Money(refund.amount_minor, refund.currency)
        try:
            # A gift card gets its part back in the commit that ends the refund.
            if payment.gift_card_id is None:
                await self._providers.named(payment.provider).refund(
                    payment.provider_payment_id, amount=amount, key=str(refund.id)
                )
            is_done = True
        except Refused as error:
            is_done = await self._is_refunded(payment)
            log.error(
                "the provider refused a refund",
                refund_id=str(refund.id),
                reason=error.reason,
                is_refunded=is_done,
            )
            if not is_done and refund.caller == SYSTEM:
                raise
        async with self._database.tx() as tx:
            await _settle(tx, refund_id, is_done=is_done)

    async def on_timer(self, timer: Timer) -> None:
        """Completes a refund whose process died."""
        await self.complete(UUID(timer.key))

    async def _is_refunded(self, payment: Payment) -> bool:
        """Returns whether the whole payment is refunded, e.g. by staff at the provider."""
        found = await self._providers.named(payment.provider).of_reference(str(payment.order_id))
        mine = [each for each in found if each.id == payment.provider_payment_id]
        return bool(mine) and all(
            each.net_minor == 0 and each.status is PaymentStatus.REFUNDED for each in mine
        )


async def _settle(tx: Tx, refund_id: UUID, *, is_done: bool) -> None:
    """Records the provider's answer once. Emits OrderRefunded."""
    refund = await tx.get(Refund, refund_id)
    assert refund is not None
    order = await lock_order(tx, refund.order_id)
    refund = await tx.lock(Refund, refund_id)
    assert refund is not None
    if refund.status is not RefundStatus.PENDING:
        return
    payment = await tx.get(Payment, refund.payment_id)
    assert payment is not None, "a refund has a payment"
    await timers.cancel(tx, REFUND, str(refund.id))
    await schedule_documents(tx, order)
    if not is_done:
        refund.status = RefundStatus.FAILED
        payment.fail_refund(refund.amount_minor)
        await tx.update(refund)
        await tx.update(payment)
        await save_order(tx, order)
        return
    refund.status, refund.refunded_at = RefundStatus.DONE, tx.now
    payment.complete_refund(refund.amount_minor)
    if payment.gift_card_id is not None:
        await refund_gift_card(tx, payment, refund)
    await tx.update(refund)
    await tx.update(payment)
    await save_order(tx, order)
    record_refund(tx, order, refund.id, Actor.SYSTEM if refund.caller == SYSTEM else Actor.STAFF)
    [view] = await load_views(tx, [order])
    await tx.emit(events.order_refunded(view, refund), key=order.id, synthetic=order.is_synthetic)
    metrics.count_payment("refunded", order)
    telemetry.count(
        metrics.refunded, refund.currency, by=refund.amount_minor, synthetic=order.is_synthetic
    )
