"""Reviews of orders: release and rejection by staff, and the deadline.

A release is stored first, then the provider takes the money under the key of the order, and another
commit records it: a crash between them repeats the capture. A cancellation that comes between them
gives back what was taken.
"""

from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.audit import OPERATOR, actor_id_of
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.rpc.errors import Refused, VersionMismatch
from checkout import metrics
from checkout.crashes import crash_point
from checkout.desk import events as desk_events
from checkout.desk.store import end_hold
from checkout.errors.fraud import OrderReviewNotFound
from checkout.errors.payments import ProviderRefused
from checkout.fraud.model import COMPLETE_REVIEW, OrderRisk, ReviewStatus
from checkout.fraud.store import end_review
from checkout.gift_cards.pay import capture_gift_cards
from checkout.orders.access import audit_order
from checkout.orders.cancel import Cancellations, cancel_order
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import (
    deliver_unsent_lines,
    lock_order,
    record_status,
    save_order,
    schedule_documents,
)
from checkout.payments.model import OrderReason, Payment, PaymentStatus
from checkout.payments.provider import ProviderPayment, Providers
from checkout.payments.queries import find_payments
from checkout.payments.settle import emit_paid

log = telemetry.log("reviews")


async def release_review(
    tx: Tx, order_id: UUID, *, caller: Caller, expected_version: int = 0, lease_seconds: float
) -> None:
    """Starts the release of an order; a timer takes its money if the caller dies. Idempotent.

    Raises OrderNotFound, OrderReviewNotFound, OrderReviewClosed, VersionMismatch.
    """
    order, risk = await _lock(tx, order_id, expected_version)
    if risk.status in (ReviewStatus.RELEASING, ReviewStatus.RELEASED):
        return
    risk.decide(ReviewStatus.RELEASING, actor_id_of(caller), tx.now)
    await tx.update(risk)
    await save_order(tx, order)
    _audit(tx, caller, "order.review.release", order, ReviewStatus.RELEASING)
    await timers.schedule(tx, COMPLETE_REVIEW, str(order_id), tx.now, lease_seconds=lease_seconds)


async def reject_review(
    tx: Tx, order_id: UUID, *, caller: Caller, expected_version: int = 0, lease_seconds: float
) -> None:
    """Rejects an order and starts its cancellation, which gives up the money. Idempotent.

    Emits OrderReviewEnded. Raises OrderNotFound, OrderReviewNotFound, OrderReviewClosed,
    VersionMismatch.
    """
    order, risk = await _lock(tx, order_id, expected_version)
    if risk.status is ReviewStatus.REJECTED:
        return
    risk.decide(ReviewStatus.REJECTED, actor_id_of(caller), tx.now)
    _audit(tx, caller, "order.review.reject", order, ReviewStatus.REJECTED)
    await end_review(tx, order, risk)
    await cancel_order(
        tx, order_id, caller=caller, reason=OrderReason.FRAUD, lease_seconds=lease_seconds
    )


async def expire_review(tx: Tx, order_id: UUID, *, lease_seconds: float) -> bool:
    """Begins to cancel an order that was not reviewed in time; returns whether it did."""
    order = await lock_order(tx, order_id)
    risk = await tx.lock(OrderRisk, order_id)
    if risk is None or risk.status is not ReviewStatus.OPEN:
        return False
    risk.decide(ReviewStatus.EXPIRED, OPERATOR, tx.now)
    await _cancel(tx, order, risk, lease_seconds=lease_seconds)
    return True


