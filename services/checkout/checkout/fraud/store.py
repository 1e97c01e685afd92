"""Writes of reviews by what happens to their orders."""

from datetime import timedelta
from uuid import UUID

from chassis.data import timers
from chassis.data.audit import OPERATOR, actor_id_of
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.desk import events as desk_events
from checkout.desk.model import HoldReason, OrderHold
from checkout.errors.fraud import OrderUnderReview
from checkout.fraud import events
from checkout.fraud.model import COMPLETE_REVIEW, EXPIRE_REVIEW, OrderRisk, ReviewStatus
from checkout.fraud.queries import find_risk
from checkout.orders.model import Order


async def open_review(tx: Tx, order: Order, risk: OrderRisk, *, hours: int) -> None:
    """Holds an order for its review, in the transaction that places it. Emits OrderHeld.

    A timer ends the review.
    """
    risk.status, risk.due_at = ReviewStatus.OPEN, tx.now + timedelta(hours=hours)
    await tx.update(risk)
    hold = OrderHold(
        id=uuid7(),
        order_id=order.id,
        reason=HoldReason.FRAUD,
        note="",
        held_by=OPERATOR,
        held_at=tx.now,
    )
    await tx.insert(hold)
    await timers.schedule(tx, EXPIRE_REVIEW, str(order.id), risk.due_at)
    held = desk_events.order_held(order, hold, review_until=risk.due_at)
    await tx.emit(held, key=order.id)


async def require_not_reviewed(read: Read, order_id: UUID) -> None:
    """Raises OrderUnderReview, in the transaction that locked the order."""
    risk = await find_risk(read, order_id)
    if risk is not None and risk.is_undecided:
        raise OrderUnderReview(order_id=order_id)


async def close_review(tx: Tx, order: Order, caller: Caller | None) -> None:
    """Ends the review of an order that is cancelled for another reason, if it is open."""
    risk = await tx.lock(OrderRisk, order.id)
    if risk is None or not risk.is_undecided:
        return
    risk.status, risk.decided_at = ReviewStatus.CANCELLED, tx.now
    risk.decided_by = actor_id_of(caller) if caller else OPERATOR
    await end_review(tx, order, risk)


async def end_review(tx: Tx, order: Order, risk: OrderRisk) -> None:
    """Writes a review that is over. Emits OrderReviewEnded."""
    await tx.update(risk)
    await timers.cancel(tx, EXPIRE_REVIEW, str(order.id))
    await timers.cancel(tx, COMPLETE_REVIEW, str(order.id))
    await tx.emit(events.order_review_ended(order, risk), key=order.id)
