"""Giving money back: promised in one commit, asked of the provider under the refund's id, and recorded in another."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.rpc.errors import KeyReused, Refused
from chassis.runtime.clock import uuid7
from checkout import metrics
from checkout.errors import InvalidAmount, OrderNotFound, RefundExceedsCaptured
from checkout.orders import audit as audits
from checkout.orders import model as orders
from checkout.orders.model import PAID, Order
from checkout.payments import model as payments
from checkout.payments.model import Payment, PaymentStatus, Reason, Refund, RefundStatus
from checkout.payments.provider import ProviderPayment, Providers
from checkout.placing.model import PlacingKey
from sojourn.checkout.v1 import events_pb2

log = telemetry.log("refunding")
TIMER: Final = "refund.carry_out"
# Asks on the platform's own behalf: a cancellation.
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What a call of RefundOrder asks for. Without an amount: all that is left."""

    order_id: UUID
    amount: Money | None
    reason: Reason
    key: PlacingKey


async def begin(tx: Tx, wish: RefundWish, *, caller: Caller, lease_seconds: float) -> Refund:
    """Promises the amount and sets the timer that carries it out; a repeat of the key finds the refund that it made.

    The promise is what keeps concurrent refunds from exceeding what was captured. Raises OrderNotFound, KeyReused, WrongOrderStatus,
    InvalidAmount, RefundExceedsCaptured.
    """
    order = await tx.lock(Order, wish.order_id)
    if order is None:
        raise OrderNotFound
    if known := await payments.refund_by_key(tx, caller=wish.key.caller, key=wish.key.key):
        if bytes(known.fingerprint) != wish.key.fingerprint:
            raise KeyReused("this key came with another request before")
        return known
    order.require(*PAID)
    payment = await _payment_of(tx, order.id)
    refund = await promise(tx, order, payment, wish)
    audits.record(
        tx, caller, "order.refund", order, before={"refunded_minor": payment.refunded_minor},
        after={"amount_minor": refund.amount_minor, "currency": refund.currency, "reason": refund.reason},
    )  # fmt: skip
    await timers.schedule(tx, TIMER, str(refund.id), tx.now, lease_seconds=lease_seconds)
    return refund


async def promise(tx: Tx, order: Order, payment: Payment, wish: RefundWish) -> Refund:
    """Sets an amount aside, in the transaction that locked the order. Raises InvalidAmount, RefundExceedsCaptured."""
    amount = wish.amount or Money(payment.refundable_minor, payment.currency)
    if amount.currency != payment.currency or amount.amount_minor < 0:
        raise InvalidAmount(currency=payment.currency)
    if not amount.amount_minor:
        raise RefundExceedsCaptured(refundable_minor=payment.refundable_minor, currency=payment.currency)
    payment.promise(amount.amount_minor)
    await tx.update(payment)
    refund = Refund(
        id=uuid7(), order_id=order.id, payment_id=payment.id, caller=wish.key.caller, idempotency_key=wish.key.key,
        fingerprint=wish.key.fingerprint, currency=payment.currency, amount_minor=amount.amount_minor, reason=wish.reason, created_at=tx.now,
    )  # fmt: skip
    await tx.insert(refund)
    return refund


class Refunds:
    """Carries promised refunds out."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def on_timer(self, timer: Timer) -> None:
        await self.carry_out(UUID(timer.key))

    async def carry_out(self, refund_id: UUID) -> None:
        """Asks the provider and records its answer. Idempotent, and safe to run twice at once: the refund's id is the provider's key.

        A refusal of the provider ends the refund as failed; one of a cancellation is raised, because that money must go back.
        """
        async with self._database.read() as read:
            refund = await read.get(Refund, refund_id)
            if refund is None or refund.status is not RefundStatus.PENDING:
                return
            payment = await read.get(Payment, refund.payment_id)
        assert payment is not None, "refunds keep their payment"
        amount = Money(refund.amount_minor, refund.currency)
        try:
            await self._providers.named(payment.provider).refund(payment.provider_payment_id, amount=amount, key=str(refund.id))
            is_done = True
        except Refused as error:
            is_done = await self._is_given_back(payment)
            log.error("provider refuses a refund", refund_id=str(refund.id), reason=error.reason, is_given_back=is_done)
            if not is_done and refund.caller == SYSTEM:
                raise
        async with self._database.tx() as tx:
            await _settle(tx, refund_id, is_done=is_done)

    async def _is_given_back(self, payment: Payment) -> bool:
        """Whether the provider has nothing of the payment left, e.g. because somebody gave it back by hand."""
        found = await self._providers.named(payment.provider).of_reference(str(payment.order_id))
        mine: list[ProviderPayment] = [each for each in found if each.id == payment.provider_payment_id]
        return bool(mine) and all(each.net_minor == 0 and each.status is PaymentStatus.REFUNDED for each in mine)


async def _settle(tx: Tx, refund_id: UUID, *, is_done: bool) -> None:
    """Records the provider's answer, once. Emits OrderRefunded."""
    refund = await tx.get(Refund, refund_id)
    assert refund is not None
    order = await tx.lock(Order, refund.order_id)
    refund = await tx.lock(Refund, refund_id)
    assert order is not None
    assert refund is not None
    if refund.status is not RefundStatus.PENDING:
        return
    payment = await _payment_of(tx, order.id)
    await timers.cancel(tx, TIMER, str(refund.id))
    if not is_done:
        refund.status = RefundStatus.FAILED
        payment.keep(refund.amount_minor)
        await tx.update(refund)
        await tx.update(payment)
        return
    refund.status, refund.refunded_at = RefundStatus.DONE, tx.now
    payment.give_back(refund.amount_minor)
    await tx.update(refund)
    await tx.update(payment)
    await orders.save(tx, order)
    event = events_pb2.OrderRefunded(
        order_id=str(order.id), version=order.version, owner_id=str(order.owner_id), synthetic=order.is_synthetic
    )
    event.amount.amount_minor, event.amount.currency = refund.amount_minor, refund.currency
    event.refunded_at.FromDatetime(tx.now)
    await tx.emit(event, key=order.id, synthetic=order.is_synthetic)
    metrics.count_payment("refunded", order)
    telemetry.count(metrics.refunded, refund.currency, by=refund.amount_minor, synthetic=order.is_synthetic)


async def _payment_of(tx: Tx, order_id: UUID) -> Payment:
    payment = await payments.of_order(tx, order_id)
    if payment is None:
        raise RefundExceedsCaptured(refundable_minor=0)
    return payment
