"""The money and the stock of a return.

One commit sets the amount aside; the payments give it back under the ids of their refunds, the
goods go on hand under ids of the return, and another commit tells that the money is back.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from checkout.after_sale.queries import get_after_sale_settings
from checkout.cancellations.queries import find_cancellations
from checkout.captures.actions import void_held
from checkout.crashes import crash_point
from checkout.errors.after_sale import ExchangeNotCovered, InvalidAmount, ReturnNotFound
from checkout.exchanges.actions import find_exchange_payments, settle_exchange
from checkout.idempotency import IdempotencyKey
from checkout.orders.access import audit_order
from checkout.orders.amounts import delivery_to_give_back, is_tax_included, paid_for_steps
from checkout.orders.model import Order, OrderLine
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import lock_order, save_order, schedule_documents
from checkout.payments.model import SYSTEM, OrderReason
from checkout.payments.queries import find_payments
from checkout.payments.refund import Refunds, create_exchange_refunds, create_refunds
from checkout.payments.refunds import RefundRequest
from checkout.payments.settle import void_awaited
from checkout.peers import Stock
from checkout.returns import events
from checkout.returns.model import COMPLETE_RETURN, Return, ReturnRefund, ReturnStatus
from checkout.returns.queries import find_pending_return_refunds, find_returns, get_return

_OVER: Final = (ReturnStatus.REFUNDING, ReturnStatus.REFUNDED)


async def refund_return(
    tx: Tx,
    return_id: UUID,
    wanted: ReturnRefund,
    *,
    caller: Caller,
    lease_seconds: float,
    expected_version: int = 0,
) -> Return:
    """Sets what was paid for the goods that came back aside for refunds, less a deduction.

    What replaces the goods is paid with it first. Idempotent. Raises ReturnNotFound,
    WrongReturnStatus, VersionMismatch, InvalidAmount, StoreCreditNeedsAccount, ExchangeNotCovered.
    """
    order = await lock_order(tx, (await get_return(tx, return_id)).order_id)
    found = await tx.lock(Return, return_id)
    if found is None:
        raise ReturnNotFound
    if found.status in _OVER:
        return found
    found.require_version(expected_version)
    before = found.status
    found.become(ReturnStatus.REFUNDING)
    found.refund_to = wanted.destination or found.refund_to
    await _price(tx, order, found, wanted)
    payments = await find_payments(tx, [order.id])
    due = found.goods_minor + found.delivery_minor - found.deduction_minor
    found.voided_minor = await void_awaited(tx, order, payments, due)
    left = sum(payment.refundable_minor for payment in payments)
    found.refunded_minor = min(due - found.voided_minor, left)
    exchange = await find_exchange_payments(tx, found)
    found.exchanged_minor = sum(each.amount_minor for each in exchange)
    rest = found.refunded_minor - found.exchanged_minor
    if rest < 0:
        raise ExchangeNotCovered(missing_minor=-rest, currency=order.currency)
    uncovered = due - found.voided_minor - found.refunded_minor
    found.voided_minor += await void_held(tx, order, payments, uncovered)
    await tx.update(found)
    if exchange:
        key = IdempotencyKey(SYSTEM, f"{found.id}:exchange", b"")
        request = RefundRequest(order.id, None, OrderReason.BUYER_REQUEST, key, return_id=found.id)
        await create_exchange_refunds(tx, order, payments, exchange, request)
        # In this commit: from here on a cancellation of the replacement gives the money back.
        await settle_exchange(tx, exchange, payments)
    if rest:
        key = IdempotencyKey(SYSTEM, f"{found.id}:return", b"")
        amount = Money(rest, order.currency)
        request = RefundRequest(
            order.id,
            amount,
            OrderReason.BUYER_REQUEST,
            key,
            return_id=found.id,
            destination=found.refund_to,
        )
        await create_refunds(tx, order, payments, request)
    await save_order(tx, order)
    audit_order(
        tx,
        caller,
        "return.refund",
        order,
        before={"return_id": str(found.id), "status": before},
        after={
            "return_id": str(found.id),
            "deduction_minor": found.deduction_minor,
            "refunded_minor": found.refunded_minor,
            "voided_minor": found.voided_minor,
            "exchanged_minor": found.exchanged_minor,
            "currency": order.currency,
        },
    )
    await timers.schedule(tx, COMPLETE_RETURN, str(found.id), tx.now, lease_seconds=lease_seconds)
    return found


async def _price(tx: Tx, order: Order, found: Return, wanted: ReturnRefund) -> None:
    """Sets what was paid for the goods and the delivery, and what the shop keeps of it.

    Raises InvalidAmount for a deduction of more than that, or in another currency.
    """
    lines = await find_order_lines(tx, [order.id])
    settings = await get_after_sale_settings(tx, order.channel_id)
    found.goods_minor = _paid_for_goods(order, lines, found)
    if not wanted.is_without_delivery:
        cancellations = await find_cancellations(tx, [order.id])
        given = sum(each.delivery_minor for each in cancellations)
        given += sum(each.delivery_minor for each in await find_returns(tx, [order.id]))
        found.delivery_minor = delivery_to_give_back(
            order, lines, settings.delivery_refund, given_minor=given
        )
    deduction = wanted.deduction or Money(0, order.currency)
    most = found.goods_minor + found.delivery_minor
    if deduction.currency != order.currency or not 0 <= deduction.amount_minor <= most:
        raise InvalidAmount(path="deduction", currency=order.currency, most_minor=most)
    if deduction.amount_minor and not wanted.deduction_reason:
        raise InvalidAmount("a deduction needs a reason", path="deduction_reason")
    found.deduction_minor = deduction.amount_minor
    found.deduction_reason = wanted.deduction_reason


def _paid_for_goods(order: Order, lines: Sequence[OrderLine], found: Return) -> int:
    by_id, is_included = {line.id: line for line in lines}, is_tax_included(order)
    return sum(
        paid_for_steps(by_id[line.order_line_id], each.start, each.end, is_included=is_included)
        for line in found.lines
        for each in line.received
    )


class ReturnCompletions:
    """Puts goods that came back on hand, and gives their money back."""

    def __init__(self, database: Database, stock: Stock, refunds: Refunds) -> None:
        self._database, self._stock, self._refunds = database, stock, refunds

    async def complete(self, return_id: UUID) -> None:
        """Completes what a return is waiting for. Idempotent and safe to run concurrently."""
        async with self._database.read() as read:
            found = await read.get(Return, return_id)
            if found is None:
                return
            refunds = await find_pending_return_refunds(read, found)
        if not found.is_restocked:
            for warehouse, quantities in found.restocks().items():
                await self._stock.restock(
                    found.order_id,
                    found.restock_id(warehouse),
                    quantities,
                    is_return=True,
                    warehouse=warehouse,
                )
        crash_point("after:return:restock")
        for refund in refunds:
            await self._refunds.complete(refund.id)
        crash_point("after:return:refund")
        async with self._database.tx() as tx:
            await _end_return(tx, found)

    async def on_timer(self, timer: Timer) -> None:
        """Completes a return whose process died."""
        await self.complete(UUID(timer.key))


async def _end_return(tx: Tx, seen: Return) -> None:
    """Records that stock and money are back, as far as `seen` had them.

    Emits ReturnRefunded once. The stock is no change that readers see: it leaves the version.
    """
    order = await lock_order(tx, seen.order_id)
    found = await tx.lock(Return, seen.id)
    assert found is not None
    if not found.is_restocked and not seen.is_restocked:
        await tx.run("UPDATE order_return SET is_restocked = TRUE WHERE id = %s", [found.id])
        found.is_restocked = True
    if found.status is ReturnStatus.REFUNDING and seen.status is ReturnStatus.REFUNDING:
        found.become(ReturnStatus.REFUNDED)
        await tx.update(found)
        await schedule_documents(tx, order)
        [view] = await load_views(tx, [order])
        await tx.emit(events.return_changed(found, view), key=found.id)
    if found.is_restocked and found.status is not ReturnStatus.REFUNDING:
        await timers.cancel(tx, COMPLETE_RETURN, str(found.id))
