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
from chassis.rpc.errors import Refused, VersionMismatch
from chassis.runtime.clock import uuid7
from checkout import metrics
from checkout.disputes.queries import find_lost_dispute, require_undisputed
from checkout.errors.after_sale import InvalidAmount, RefundExceedsCaptured
from checkout.fraud.store import require_not_reviewed
from checkout.gift_cards.pay import refund_gift_card
from checkout.gift_cards.sold import revoke_sold_gift_cards
from checkout.idempotency import IdempotencyKey
from checkout.orders.access import audit_order
from checkout.orders.model import PAID, Actor, Order
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, record_refund, save_order, schedule_documents
from checkout.payments import events
from checkout.payments.model import REFUND, SYSTEM, OrderReason, Payment, PaymentStatus
from checkout.payments.provider import Providers
from checkout.payments.queries import find_charged_payment, find_keyed_refunds, find_payments
from checkout.payments.refunds import (
    Refund,
    RefundDestination,
    RefundRequest,
    RefundStatus,
    RepaidBy,
)
from checkout.payments.split import split_refund
from checkout.store_credit.actions import credit_refund
from checkout.store_credit.queries import get_account_of

log = telemetry.log("refund")


async def refund_order(
    tx: Tx, request: RefundRequest, *, caller: Caller, lease_seconds: float
) -> list[Refund]:
    """Starts a refund, one of each payment, and sets the timers that complete them.

    A repeat of the key returns the refunds.

    The amount that is set aside keeps concurrent refunds within the captured amount. With all that
    is left, gift cards that the order bought are taken back. Raises OrderNotFound, KeyReused,
    WrongOrderStatus, OrderUnderReview, InvalidAmount, RefundExceedsCaptured, GiftCardUsed,
    StoreCreditNeedsAccount.
    """
    order = await lock_order(tx, request.order_id)
    if known := await find_keyed_refunds(tx, request.key):
        return known
    order.require(*PAID)
    await require_not_reviewed(tx, order.id)
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

    Raises InvalidAmount, RefundExceedsCaptured, PaymentDisputed, StoreCreditNeedsAccount.
    """
    await require_undisputed(tx, order.id)
    customer_id = None
    if request.destination is RefundDestination.STORE_CREDIT:
        customer_id = await get_account_of(tx, order)
    left = sum(payment.refundable_minor for payment in payments)
    amount = request.amount or Money(left, order.currency)
    if amount.currency != order.currency or amount.amount_minor < 0:
        raise InvalidAmount(currency=order.currency)
    if not amount.amount_minor:
        raise RefundExceedsCaptured(refundable_minor=left, currency=order.currency)
    refunds: list[Refund] = []
    for payment, amount_minor in split_refund(payments, amount.amount_minor):
        refund = _start_refund(tx, payment, amount_minor, request, len(refunds))
        refund.customer_id = customer_id
        refunds.append(refund)
        await tx.update(payment)
    await tx.insert(*refunds)
    return refunds


async def create_exchange_refunds(
    tx: Tx,
    order: Order,
    payments: Sequence[Payment],
    exchange: Sequence[Payment],
    request: RefundRequest,
) -> None:
    """Sets aside what pays a replacement, of each payment what its exchange payment takes over.

    In the transaction that locked both orders. Raises RefundExceedsCaptured, PaymentDisputed.
    """
    await require_undisputed(tx, order.id)
    by_id = {each.id: each for each in payments}
    for part, wanted in enumerate(exchange):
        assert wanted.source_payment_id is not None
        source = by_id[wanted.source_payment_id]
        refund = _start_refund(tx, source, wanted.amount_minor, request, part)
        refund.exchange_payment_id = wanted.id
        await tx.update(source)
        await tx.insert(refund)


async def give_back_refused(tx: Tx, order: Order, payments: Sequence[Payment]) -> None:
    """Refunds what goods that were taken out of another order paid of a refused one."""
    if not any(each.refundable_minor for each in payments):
        return
    key = IdempotencyKey(SYSTEM, f"{order.id}:refuse", b"")
    request = RefundRequest(order.id, None, OrderReason.OTHER, key)
    for refund in await create_refunds(tx, order, payments, request):
        await timers.schedule(tx, REFUND, str(refund.id), tx.now)


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

        By a lost dispute the buyer has the money already: the provider is not asked.

        If the provider refuses, the refund fails; the refusal is raised if the refund is that of a
        cancellation, which must succeed.
        """
        async with self._database.read() as read:
            refund = await read.get(Refund, refund_id)
            if refund is None or refund.status is not RefundStatus.PENDING:
                return
            payment = await read.get(Payment, refund.payment_id)
            charged = await find_charged_payment(read, refund.payment_id)
            lost = await find_lost_dispute(read, refund.payment_id, refund.amount_minor)
        assert payment is not None, "a refund has a payment"
        amount = Money(refund.amount_minor, refund.currency)
        try:
            # Gift cards, store credit and replacements get it in the commit that ends the refund.
            is_original = refund.destination is RefundDestination.ORIGINAL
            is_internal = payment.gift_card_id is not None or not is_original
            if not is_internal and lost is None:
                await self._providers.named(payment.provider).refund(
                    payment.provider_payment_id, amount=amount, key=refund.provider_key
                )
            is_done = True
        except Refused as error:
            is_done = await self._is_refunded(charged)
            log.error(
                "the provider refused a refund",
                refund_id=str(refund.id),
                reason=error.reason,
                is_refunded=is_done,
            )
            if not is_done and refund.caller == SYSTEM:
                raise
        async with self._database.tx() as tx:
            await _settle(tx, refund_id, is_done=is_done, is_covered=lost is not None)

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


async def _settle(tx: Tx, refund_id: UUID, *, is_done: bool, is_covered: bool) -> None:
    """Records the provider's answer once, or that a lost dispute covers the refund.

    Emits OrderRefunded. Raises VersionMismatch if the dispute covers another refund by now.
    """
    refund = await tx.get(Refund, refund_id)
    assert refund is not None
    order = await lock_order(tx, refund.order_id)
    refund = await tx.lock(Refund, refund_id)
    assert refund is not None
    if refund.status is not RefundStatus.PENDING:
        return
    payment = await tx.get(Payment, refund.payment_id)
    assert payment is not None, "a refund has a payment"
    if is_covered:
        lost = await find_lost_dispute(tx, payment.id, refund.amount_minor)
        if lost is None:
            raise VersionMismatch("the dispute covers another refund: try again")
        lost.covered_minor += refund.amount_minor
        await tx.update(lost)
    await timers.cancel(tx, REFUND, str(refund.id))
    await schedule_documents(tx, order)
    if not is_done:
        refund.status = RefundStatus.FAILED
        if refund.failed_at is None:
            # One that was told as done before stays set aside for the buyer.
            payment.fail_refund(refund.amount_minor)
        await tx.update(refund)
        await tx.update(payment)
        await save_order(tx, order)
        return
    refund.status = RefundStatus.DONE
    if refund.failed_at is None:
        refund.refunded_at = tx.now
    else:
        refund.repaid_at, refund.repaid_by = tx.now, RepaidBy.PROVIDER
    payment.complete_refund(refund.amount_minor)
    if refund.customer_id is not None and not is_covered:
        await credit_refund(tx, refund.customer_id, payment, refund, channel=order.channel_id)
    elif refund.exchange_payment_id is not None:
        payment.credited_minor += refund.amount_minor
    elif payment.gift_card_id is not None:
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
