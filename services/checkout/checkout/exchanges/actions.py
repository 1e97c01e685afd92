"""Exchange of a return, from the call to the settled payments of the replacement.

The commit of the call stores the replacement with a hold, and with payments that wait for the
return. The saga of orders reserves and takes its stock. The goods that come back end the hold, and
the commit that sets the refund of the return aside pays the replacement with a part of it, so that
no money moves at a provider. A return that is given up cancels its replacement.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.line_item import ItemKind, LineItem
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from checkout.after_sale.model import ExchangeShipping
from checkout.after_sale.queries import get_after_sale_settings
from checkout.desk.model import HoldReason, OrderHold
from checkout.errors.after_sale import (
    AddressForgotten,
    ExchangeNotPaid,
    InvalidExchange,
    ReturnExchanged,
    ReturnNotFound,
)
from checkout.exchanges.difference import choose_transfer, draft_transfer
from checkout.exchanges.draft import draft_exchange_payments, draft_replacement
from checkout.exchanges.model import ExchangePrice, ExchangeReturn, ExchangeTerms
from checkout.exchanges.pricing import price_replacement, value_of_steps
from checkout.orders.access import actor_of, audit_order
from checkout.orders.amounts import is_tax_included
from checkout.orders.cancel import cancel_order
from checkout.orders.model import ADVANCE_ORDER, Order, OrderLine, OrderStatus
from checkout.orders.queries import find_order_lines, load_views
from checkout.orders.store import lock_order, record_status, save_order
from checkout.payment_methods.offers import PaymentOffers
from checkout.payments.model import OrderReason, Payment, Settlement
from checkout.payments.queries import find_payments
from checkout.payments.settle import emit_paid, settle_payment
from checkout.placing.queries import find_keyed_order, insert_placement
from checkout.returns.model import Return, ReturnLine, ReturnStatus

_EXCHANGEABLE: Final = (ReturnStatus.REQUESTED, ReturnStatus.ACCEPTED, ReturnStatus.RECEIVED)
_OVER: Final = (OrderStatus.REFUSED, OrderStatus.CANCELLED)


async def exchange_return(
    tx: Tx,
    wanted: ExchangeReturn,
    terms: ExchangeTerms,
    methods: PaymentOffers,
    *,
    caller: Caller,
) -> UUID:
    """Inserts the order that replaces goods of a return; returns its id. `advance` places it.

    What it costs more is asked for by the transfer that the call names, before which it does not
    ship. A repeat of the key returns the same. Raises ReturnNotFound, KeyReused, VersionMismatch,
    WrongReturnStatus, ReturnExchanged, InvalidExchange, ExchangeNotPaid, ExchangeCostsMore,
    PaymentMethodNotOffered, AddressForgotten, TaxRateNotSet.
    """
    known = await tx.get(Return, wanted.return_id)
    if known is None:
        raise ReturnNotFound
    order = await lock_order(tx, known.order_id)
    if placed := await find_keyed_order(tx, wanted.key):
        return placed
    found = await tx.lock(Return, wanted.return_id)
    assert found is not None
    found.require_version(wanted.expected_version)
    found.require(*_EXCHANGEABLE)
    await _require_no_other(tx, found)
    if not order.email or not (order.delivery_address or order.pickup):
        raise AddressForgotten(order_id=order.id)
    sources = await _require_paid(tx, order)
    lines = {line.id: line for line in await find_order_lines(tx, [order.id])}
    items, worth = _replace_lines(order, lines, found, wanted, terms)
    value = min(worth, sum(each.refundable_minor for each in sources))
    priced, totals = price_replacement(
        order, items, ExchangePrice(wanted.pricing, value, bool(wanted.method)), terms, tx.now
    )
    attempt, checkout = draft_replacement(order, priced, totals, terms.order, tx.now)
    made = attempt.order
    exchanged_minor = min(made.total_minor, value)
    if difference_minor := made.total_minor - exchanged_minor:
        method = choose_transfer(order, methods, wanted.method, difference_minor)
        days = terms.order.transfer_days
        attempt.payments.append(draft_transfer(made, method, difference_minor, days=days))
    if exchanged_minor:
        attempt.payments += draft_exchange_payments(attempt, sources, exchanged_minor)
    await tx.insert(checkout)
    await tx.insert(made)
    await tx.insert(*attempt.lines)
    if attempt.payments:
        await tx.insert(*attempt.payments)
    settings = await get_after_sale_settings(tx, order.channel_id)
    is_here = found.status is ReturnStatus.RECEIVED
    if settings.exchange_shipping is ExchangeShipping.WHEN_RECEIVED and not is_here:
        await tx.insert(_hold(made, caller, tx))
    record_status(tx, made, actor_of(caller))
    insert_placement(tx, wanted.key, made.id)
    await timers.schedule(
        tx, ADVANCE_ORDER, str(made.id), tx.now, lease_seconds=terms.order.resume_after_seconds
    )
    found.replacement_order_id = made.id
    await tx.update(found)
    audit_order(
        tx,
        caller,
        "return.exchange",
        order,
        before={"return_id": str(found.id)},
        after={
            "return_id": str(found.id),
            "replacement_order_id": str(made.id),
            "total_minor": made.total_minor,
            "difference_minor": difference_minor,
            "currency": made.currency,
            "pricing": wanted.pricing,
        },
    )
    return made.id


async def send_replacement(tx: Tx, found: Return, caller: Caller) -> None:
    """Ends the hold of a replacement whose goods all came back, in the transaction that says so."""
    asked = sum(line.quantity for line in found.lines)
    came = sum(each.end - each.start for line in found.lines for each in line.received)
    if found.replacement_order_id is None or came < asked:
        return
    await tx.run(
        "UPDATE order_hold SET released_at = %s, released_by = %s"
        " WHERE order_id = %s AND reason = 'exchange' AND released_at IS NULL",
        [tx.now, caller.person_id, found.replacement_order_id],
    )


async def give_up_replacement(tx: Tx, found: Return) -> None:
    """Cancels the replacement of a return that is given up; a timer completes it.

    Raises WrongOrderStatus once it was shipped.
    """
    if found.replacement_order_id is None:
        return
    made = await lock_order(tx, found.replacement_order_id)
    if made.status not in _OVER:
        await cancel_order(
            tx, made.id, caller=None, reason=OrderReason.BUYER_REQUEST, lease_seconds=0
        )


async def find_exchange_payments(tx: Tx, found: Return) -> list[Payment]:
    """Returns the payments of the replacement that wait for the refund of its return."""
    if found.replacement_order_id is None:
        return []
    await lock_order(tx, found.replacement_order_id)
    payments = await find_payments(tx, [found.replacement_order_id])
    return [each for each in payments if each.is_awaited and each.source_payment_id]


async def settle_exchange(tx: Tx, payments: Sequence[Payment], sources: Sequence[Payment]) -> None:
    """Records that the replacement is paid with what its return gives back.

    Emits OrderPaid unless a transfer that pays of it has not come.

    In the commit that sets that aside: a cancellation of the replacement before it would leave the
    buyer without both. What is refunded of it later goes back by the payment that it came from.
    """
    by_id, made = {each.id: each for each in sources}, await lock_order(tx, payments[0].order_id)
    for payment in payments:
        assert payment.source_payment_id is not None
        source = by_id[payment.source_payment_id]
        payment.provider_payment_id = source.provider_payment_id
        payment.gift_card_id = source.gift_card_id
        await settle_payment(tx, made, payment)
    await save_order(tx, made)
    [view] = await load_views(tx, [made])
    await emit_paid(tx, view)


def _replace_lines(
    order: Order,
    lines: Mapping[UUID, OrderLine],
    found: Return,
    wanted: ExchangeReturn,
    terms: ExchangeTerms,
) -> tuple[list[tuple[LineItem, int]], int]:
    """Returns what replaces lines of a return, each with the price of these, and their worth.

    Raises InvalidExchange.
    """
    items, worth = list[tuple[LineItem, int]](), 0
    for index, each in enumerate(found.lines):
        variant_id = wanted.variants.get(each.order_line_id, each.replacement_variant_id)
        if variant_id is None:
            continue
        offer, line = terms.offers.get(variant_id), lines[each.order_line_id]
        steps, path = _steps_of(each, found), f"lines[{index}].variant_id"
        if offer is None or offer.currency != order.currency:
            raise InvalidExchange(path=path, problem="it is not sold in the channel of the order")
        if offer.kind is not ItemKind.PHYSICAL:
            raise InvalidExchange(path=path, problem="it is not delivered")
        if (offer.scale, offer.unit_code) != (line.scale, line.unit_code):
            raise InvalidExchange(path=path, problem="it is sold in another measure")
        if not steps or steps % offer.increment:
            raise InvalidExchange(path=path, problem="its quantity is not sold")
        items.append((offer.item(steps), line.total_minor * steps // line.quantity))
        worth += value_of_steps(line, steps, is_included=is_tax_included(order))
    if not items:
        raise InvalidExchange(path="lines", problem="no line names a variant")
    return items, worth


def _steps_of(line: ReturnLine, found: Return) -> int:
    """Returns how much of a line is replaced: what came back of it, once it is known."""
    if found.status is ReturnStatus.RECEIVED:
        return sum(each.end - each.start for each in line.received)
    return line.quantity


def _hold(made: Order, caller: Caller, tx: Tx) -> OrderHold:
    return OrderHold(
        id=uuid7(),
        order_id=made.id,
        reason=HoldReason.EXCHANGE,
        note="",
        held_by=caller.person_id,
        held_at=tx.now,
    )


async def _require_no_other(tx: Tx, found: Return) -> None:
    """Raises ReturnExchanged unless the replacement before was refused or cancelled."""
    if found.replacement_order_id is None:
        return
    before = await tx.get(Order, found.replacement_order_id)
    if before is not None and before.status not in _OVER:
        raise ReturnExchanged(replacement_order_id=before.id)


async def _require_paid(tx: Tx, order: Order) -> list[Payment]:
    """Returns the payments of an order. Raises ExchangeNotPaid while one is awaited."""
    payments = await find_payments(tx, [order.id])
    if any(each.is_awaited and each.settlement is not Settlement.EXCHANGE for each in payments):
        raise ExchangeNotPaid(order_id=order.id)
    return payments
