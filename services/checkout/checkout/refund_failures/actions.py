"""Record and settlement of refunds that failed at the provider after it had accepted them.

Their money stays set aside for the buyer, so that no other refund takes it: staff ask the provider
again, or pay it out another way. The credit note stays, as the shop owes what it says.
"""

from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from checkout import metrics
from checkout.errors.payments import RefundNotFound, RefundNotOwed
from checkout.orders.access import audit_order
from checkout.orders.model import Order
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import REFUND, Payment
from checkout.payments.refunds import Refund, RefundStatus, RepaidBy
from checkout.refund_failures import events

log = telemetry.log("refund_failures")


async def record_failed_refund(tx: Tx, refund_id: UUID, *, key: str, code: str) -> None:
    """Records once that the attempt of a refund with a key failed after it was told as done.

    Emits RefundFailed. Ignores an earlier attempt, and a refund that was paid another way. Raises
    VersionMismatch while the attempt is not recorded as done: try again later.
    """
    found = await tx.get(Refund, refund_id)
    if found is None:
        return
    order = await lock_order(tx, found.order_id)
    refund = await tx.lock(Refund, refund_id)
    if refund is None or refund.provider_key != key:
        return
    if refund.status is RefundStatus.PENDING:
        raise VersionMismatch("the refund is not recorded yet: try again")
    if refund.status is not RefundStatus.DONE or refund.repaid_by is RepaidBy.BANK_TRANSFER:
        return
    payment = await tx.lock(Payment, refund.payment_id)
    assert payment is not None, "a refund has a payment"
    payment.reopen_refund(refund.amount_minor)
    refund.status, refund.failed_at, refund.failure_code = RefundStatus.FAILED, tx.now, code
    refund.repaid_at = refund.repaid_by = None
    await tx.update(refund)
    await tx.update(payment)
    await save_order(tx, order)
    failed = events.refund_failed(order, refund)
    await tx.emit(failed, key=order.id, synthetic=order.is_synthetic)
    metrics.count_payment("refund_failed", order)
    log.error("a refund failed at the provider", refund_id=str(refund_id), code=code)


async def retry_refund(tx: Tx, refund_id: UUID, *, caller: Caller) -> tuple[Refund, Order]:
    """Begins a failed refund anew, under a key of its own. Raises RefundNotFound, RefundNotOwed."""
    refund, order = await _lock_owed(tx, refund_id)
    refund.status, refund.attempt = RefundStatus.PENDING, refund.attempt + 1
    await tx.update(refund)
    await save_order(tx, order)
    await timers.schedule(tx, REFUND, str(refund.id), tx.now)
    _audit(tx, caller, "order.refund.retry", order, refund, "")
    return refund, order


async def pay_refund_otherwise(
    tx: Tx, refund_id: UUID, *, reference: str, caller: Caller
) -> tuple[Refund, Order]:
    """Records that a failed refund was paid out by transfer.

    Raises RefundNotFound, RefundNotOwed.
    """
    refund, order = await _lock_owed(tx, refund_id)
    payment = await tx.lock(Payment, refund.payment_id)
    assert payment is not None, "a refund has a payment"
    payment.complete_refund(refund.amount_minor)
    refund.status, refund.repaid_at = RefundStatus.DONE, tx.now
    refund.repaid_by, refund.repaid_reference = RepaidBy.BANK_TRANSFER, reference
    await tx.update(refund)
    await tx.update(payment)
    await save_order(tx, order)
    _audit(tx, caller, "order.refund.pay_otherwise", order, refund, reference)
    return refund, order


async def _lock_owed(tx: Tx, refund_id: UUID) -> tuple[Refund, Order]:
    found = await tx.get(Refund, refund_id)
    if found is None:
        raise RefundNotFound
    order = await lock_order(tx, found.order_id)
    refund = await tx.lock(Refund, refund_id)
    if refund is None or not refund.is_owed:
        raise RefundNotOwed(refund_status=found.status)
    return refund, order


def _audit(
    tx: Tx, caller: Caller, action: str, order: Order, refund: Refund, reference: str
) -> None:
    audit_order(
        tx,
        caller,
        action,
        order,
        before={"refund_id": str(refund.id), "status": RefundStatus.FAILED.value},
        after={
            "refund_id": str(refund.id),
            "status": refund.status.value,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "reference": reference,
        },
    )
