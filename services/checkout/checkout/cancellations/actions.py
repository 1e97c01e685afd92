"""Cancellation of lines, from the call to the money and the goods that are back.

The first commit takes the quantities out of the order and sets the money aside: from then on they
cannot ship. The stock goes back under the id of the cancellation, the money under those of its
refunds, and another commit tells that both are back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.after_sale.model import AfterSaleSettings
from checkout.after_sale.queries import get_after_sale_settings
from checkout.cancellations import events
from checkout.cancellations.model import (
    COMPLETE_CANCELLATION,
    Cancellation,
    CancellationStatus,
    CancelledUnits,
    CancelLines,
)
from checkout.cancellations.queries import (
    find_cancellations,
    find_keyed_cancellation,
    find_pending_refunds_of,
)
from checkout.captures.actions import begin_captures, void_held
from checkout.crashes import crash_point
from checkout.errors.orders import (
    OrderLineNotFound,
    QuantityExceedsOrdered,
    SyntheticOrder,
    WrongIncrement,
)
from checkout.fraud.store import require_not_reviewed
from checkout.idempotency import IdempotencyKey
from checkout.orders.access import actor_of, audit_order
from checkout.orders.amounts import delivery_to_give_back, is_tax_included, paid_for_steps
from checkout.orders.cancel import cancel_order
from checkout.orders.model import Actor, Order, OrderLine, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import (
    lock_order,
    record_cancellation,
    record_status,
    save_order,
    schedule_documents,
)
from checkout.payments.model import SYSTEM, Payment
from checkout.payments.queries import find_payments
from checkout.payments.refund import Refunds, create_exchange_refunds, create_refunds
from checkout.payments.refunds import RefundRequest
from checkout.payments.settle import emit_paid, settle_delivered, void_awaited
from checkout.peers import Stock
from checkout.shipments.model import ShipmentStatus
from checkout.shipments.queries import find_shipments


async def cancel_order_lines(
    tx: Tx, wanted: CancelLines, *, caller: Caller, lease_seconds: float
) -> Cancellation | None:
    """Starts a cancellation of lines; None where the whole order is cancelled instead.

    A repeat of the key returns the cancellation. Raises OrderNotFound, KeyReused, VersionMismatch,
    SyntheticOrder, WrongOrderStatus, CancellationNotOffered, OrderLineNotFound,
    QuantityExceedsOrdered, WrongIncrement, OrderUnderReview.
    """
    order = await lock_order(tx, wanted.order_id)
    if known := await find_keyed_cancellation(tx, wanted.key):
        return known
    if order.status in (OrderStatus.CANCELLING, OrderStatus.CANCELLED):
        return None
    settings = await get_after_sale_settings(tx, order.channel_id)
    _require_cancellable(order, wanted, settings, caller=caller, tx=tx)
    lines = await find_order_lines(tx, [order.id])
    units = _cancel_units(lines, wanted.quantities)
    is_rest = not any(line.unshipped_quantity for line in lines)
    # What is delivered without shipping stays: the rest of its order is cancelled, not all of it.
    has_unsent = any(line.shipped_quantity for line in lines if not line.needs_delivery)
    if is_rest and order.status is OrderStatus.PLACED and not has_unsent:
        await cancel_order(
            tx, order.id, caller=caller, reason=wanted.reason, lease_seconds=lease_seconds
        )
        return None
    await require_not_reviewed(tx, order.id)
    await _store_cancelled(tx, lines)
    made = await _give_back(tx, order, lines, units, wanted, settings)
    if is_rest:
        # What the shipments left is taken now, e.g. the price of a delivery that is not given back.
        await begin_captures(tx, order, lines)
    is_delivered = is_rest and await end_shipping(tx, order)
    await save_order(tx, order)
    record_cancellation(tx, order, made.id, actor_of(caller))
    _audit(tx, caller, order, made)
    await timers.schedule(
        tx, COMPLETE_CANCELLATION, str(made.id), tx.now, lease_seconds=lease_seconds
    )
    if is_delivered:
        [view] = await load_views(tx, [order])
        await emit_paid(tx, view)
    return made


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Quantities that are taken out of an order; `is_rest` where nothing is left to ship."""

    order: Order
    wanted: CancelLines
    units: Sequence[CancelledUnits]
    goods_minor: int
    is_rest: bool

    async def give_back(
        self, tx: Tx, payments: Sequence[Payment], amount_minor: int, paid_with: Sequence[Payment]
    ) -> Cancellation:
        """Sets their price aside: for payments of another order, and the rest for the buyer.

        In the transaction that locked the order, which the caller writes. A timer completes it.
        Raises PaymentDisputed.
        """
        wanted, order = self.wanted, self.order
        made = Cancellation(
            id=uuid7(),
            order_id=order.id,
            caller=wanted.key.caller,
            idempotency_key=wanted.key.key,
            fingerprint=wanted.key.fingerprint,
            reason=wanted.reason,
            lines=list(self.units),
            goods_minor=self.goods_minor,
            delivery_minor=0,
            refunded_minor=amount_minor,
            voided_minor=0,
            created_at=tx.now,
        )
        await tx.insert(made)
        if paid_with:
            key = IdempotencyKey(SYSTEM, f"{made.id}:exchange", b"")
            request = RefundRequest(order.id, None, wanted.reason, key, cancellation_id=made.id)
            await create_exchange_refunds(tx, order, payments, paid_with, request)
        if rest := amount_minor - sum(each.amount_minor for each in paid_with):
            key = IdempotencyKey(SYSTEM, f"{made.id}:cancel", b"")
            amount = Money(rest, order.currency)
            request = RefundRequest(order.id, amount, wanted.reason, key, cancellation_id=made.id)
            await create_refunds(tx, order, payments, request)
        await timers.schedule(tx, COMPLETE_CANCELLATION, str(made.id), tx.now)
        return made


