"""Cancelling a placed order that has not shipped: money back, stock back, promotion back."""

from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout import metrics
from checkout.errors import OrderNotFound
from checkout.orders import audit as audits
from checkout.orders import model as orders
from checkout.orders import view as order_views
from checkout.orders import wire as messages
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.payments import model as payments
from checkout.payments import refund as refunding
from checkout.payments.model import Reason
from checkout.payments.refund import SYSTEM, Refunds, RefundWish
from checkout.placing.model import PlacingKey
from checkout.placing.steps import Parties

TIMER: Final = "order.cancel"


async def begin(tx: Tx, order_id: UUID, *, caller: Caller | None, reason: Reason, lease_seconds: float) -> Order:
    """From this commit on the order will be cancelled: it cannot ship, and what is left of its money is promised back.

    Without a caller the platform does it by itself. An order that is being cancelled, or is, stays as it is. Raises OrderNotFound, WrongOrderStatus.
    """
    order = await tx.lock(Order, order_id)
    if order is None:
        raise OrderNotFound
    if order.status in (OrderStatus.CANCELLING, OrderStatus.CANCELLED):
        return order
    before = order.status
    order.become(OrderStatus.CANCELLING)
    await orders.save(tx, order)
    orders.note(tx, order, audits.actor_of(caller, order) if caller else Actor.SYSTEM)
    if caller:
        audits.record(tx, caller, "order.cancel", order, before={"status": before}, after={"status": order.status, "reason": reason})
    payment = await payments.of_order(tx, order_id)
    if payment is not None and payment.refundable_minor:
        await refunding.promise(tx, order, payment, RefundWish(order.id, None, reason, _key_of(order.id)))
    await timers.schedule(tx, TIMER, str(order.id), tx.now, lease_seconds=lease_seconds)
    return order


class Cancellations:
    """Carries cancellations out."""

    def __init__(self, database: Database, parties: Parties, refunds: Refunds, *, lease_seconds: float) -> None:
        self._database, self._parties, self._refunds, self._lease_seconds = database, parties, refunds, lease_seconds

    async def on_timer(self, timer: Timer) -> None:
        await self.carry_out(UUID(timer.key))

    async def on_synthetic(self, timer: Timer) -> None:
        """Cancels a synthetic order that was placed, whether or not its shopper still lives."""
        order_id = UUID(timer.key)
        async with self._database.tx() as tx:
            await begin(tx, order_id, caller=None, reason=Reason.OTHER, lease_seconds=self._lease_seconds)
        await self.carry_out(order_id)

    async def carry_out(self, order_id: UUID) -> None:
        """Gives back the money, the stock and the promotions. Idempotent, and safe to run twice at once."""
        async with self._database.read() as read:
            order = await read.get(Order, order_id)
            pending = await payments.pending_refunds_of(read, order_id)
        if order is None or order.status is not OrderStatus.CANCELLING:
            return
        # Also what staff had promised before: a cancelled order has nothing of its buyer's money.
        for refund in pending:
            await self._refunds.carry_out(refund.id)
        await self._parties.stock.release(order_id)
        await self._parties.carts.unredeem(order_id)
        async with self._database.tx() as tx:
            await _finish(tx, order_id)


async def _finish(tx: Tx, order_id: UUID) -> None:
    """Nothing is left to undo. Emits OrderCancelled, once."""
    order = await tx.lock(Order, order_id)
    assert order is not None
    if order.status is not OrderStatus.CANCELLING:
        return
    order.become(OrderStatus.CANCELLED)
    await orders.save(tx, order)
    orders.note(tx, order, Actor.SYSTEM)
    await timers.cancel(tx, TIMER, str(order_id))
    await tx.emit(messages.order_cancelled((await order_views.of(tx, [order]))[0]), key=order_id, synthetic=order.is_synthetic)
    metrics.count_order("cancelled", order)


def _key_of(order_id: UUID) -> PlacingKey:
    return PlacingKey(SYSTEM, f"{order_id}:cancel", b"")
