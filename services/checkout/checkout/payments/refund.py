"""Refund of an order.

One commit sets the amount aside, the provider refunds it under the refund's id, and another commit
records the answer.
"""

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
from checkout.orders.access import audit_order
from checkout.orders.model import PAID, Actor, Order
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, record_refund, save_order
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
from checkout.payments.queries import find_keyed_refund, find_payment

log = telemetry.log("refund")


async def refund_order(
    tx: Tx, request: RefundRequest, *, caller: Caller, lease_seconds: float
) -> Refund:
    """Starts a refund and sets the timer that completes it.

    A repeat of the key returns the refund.

    The amount that is set aside keeps concurrent refunds within the captured amount. Raises
    OrderNotFound, KeyReused, WrongOrderStatus, InvalidAmount, RefundExceedsCaptured.
    """
    order = await lock_order(tx, request.order_id)
    if known := await find_keyed_refund(tx, request.key):
        return known
    order.require(*PAID)
    payment = await _require_payment(tx, order.id)
    refund = await create_refund(tx, order, payment, request)
    await save_order(tx, order)
    audit_order(
        tx,
        caller,
        "order.refund",
        order,
        before={"refunded_minor": payment.refunded_minor},
        after={
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "reason": refund.reason,
        },
    )
    await timers.schedule(tx, REFUND, str(refund.id), tx.now, lease_seconds=lease_seconds)
    return refund


async def create_refund(tx: Tx, order: Order, payment: Payment, request: RefundRequest) -> Refund:
    """Sets an amount aside, in the transaction that locked the order.

    Raises InvalidAmount, RefundExceedsCaptured.
    """
    amount = request.amount or Money(payment.refundable_minor, payment.currency)
    if amount.currency != payment.currency or amount.amount_minor < 0:
        raise InvalidAmount(currency=payment.currency)
    if not amount.amount_minor:
        raise RefundExceedsCaptured(
            refundable_minor=payment.refundable_minor, currency=payment.currency
        )
    payment.start_refund(amount.amount_minor)
    await tx.update(payment)
    refund = Refund(
        id=uuid7(),
        order_id=order.id,
        payment_id=payment.id,
        caller=request.key.caller,
        idempotency_key=request.key.key,
        fingerprint=request.key.fingerprint,
        currency=payment.currency,
        amount_minor=amount.amount_minor,
        reason=request.reason,
        created_at=tx.now,
    )
    await tx.insert(refund)
    return refund


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
    payment = await _require_payment(tx, order.id)
    await timers.cancel(tx, REFUND, str(refund.id))
    if not is_done:
        refund.status = RefundStatus.FAILED
        payment.fail_refund(refund.amount_minor)
        await tx.update(refund)
        await tx.update(payment)
        await save_order(tx, order)
        return
    refund.status, refund.refunded_at = RefundStatus.DONE, tx.now
    payment.complete_refund(refund.amount_minor)
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


async def _require_payment(tx: Tx, order_id: UUID) -> Payment:
    payment = await find_payment(tx, order_id)
    if payment is None:
        raise RefundExceedsCaptured(refundable_minor=0)
    return payment
