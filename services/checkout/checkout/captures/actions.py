"""Beginning, retry and end of captures, each in the transaction that locked the order."""

from collections.abc import Sequence
from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.audit import OPERATOR
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout import metrics
from checkout.captures.model import CAPTURE, RELEASE, CaptureStatus, PaymentCapture
from checkout.captures.queries import find_captures, find_captures_of
from checkout.desk import events as desk_events
from checkout.desk.model import HoldReason, OrderHold
from checkout.desk.queries import find_open_hold
from checkout.errors.payments import NothingToCapture, PaymentCaptureNotFound
from checkout.orders.access import audit_order
from checkout.orders.amounts import is_tax_included, paid_for_steps
from checkout.orders.model import Order, OrderLine, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, save_order
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.queries import find_payments
from checkout.payments.settle import emit_paid

log = telemetry.log("captures")
_UNSHIPPED = (OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)


async def begin_captures(
    tx: Tx,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    shipment_id: UUID | None = None,
) -> None:
    """Begins to take what is authorized for the quantities that ship, by timers of this commit.

    What was taken before counts first, e.g. by gift card. The price of the delivery is taken with
    the first shipment, and all that is left with the last one. A provider that takes an
    authorization once only takes all of it with the first.
    """
    is_last = not any(line.unshipped_quantity for line in lines)
    payments = await find_payments(tx, [order.id])
    due = _paid_for_shipped(order, lines) - await _taken(tx, order, payments)
    for payment in payments:
        if not payment.uncaptured_minor:
            continue
        amount = payment.uncaptured_minor
        if payment.captures_parts and not is_last:
            amount = min(amount, due)
        if amount <= 0:
            continue
        due -= amount
        capture = PaymentCapture(
            id=uuid7(),
            order_id=order.id,
            payment_id=payment.id,
            shipment_id=shipment_id,
            currency=payment.currency,
            amount_minor=amount,
            is_last=is_last,
            created_at=tx.now,
        )
        payment.capturing_minor += amount
        await tx.insert(capture)
        await tx.update(payment)
        await timers.schedule(tx, CAPTURE, str(capture.id), tx.now)


def _paid_for_shipped(order: Order, lines: Sequence[OrderLine]) -> int:
    """Returns what is paid for all that has shipped, with the delivery and the fees."""
    is_included = is_tax_included(order)
    unshipped = sum(
        paid_for_steps(line, line.shipped_quantity, line.quantity, is_included=is_included)
        for line in lines
    )
    return max(order.total_minor - unshipped, 0)


async def _taken(tx: Tx, order: Order, payments: Sequence[Payment]) -> int:
    """Returns what was taken, is being taken, or could not be taken with an earlier shipment."""
    failed = sum(
        capture.amount_minor
        for capture in await find_captures(tx, [order.id])
        if capture.status is CaptureStatus.FAILED
    )
    return failed + sum(each.captured_minor + each.capturing_minor for each in payments)


async def void_held(tx: Tx, order: Order, payments: Sequence[Payment], amount_minor: int) -> int:
    """Gives up what is authorized and not needed any more, up to an amount; returns how much.

    A payment of which nothing is left is void, and a timer has the provider release it.
    """
    left = amount_minor
    for payment in payments:
        part = min(left, payment.uncaptured_minor)
        if not part:
            continue
        left -= part
        if part == payment.amount_minor:
            payment.become(PaymentStatus.VOIDED)
            await timers.schedule(tx, RELEASE, str(payment.id), tx.now)
        else:
            payment.amount_minor -= part
            await end_if_taken(tx, payment)
        await tx.update(payment)
    return amount_minor - left


async def end_if_taken(tx: Tx, payment: Payment) -> None:
    """Ends a payment of which all is taken; a timer releases what the bank still keeps of it."""
    if payment.status is not PaymentStatus.PARTIALLY_CAPTURED or payment.capturing_minor:
        return
    if payment.captured_minor == payment.amount_minor:
        payment.end_captures()
        await timers.schedule(tx, RELEASE, str(payment.id), tx.now)