async def take_out(tx: Tx, order: Order, wanted: CancelLines) -> TakenOut:
    """Takes quantities out of an order, which do not ship from this commit on.

    The caller says what becomes of their price. Raises OrderLineNotFound, QuantityExceedsOrdered,
    WrongIncrement.
    """
    lines = await find_order_lines(tx, [order.id])
    units = _cancel_units(lines, wanted.quantities)
    await _store_cancelled(tx, lines)
    is_rest = not any(line.unshipped_quantity for line in lines)
    return TakenOut(order, wanted, units, _paid_for(order, lines, units), is_rest)


def _require_cancellable(
    order: Order, wanted: CancelLines, settings: AfterSaleSettings, *, caller: Caller, tx: Tx
) -> None:
    if wanted.expected_version not in (0, order.version):
        raise VersionMismatch("the order changed: read it again", version=order.version)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order.id)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    if actor_of(caller) is Actor.BUYER:
        settings.require_cancellable(order.placed_at, tx.now)


def _cancel_units(
    lines: Sequence[OrderLine], quantities: Mapping[UUID, int]
) -> list[CancelledUnits]:
    """Counts quantities as cancelled on the order lines and returns their steps."""
    by_id, units = {line.id: line for line in lines}, list[CancelledUnits]()
    for line_id, quantity in quantities.items():
        line = by_id.get(line_id)
        if line is None:
            raise OrderLineNotFound(order_line_id=line_id)
        if quantity > line.unshipped_quantity:
            raise QuantityExceedsOrdered(
                order_line_id=line_id, unshipped_quantity=line.unshipped_quantity
            )
        if quantity % line.increment and quantity != line.unshipped_quantity:
            raise WrongIncrement(order_line_id=line_id, increment=line.increment)
        end = line.quantity - line.cancelled_quantity
        units.append(CancelledUnits(line_id, line.variant_id, end - quantity, end))
        line.cancelled_quantity += quantity
    return units