class Reviews:
    """Completes releases, and ends reviews whose time is over."""

    def __init__(
        self,
        database: Database,
        providers: Providers,
        cancellations: Cancellations,
        *,
        lease_seconds: float,
    ) -> None:
        self._database, self._providers = database, providers
        self._cancellations, self._lease_seconds = cancellations, lease_seconds

    async def complete(self, order_id: UUID) -> None:
        """Takes the money of an order that is being released.

        Idempotent and safe to run concurrently. An order whose money the provider refuses, e.g.
        because the authorization lapsed, is cancelled.
        """
        async with self._database.read() as read:
            risk, order = await read.get(OrderRisk, order_id), await read.get(Order, order_id)
            payments = await find_payments(read, [order_id])
        if order is None or risk is None or risk.status is not ReviewStatus.RELEASING:
            return
        crash_point("before:review:capture")
        kept = next((each for each in payments if _is_kept(each)), None)
        found: ProviderPayment | None = None
        if kept is not None:
            try:
                found = await self._capture(order, kept)
                if not found.captured_minor:
                    raise ProviderRefused(code=found.status)
            except Refused as error:
                log.warning("no money after a review", order_id=str(order_id), reason=error.reason)
                await self._fail(order_id)
                return
        crash_point("after:review:capture")
        async with self._database.tx() as tx:
            await _end_release(tx, order_id, found)

    async def on_timer(self, timer: Timer) -> None:
        """Completes a release whose process died."""
        await self.complete(UUID(timer.key))

    async def on_expiry(self, timer: Timer) -> None:
        """Cancels an order that was not reviewed in time."""
        order_id = UUID(timer.key)
        async with self._database.tx() as tx:
            is_over = await expire_review(tx, order_id, lease_seconds=self._lease_seconds)
        if is_over:
            await self._cancellations.complete(order_id)

    async def _capture(self, order: Order, payment: Payment) -> ProviderPayment:
        return await self._providers.named(payment.provider).capture(
            payment.provider_payment_id,
            amount=Money(payment.amount_minor, payment.currency),
            key=order.capture_key,
        )

    async def _fail(self, order_id: UUID) -> None:
        async with self._database.tx() as tx:
            order = await lock_order(tx, order_id)
            risk = await tx.lock(OrderRisk, order_id)
            if risk is None or risk.status is not ReviewStatus.RELEASING:
                return
            risk.status = ReviewStatus.FAILED
            metrics.count_payment("declined", order)
            await _cancel(tx, order, risk, lease_seconds=self._lease_seconds)
        await self._cancellations.complete(order_id)


async def _end_release(tx: Tx, order_id: UUID, found: ProviderPayment | None) -> None:
    """Records the money of a released order once, and lets it go.

    Emits OrderReviewEnded, OrderReleased, and OrderPaid if its money was kept until now.
    """
    order = await lock_order(tx, order_id)
    risk = await tx.lock(OrderRisk, order_id)
    if risk is None or risk.status is not ReviewStatus.RELEASING:
        # A cancellation came first: it gives the money back.
        return
    order.require(OrderStatus.PLACED)
    risk.status = ReviewStatus.RELEASED
    is_paid_now = await _take_money(tx, order, found)
    await end_hold(tx, order_id, None)
    before = order.status
    if is_paid_now:
        await deliver_unsent_lines(tx, order, await find_order_lines(tx, [order_id]))
        await schedule_documents(tx, order)
    await save_order(tx, order)
    if order.status is not before:
        record_status(tx, order, Actor.SYSTEM)
    await end_review(tx, order, risk)
    await tx.emit(desk_events.order_released(order), key=order_id)
    if is_paid_now:
        [view] = await load_views(tx, [order])
        await emit_paid(tx, view)


async def _take_money(tx: Tx, order: Order, found: ProviderPayment | None) -> bool:
    """Records what was kept for a review as taken; returns whether all is paid with it."""
    payments = await find_payments(tx, [order.id])
    kept = [
        each for each in payments if each.status is PaymentStatus.AUTHORIZED and not each.is_held
    ]
    await capture_gift_cards(tx, [each for each in kept if each.gift_card_id is not None])
    for payment in kept:
        if payment.gift_card_id is None and found is not None:
            payment.apply_provider_status(
                found.status,
                captured_minor=found.captured_minor,
                refunded_minor=found.refunded_minor,
            )
            metrics.count_payment("captured", order)
        payment.captured_at = tx.now
        await tx.update(payment)
    return bool(kept) and not any(each.is_held for each in payments)


async def _cancel(tx: Tx, order: Order, risk: OrderRisk, *, lease_seconds: float) -> None:
    await end_review(tx, order, risk)
    await cancel_order(
        tx, order.id, caller=None, reason=OrderReason.FRAUD, lease_seconds=lease_seconds
    )


async def _lock(tx: Tx, order_id: UUID, expected_version: int) -> tuple[Order, OrderRisk]:
    order = await lock_order(tx, order_id)
    risk = await tx.lock(OrderRisk, order_id)
    if risk is None or risk.status is None:
        raise OrderReviewNotFound(order_id=order_id)
    if expected_version not in (0, order.version):
        raise VersionMismatch("the order changed: read it again", version=order.version)
    return order, risk


def _is_kept(payment: Payment) -> bool:
    is_kept = payment.status is PaymentStatus.AUTHORIZED and not payment.is_held
    return payment.gift_card_id is None and is_kept


def _audit(tx: Tx, caller: Caller, action: str, order: Order, status: ReviewStatus) -> None:
    audit_order(
        tx,
        caller,
        action,
        order,
        before={"review": ReviewStatus.OPEN.value},
        after={"review": status.value},
    )
