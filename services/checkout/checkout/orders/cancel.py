"""Cancellation of a placed order that has not shipped: money, stock and promotions go back."""

from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout import metrics
from checkout.after_sale.queries import get_after_sale_settings
from checkout.crashes import crash_point
from checkout.desk.store import end_hold
from checkout.fraud.store import close_review
from checkout.gift_cards.pay import release_gift_cards
from checkout.gift_cards.sold import revoke_sold_gift_cards
from checkout.idempotency import IdempotencyKey
from checkout.orders import events
from checkout.orders.access import actor_of, audit_order
from checkout.orders.model import CANCEL_ORDER, Actor, Order, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, record_status, save_order
from checkout.payments.model import EXPIRE_TRANSFER, SYSTEM, OrderReason, PaymentStatus
from checkout.payments.provider import Providers
from checkout.payments.queries import find_payments, find_pending_refunds
from checkout.payments.refund import Refunds, create_refunds
from checkout.payments.refunds import RefundRequest
from checkout.peers import Carts, Stock

_AUTHORIZED: Final = PaymentStatus.AUTHORIZED


async def cancel_order(
    tx: Tx, order_id: UUID, *, caller: Caller | None, reason: OrderReason, lease_seconds: float
) -> Order:
    """Starts the cancellation of an order, and sets the rest of its money aside for the refund.

    From this commit on the order cannot ship, and money that comes later is not awaited. What is
    kept for a review is given up. Without a caller the platform cancels the order.
    Gift cards that it bought are taken back. Idempotent. Raises OrderNotFound, WrongOrderStatus,
    GiftCardUsed, and CancellationNotOffered to a buyer whom the channel's settings do not let
    cancel.
    """
    order = await lock_order(tx, order_id)
    if order.status in (OrderStatus.CANCELLING, OrderStatus.CANCELLED):
        return order
    if caller and actor_of(caller) is Actor.BUYER:
        settings = await get_after_sale_settings(tx, order.channel_id)
        settings.require_cancellable(order.placed_at, tx.now)
    await revoke_sold_gift_cards(tx, order_id)
    before = order.status
    order.become(OrderStatus.CANCELLING)
    await save_order(tx, order)
    record_status(tx, order, actor_of(caller) if caller else Actor.SYSTEM)
    await end_hold(tx, order_id, caller)
    await close_review(tx, order, caller)
    if caller:
        audit_order(
            tx,
            caller,
            "order.cancel",
            order,
            before={"status": before},
            after={"status": order.status, "reason": reason},
        )
    payments = await find_payments(tx, [order_id])
    kept = [each for each in payments if each.gift_card_id and each.status is _AUTHORIZED]
    await release_gift_cards(tx, kept)
    for payment in kept:
        await tx.update(payment)
    for payment in payments:
        if payment.is_awaited:
            payment.become(PaymentStatus.VOIDED)
            await tx.update(payment)
            await timers.cancel(tx, EXPIRE_TRANSFER, str(order_id))
    if any(payment.refundable_minor for payment in payments):
        key = IdempotencyKey(SYSTEM, f"{order_id}:cancel", b"")
        await create_refunds(tx, order, payments, RefundRequest(order_id, None, reason, key))
    await timers.schedule(tx, CANCEL_ORDER, str(order_id), tx.now, lease_seconds=lease_seconds)
    return order


class Cancellations:
    """Completes cancellations."""

    def __init__(
        self,
        database: Database,
        stock: Stock,
        carts: Carts,
        refunds: Refunds,
        providers: Providers,
        *,
        lease_seconds: float,
    ) -> None:
        self._database, self._stock, self._carts, self._refunds = database, stock, carts, refunds
        self._providers, self._lease_seconds = providers, lease_seconds

    async def complete(self, order_id: UUID) -> None:
        """Returns the money, the stock and the promotions.

        Idempotent and safe to run concurrently.
        """
        async with self._database.read() as read:
            order = await read.get(Order, order_id)
            pending = await find_pending_refunds(read, order_id)
            payments = await find_payments(read, [order_id])
        if order is None or order.status is not OrderStatus.CANCELLING:
            return
        # Refunds that staff started before count too: the buyer of a cancelled order gets
        # everything back.
        for refund in pending:
            await self._refunds.complete(refund.id)
        for payment in payments:
            if payment.status is _AUTHORIZED:
                # It was kept for a review. What a release took meanwhile goes back too.
                await self._providers.named(payment.provider).cancel_by_key(
                    order.authorization_key, payment_id=payment.provider_payment_id
                )
        crash_point("after:cancel:void")
        await self._stock.release(order_id)
        await self._carts.unredeem(order_id)
        async with self._database.tx() as tx:
            await _mark_cancelled(tx, order_id)

    async def on_timer(self, timer: Timer) -> None:
        """Completes a cancellation whose process died."""
        await self.complete(UUID(timer.key))

    async def on_synthetic_placed(self, timer: Timer) -> None:
        """Cancels a synthetic order after its placing."""
        order_id = UUID(timer.key)
        async with self._database.tx() as tx:
            await cancel_order(
                tx,
                order_id,
                caller=None,
                reason=OrderReason.OTHER,
                lease_seconds=self._lease_seconds,
            )
        await self.complete(order_id)


async def _mark_cancelled(tx: Tx, order_id: UUID) -> None:
    """Ends a cancellation. Emits OrderCancelled once."""
    order = await lock_order(tx, order_id)
    if order.status is not OrderStatus.CANCELLING:
        return
    for payment in await find_payments(tx, [order_id]):
        if payment.status is _AUTHORIZED:
            payment.become(PaymentStatus.VOIDED)
            await tx.update(payment)
    order.become(OrderStatus.CANCELLED)
    await save_order(tx, order)
    record_status(tx, order, Actor.SYSTEM)
    await timers.cancel(tx, CANCEL_ORDER, str(order_id))
    [view] = await load_views(tx, [order])
    await tx.emit(events.order_cancelled(view), key=order_id, synthetic=order.is_synthetic)
    metrics.count_order("cancelled", order)