async def retry_capture(tx: Tx, capture_id: UUID, *, caller: Caller) -> PaymentCapture:
    """Begins a failed capture anew. Raises PaymentCaptureNotFound, NothingToCapture."""
    found = await tx.get(PaymentCapture, capture_id)
    if found is None:
        raise PaymentCaptureNotFound
    order = await lock_order(tx, found.order_id)
    capture = await tx.lock(PaymentCapture, capture_id)
    assert capture is not None, "captures are not deleted"
    if capture.status is not CaptureStatus.FAILED:
        return capture
    payment = await tx.lock(Payment, capture.payment_id)
    assert payment is not None, "a capture has a payment"
    amount = min(capture.amount_minor, payment.uncaptured_minor)
    if not amount:
        raise NothingToCapture(payment_status=payment.status)
    capture.status, capture.failure_code, capture.amount_minor = CaptureStatus.PENDING, "", amount
    capture.attempt += 1
    payment.capturing_minor += amount
    await tx.update(capture)
    await tx.update(payment)
    await save_order(tx, order)
    await timers.schedule(tx, CAPTURE, str(capture.id), tx.now)
    audit_order(
        tx,
        caller,
        "order.capture.retry",
        order,
        before={"capture_id": str(capture.id), "status": CaptureStatus.FAILED.value},
        after={"capture_id": str(capture.id), "status": CaptureStatus.PENDING.value},
    )
    return capture


async def start_capture(tx: Tx, capture_id: UUID) -> bool:
    """Notes what was taken before a capture; returns whether it is its turn."""
    capture = await tx.lock(PaymentCapture, capture_id)
    if capture is None or capture.status is not CaptureStatus.PENDING:
        return False
    others = await find_captures_of(tx, capture.payment_id)
    pending = [each for each in others if each.status is CaptureStatus.PENDING]
    if pending[0].id != capture.id:
        return False
    payment = await tx.get(Payment, capture.payment_id)
    assert payment is not None, "a capture has a payment"
    capture.captured_before_minor = payment.captured_minor
    await tx.update(capture)
    return True


async def end_capture(tx: Tx, capture_id: UUID, *, failure_code: str | None) -> None:
    """Records the provider's answer once: the money is taken, or it refused.

    With all of it taken it emits OrderPaid. A refusal holds an order of which something is still
    to ship, and emits OrderHeld.
    """
    found = await tx.get(PaymentCapture, capture_id)
    assert found is not None, "captures are not deleted"
    order = await lock_order(tx, found.order_id)
    capture = await tx.lock(PaymentCapture, capture_id)
    if capture is None or capture.status is not CaptureStatus.PENDING:
        return
    payment = await tx.lock(Payment, capture.payment_id)
    assert payment is not None, "a capture has a payment"
    await timers.cancel(tx, CAPTURE, str(capture.id))
    payment.capturing_minor -= capture.amount_minor
    if failure_code is None:
        capture.status, capture.captured_at = CaptureStatus.DONE, tx.now
        payment.record_capture(capture.amount_minor)
        metrics.count_payment("captured", order)
        await end_if_taken(tx, payment)
    else:
        capture.status, capture.failure_code = CaptureStatus.FAILED, failure_code
        metrics.count_payment("capture_failed", order)
        log.error("a capture failed", order_id=str(order.id), code=failure_code)
        await _hold(tx, order)
    await tx.update(capture)
    await tx.update(payment)
    await save_order(tx, order)
    if failure_code is None and not payment.is_held:
        [view] = await load_views(tx, [order])
        await emit_paid(tx, view)
    for other in await find_captures_of(tx, payment.id):
        if other.status is CaptureStatus.PENDING and other.id != capture.id:
            await timers.schedule(tx, CAPTURE, str(other.id), tx.now)
            break


async def _hold(tx: Tx, order: Order) -> None:
    """Holds an order of which something is still to ship. Emits OrderHeld."""
    if order.status not in _UNSHIPPED or await find_open_hold(tx, order.id):
        return
    hold = OrderHold(
        id=uuid7(),
        order_id=order.id,
        reason=HoldReason.PAYMENT,
        note="",
        held_by=OPERATOR,
        held_at=tx.now,
    )
    await tx.insert(hold)
    await tx.emit(desk_events.order_held(order, hold), key=order.id)