async def _give_back(
    tx: Tx,
    order: Order,
    lines: Sequence[OrderLine],
    units: Sequence[CancelledUnits],
    wanted: CancelLines,
    settings: AfterSaleSettings,
) -> Cancellation:
    """Voids what is not paid yet, and sets aside for refunds what was captured of the rest.

    Staff may have refunded a part before: never more goes back than is left.
    """
    goods = _paid_for(order, lines, units)
    before = await find_cancellations(tx, [order.id])
    given = sum(each.delivery_minor for each in before)
    delivery = delivery_to_give_back(order, lines, settings.delivery_refund, given_minor=given)
    payments = await find_payments(tx, [order.id])
    voided = await void_awaited(tx, order, payments, goods + delivery)
    voided += await void_held(tx, order, payments, goods + delivery - voided)
    left = sum(payment.refundable_minor for payment in payments)
    refunded = min(goods + delivery - voided, left)
    made = Cancellation(
        id=uuid7(),
        order_id=order.id,
        caller=wanted.key.caller,
        idempotency_key=wanted.key.key,
        fingerprint=wanted.key.fingerprint,
        reason=wanted.reason,
        lines=list(units),
        goods_minor=goods,
        delivery_minor=delivery,
        refunded_minor=refunded,
        voided_minor=voided,
        created_at=tx.now,
    )
    await tx.insert(made)
    if refunded:
        key = IdempotencyKey(SYSTEM, f"{made.id}:cancel", b"")
        amount = Money(refunded, order.currency)
        request = RefundRequest(order.id, amount, wanted.reason, key, cancellation_id=made.id)
        await create_refunds(tx, order, payments, request)
    return made


def _paid_for(order: Order, lines: Sequence[OrderLine], units: Sequence[CancelledUnits]) -> int:
    by_id, is_included = {line.id: line for line in lines}, is_tax_included(order)
    return sum(
        paid_for_steps(by_id[each.order_line_id], each.start, each.end, is_included=is_included)
        for each in units
    )


async def _store_cancelled(tx: Tx, lines: Sequence[OrderLine]) -> None:
    for line in lines:
        await tx.run(
            "UPDATE order_line SET cancelled_quantity = %s WHERE id = %s",
            [line.cancelled_quantity, line.id],
        )


async def end_shipping(tx: Tx, order: Order) -> bool:
    """Ends the shipping of an order of which nothing is left to ship.

    Returns whether its last payment is settled by that, as it would be by the last delivery.
    """
    order.become(OrderStatus.SHIPPED)
    record_status(tx, order, Actor.SYSTEM)
    shipments = await find_shipments(tx, [order.id])
    if any(each.status is not ShipmentStatus.DELIVERED for each in shipments):
        return False
    order.become(OrderStatus.DELIVERED)
    record_status(tx, order, Actor.SYSTEM)
    return await settle_delivered(tx, order)


def _audit(tx: Tx, caller: Caller, order: Order, made: Cancellation) -> None:
    audit_order(
        tx,
        caller,
        "order.cancel_lines",
        order,
        before={},
        after={
            "cancellation_id": str(made.id),
            "lines": {str(each.order_line_id): each.end - each.start for each in made.lines},
            "refunded_minor": made.refunded_minor,
            "voided_minor": made.voided_minor,
            "currency": order.currency,
            "reason": made.reason,
        },
    )


class LineCancellations:
    """Completes cancellations of lines."""

    def __init__(self, database: Database, stock: Stock, refunds: Refunds) -> None:
        self._database, self._stock, self._refunds = database, stock, refunds

    async def complete(self, cancellation_id: UUID) -> None:
        """Returns the stock and the money. Idempotent and safe to run concurrently."""
        async with self._database.read() as read:
            found = await read.get(Cancellation, cancellation_id)
            if found is None or found.status is CancellationStatus.DONE:
                return
            refunds = await find_pending_refunds_of(read, found)
        await self._stock.restock(found.order_id, found.id, found.quantities)
        crash_point("after:cancel_lines:restock")
        for refund in refunds:
            await self._refunds.complete(refund.id)
        crash_point("after:cancel_lines:refund")
        async with self._database.tx() as tx:
            await _end_cancellation(tx, found)

    async def on_timer(self, timer: Timer) -> None:
        """Completes a cancellation whose process died."""
        await self.complete(UUID(timer.key))


async def _end_cancellation(tx: Tx, found: Cancellation) -> None:
    """Ends a cancellation of lines. Emits OrderLinesCancelled once."""
    order = await lock_order(tx, found.order_id)
    cancellation = await tx.lock(Cancellation, found.id)
    assert cancellation is not None
    if cancellation.status is CancellationStatus.DONE:
        return
    cancellation.status = CancellationStatus.DONE
    await tx.update(cancellation)
    await save_order(tx, order)
    await timers.cancel(tx, COMPLETE_CANCELLATION, str(cancellation.id))
    await schedule_documents(tx, order)
    [view] = await load_views(tx, [order])
    await tx.emit(
        events.order_lines_cancelled(view, cancellation),
        key=order.id,
        synthetic=order.is_synthetic,
    )
