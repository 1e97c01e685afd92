"""Points of an order: what it earns once it is sent and paid, and what refunds take back.

A timer books them, set with the order and anew with each shipment and refund. What it books is the
difference between what the order should have earned by now and what it has: a repeat books nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.line_item import ItemKind
from chassis.runtime.clock import uuid7
from checkout.errors.gift_cards import StoreCreditNeedsAccount
from checkout.loyalty.actions import lock_account
from checkout.loyalty.model import BOOK_POINTS, EarningTerms, PointEntry, PointEntryKind
from checkout.loyalty.queries import find_entries_of_order
from checkout.orders.amounts import is_tax_included, paid_for_steps
from checkout.orders.model import UNPLACED, Order, OrderStatus
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order
from checkout.orders.view import OrderView
from checkout.payments.refunds import RefundStatus
from checkout.store_credit.queries import get_account_of

_SENT: Final = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_OVER: Final = (OrderStatus.CANCELLED, OrderStatus.REFUSED)
_ASK_AGAIN: Final = timedelta(days=1)
# An order that nobody sends for so long earns nothing.
_WAITS_AT_MOST: Final = timedelta(days=400)


async def book_points(tx: Tx, order_id: UUID) -> None:
    """Books the difference between the points that an order should have earned, and has.

    One that is not sent, paid, or old enough is looked at again later.
    """
    order = await lock_order(tx, order_id)
    terms = order.earns
    if terms is None or order.is_synthetic:
        return
    known = await find_entries_of_order(tx, order_id)
    [view] = await load_views(tx, [order])
    if not known:
        if order.status in _OVER:
            return
        if wait := _wait(view, terms, tx):
            if tx.now - order.created_at < _WAITS_AT_MOST:
                await timers.schedule(tx, BOOK_POINTS, str(order_id), tx.now + wait)
            return
    wanted = 0 if order.status in _OVER else terms.points_for(_goods_minor(view))
    has = sum(one.points - one.written_off for one in known)
    if wanted > has:
        await _earn(tx, order, known, wanted - has, terms)
    elif wanted < has:
        await _revoke(tx, order, known, has - wanted)


def _wait(view: OrderView, terms: EarningTerms, tx: Tx) -> timedelta | None:
    """Returns how long an order has to wait for its points; None where it need not."""
    order = view.order
    if order.status in UNPLACED or order.placed_at is None:
        return _ASK_AGAIN
    left = order.placed_at + timedelta(days=terms.pending_days) - tx.now
    if left > timedelta(0):
        return left
    is_paid = not any(each.is_awaited or each.is_held for each in view.payments)
    return None if order.status in _SENT and is_paid else _ASK_AGAIN


def _goods_minor(view: OrderView) -> int:
    """Returns what was paid for the goods that the buyer has, at most what is left of the order.

    Gift cards are no goods. A refund without goods takes what earned nothing first, such as the
    delivery. One that failed after it was done is still owed, and counts.
    """
    is_included = is_tax_included(view.order)
    goods = sum(
        paid_for_steps(
            line,
            line.returned_quantity,
            line.quantity - line.cancelled_quantity,
            is_included=is_included,
        )
        for line in view.lines
        if line.kind is not ItemKind.GIFT_CARD
    )
    refunded = sum(
        refund.amount_minor
        for refund in view.refunds
        if refund.status is not RefundStatus.FAILED or refund.failed_at is not None
    )
    return min(goods, view.order.total_minor - refunded)


async def _earn(
    tx: Tx, order: Order, known: Sequence[PointEntry], points: int, terms: EarningTerms
) -> None:
    """Adds points of an order, also those of a refund that failed in the end.

    What was written off of them the customer has redeemed already.
    """
    try:
        customer_id = known[0].customer_id if known else await get_account_of(tx, order)
    except StoreCreditNeedsAccount:
        return
    await lock_account(tx, customer_id)
    redeemed = min(points, sum(one.written_off for one in known))
    points -= redeemed
    await tx.insert(
        PointEntry(
            id=uuid7(),
            customer_id=customer_id,
            kind=PointEntryKind.EARNED,
            points=points,
            left=points,
            written_off=-redeemed,
            order_id=order.id,
            expires_at=terms.expiry(tx.now),
            at=tx.now,
        )
    )


async def _revoke(tx: Tx, order: Order, known: Sequence[PointEntry], points: int) -> None:
    """Takes points of an order back; those that were redeemed before are written off."""
    customer_id, taken = known[0].customer_id, 0
    await lock_account(tx, customer_id)
    for lot in await find_entries_of_order(tx, order.id):
        part = min(lot.left, points - taken)
        if part:
            lot.left -= part
            taken += part
            await tx.update(lot)
    await tx.insert(
        PointEntry(
            id=uuid7(),
            customer_id=customer_id,
            kind=PointEntryKind.REVOKED,
            points=-taken,
            written_off=points - taken,
            order_id=order.id,
            at=tx.now,
        )
    )
