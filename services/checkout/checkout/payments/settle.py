"""Settlement of payments that are made outside: their money came, or did not come in time."""

from collections.abc import Sequence
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from checkout import metrics
from checkout.orders.cancel import cancel_order
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.queries import find_order_lines
from checkout.orders.store import (
    deliver_unsent_lines,
    lock_order,
    record_status,
    schedule_documents,
)
from checkout.orders.view import OrderView
from checkout.payments import events
from checkout.payments.model import (
    EXPIRE_TRANSFER,
    OrderReason,
    Payment,
    PaymentStatus,
    Settlement,
)
from checkout.payments.queries import find_payments


async def settle_payment(tx: Tx, order: Order, payment: Payment) -> None:
    """Records that a pending payment is paid, in the transaction that locked the order.

    What is not sent is delivered with it. The caller writes the order, and emits OrderPaid with
    `emit_paid`. Raises WrongPaymentStatus.
    """
    payment.become(PaymentStatus.CAPTURED)
    payment.captured_minor, payment.captured_at = payment.amount_minor, tx.now
    await tx.update(payment)
    await _end_wait(tx, order, payment)
    metrics.count_payment("captured", order)
    before = order.status
    await deliver_unsent_lines(tx, order, await find_order_lines(tx, [order.id]))
    await schedule_documents(tx, order)
    if order.status is not before:
        record_status(tx, order, Actor.SYSTEM)


async def emit_paid(tx: Tx, view: OrderView) -> None:
    """Emits OrderPaid, unless another payment of the order is awaited."""
    order = view.order
    if any(each.is_awaited for each in view.payments):
        return
    await tx.emit(events.order_paid(view, tx.now), key=order.id, synthetic=order.is_synthetic)


async def settle_delivered(tx: Tx, order: Order) -> bool:
    """Settles the payments of an order that is delivered, where their money is still awaited.

    Invoices and exchanges are paid by themselves. Says whether it did, in the transaction that
    locked the order.
    """
    awaited = [
        each
        for each in await find_payments(tx, [order.id])
        if each.is_awaited and each.settlement not in (Settlement.INVOICE, Settlement.EXCHANGE)
    ]
    for payment in awaited:
        await settle_payment(tx, order, payment)
    return bool(awaited)


async def require_shippable(tx: Tx, order: Order) -> None:
    """Raises PaymentOutstanding while a transfer that pays of the order has not come."""
    for payment in await find_payments(tx, [order.id]):
        payment.require_shippable()


async def void_awaited(tx: Tx, order: Order, payments: Sequence[Payment], amount_minor: int) -> int:
    """Lowers what is awaited of an order by up to an amount; returns by how much.

    That of an exchange is lowered first: the buyer was told the amount of a transfer. A payment of
    which nothing is left is void. Nobody is asked: what is awaited was not held.
    """
    left = amount_minor
    for payment in sorted(payments, key=lambda each: each.settlement is not Settlement.EXCHANGE):
        if not payment.is_awaited or not left:
            continue
        part = min(left, payment.amount_minor)
        left -= part
        if part == payment.amount_minor:
            payment.become(PaymentStatus.VOIDED)
            await _end_wait(tx, order, payment)
        else:
            payment.amount_minor -= part
        await tx.update(payment)
    return amount_minor - left


async def expire_transfer(tx: Tx, order_id: UUID, *, lease_seconds: float) -> bool:
    """Begins to cancel an order whose transfer did not come in time; says whether it did."""
    order = await lock_order(tx, order_id)
    is_awaited = any(
        payment.is_awaited and payment.settlement is not Settlement.EXCHANGE
        for payment in await find_payments(tx, [order_id])
    )
    if not is_awaited or order.status is not OrderStatus.PLACED:
        return False
    await cancel_order(
        tx, order_id, caller=None, reason=OrderReason.OTHER, lease_seconds=lease_seconds
    )
    return True


async def _end_wait(tx: Tx, order: Order, payment: Payment) -> None:
    """Ends the wait for a transfer; another payment of its order leaves it."""
    if payment.settlement is not Settlement.EXCHANGE:
        await timers.cancel(tx, EXPIRE_TRANSFER, str(order.id))
