"""Random histories of orders: money and stock add up at the end of each.

`ORDER_HISTORIES=5000` runs so many; a usual run has few.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Awaitable
from typing import Final
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cart.testing import a_line
from chassis.rpc.errors import Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.order_exports.journal import OrderBooks
from checkout.order_exports.queries import get_journal_accounts
from checkout.orders.queries import get_order
from checkout.returns.queries import find_returns
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import after_sale_pb2 as settings_pb
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import gift_cards_pb2 as cards_pb
from sojourn.checkout.v1 import return_pb2 as return_pb
from sojourn.checkout.v1 import returns_pb2 as returns_pb

HISTORIES: Final = int(os.environ.get("ORDER_HISTORIES", "12"))
STOCK: Final = 20

steps = st.tuples(
    st.sampled_from(
        [
            "cancel_lines",
            "cancel_lines",
            "ship",
            "ship",
            "deliver",
            "refund",
            "return",
            "return",
            "cancel",
        ]
    ),
    st.integers(0, 1),
    st.integers(1, 4),
)
carts = st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(0, 9_99), st.booleans())
# What is on the gift cards that pay first; the last may pay more than there is.
gift_cards = st.lists(st.integers(1, 90_00), max_size=2)
rules = st.sampled_from([
    settings_pb.DELIVERY_REFUND_WHOLE_ORDER,
    settings_pb.DELIVERY_REFUND_SHARE,
    settings_pb.DELIVERY_REFUND_NEVER,
])  # fmt: skip


@given(cart=carts, cards=gift_cards, rule=rules, history=st.lists(steps, min_size=2, max_size=8))
@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_happens_to_an_order_its_money_and_its_stock_add_up(
    world: World,
    cart: tuple[int, int, int, bool],
    cards: list[int],
    rule: settings_pb.DeliveryRefund.ValueType,
    history: list[tuple[str, int, int]],
) -> None:
    await _set_rule(world, rule)
    issued = [(await world.issue_card(each)) for each in cards]
    order = await _place(world, *cart, codes=[each.code for each in issued])

    for kind, line, number in history:
        await _tolerating(_step(world, order, kind, line, number))
        await _require_sums(world, order)
        for each in issued:
            await _require_balance(world, order, each.gift_card)
    await _require_journal(world, order)


async def _set_rule(world: World, rule: settings_pb.DeliveryRefund.ValueType) -> None:
    chosen = settings_pb.AfterSaleSettings(channel="default", delivery_refund=rule)
    await world.ask(
        world.after_sale.PutAfterSaleSettings,
        settings_pb.PutAfterSaleSettingsRequest(settings=chosen),
        world.tokens.staff("orders.write"),
    )


async def _place(
    world: World, first: int, second: int, off: int, tax_included: bool, *, codes: list[str]
) -> pb.Order:
    variants = [uuid7(), uuid7()]
    for variant_id in variants:
        world.stock.on_hand[str(variant_id)] = STOCK
    more = [a_line(variants[1], quantity=second, price_minor=9_99)] if second else []
    owner_id = uuid7()
    checkout = await world.ready(
        owner_id, quantity=first, variant_id=variants[0], discount_minor=-off, more=more,
        tax_included=tax_included,
    )  # fmt: skip
    for code in codes:
        checkout = await world.apply_card(checkout, owner_id, code)
    return await world.complete(checkout, owner_id)


async def _step(world: World, order: pb.Order, kind: str, line: int, number: int) -> None:
    staff, key = world.tokens.staff("orders.read", "orders.write"), str(uuid7())
    line_id = order.lines[line % len(order.lines)].id
    match kind:
        case "cancel_lines":
            part = pb.CancelledLineInput(order_line_id=line_id, quantity=number)
            request = pb.CancelOrderLinesRequest(
                order_id=order.id, lines=[part], reason=pb.ORDER_REASON_OTHER
            )
            await world.ask(world.orders.CancelOrderLines, request, staff, key=key)
        case "ship":
            shipped = pb.ShipmentLineInput(order_line_id=line_id, quantity=number)
            parcel = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL", lines=[shipped])
            await world.ask(world.orders.CreateShipment, parcel, staff, key=key)
        case "deliver":
            for shipment in (await _read(world, order)).shipments:
                arrival = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipment.id)
                await world.ask(world.orders.MarkDelivered, arrival, staff)
        case "refund":
            refund = pb.RefundOrderRequest(
                order_id=order.id, amount=eur(number * 7_77), reason=pb.ORDER_REASON_OTHER
            )
            await world.ask(world.orders.RefundOrder, refund, staff, key=key)
        case "return":
            await _return(world, order, line_id, number, staff)
        case "cancel":
            whole = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
            await world.ask(world.orders.CancelOrder, whole, staff)


async def _return(world: World, order: pb.Order, line_id: str, number: int, staff: str) -> None:
    """Sends goods back; every other time they go on hand, and a cent of their price stays."""
    keeps = number % 2
    wanted = returns_pb.ReturnLineInput(order_line_id=line_id, quantity=number, reason="other")
    ask = returns_pb.RequestReturnRequest(order_id=order.id, lines=[wanted])
    made = await world.ask(world.returns.RequestReturn, ask, staff, key=str(uuid7()))
    back = returns_pb.ReceivedLineInput(
        order_line_id=line_id, quantity=number, condition=return_pb.RETURN_CONDITION_OPENED,
        restock=not keeps,
    )  # fmt: skip
    receive = returns_pb.ReceiveReturnRequest(return_id=made.id, lines=[back])
    await world.ask(world.returns.ReceiveReturn, receive, staff)
    refund = returns_pb.RefundReturnRequest(return_id=made.id)
    if keeps:
        refund.deduction.CopyFrom(eur(1))
        refund.deduction_reason = "used"
    done = await world.ask(world.returns.RefundReturn, refund, staff, key=str(uuid7()))
    assert done.status == return_pb.RETURN_STATUS_REFUNDED


async def _require_balance(world: World, order: pb.Order, issued: cards_pb.GiftCard) -> None:
    """Holds the ledger of a card to its balance, and both to what its payment took and gave."""
    card = await world.card(issued.id)
    booked = await world.scalar(
        "SELECT sum(amount_minor)::bigint FROM gift_card_entry WHERE gift_card_id = %s",
        [UUID(issued.id)],
    )
    paid = await world.scalar(
        "SELECT coalesce(sum(captured_minor - refunded_minor), 0)::bigint FROM payment"
        " WHERE gift_card_id = %s AND order_id = %s",
        [UUID(issued.id), UUID(order.id)],
    )
    assert booked == card.balance.amount_minor == issued.initial.amount_minor - paid
    assert card.reserved.amount_minor == 0


async def _require_journal(world: World, placed: pb.Order) -> None:
    """Holds the journal of an order to what its payments took and gave; each entry balances."""
    order_id = UUID(placed.id)
    async with world.database.read() as read:
        books = OrderBooks(
            await get_order(read, order_id),
            await get_journal_accounts(read, "default"),
            await find_returns(read, [order_id]),
        )
    sums: Counter[str] = Counter()
    for entry in (*books.sale(), *books.captures(later=False), *books.reversals()):
        assert sum(each.amount_minor for each in entry.postings) == 0
        for each in entry.postings:
            sums[each.account] += each.amount_minor
    ledger = await world.provider.sums(placed.id)
    by_card = await world.scalar(
        "SELECT coalesce(sum(captured_minor - refunded_minor), 0)::bigint FROM payment"
        " WHERE gift_card_id IS NOT NULL AND order_id = %s",
        [order_id],
    )
    assert (sums["clearing:card"], sums["gift_cards"], sums["receivable"]) == (
        ledger["net_captured_minor"], by_card, 0,
    )  # fmt: skip


async def _read(world: World, order: pb.Order) -> pb.Order:
    request = pb.GetOrderRequest(order_id=order.id)
    return await world.ask(world.orders.GetOrder, request, world.tokens.staff("orders.read"))


async def _returns(world: World, order: pb.Order) -> list[return_pb.Return]:
    request = returns_pb.ListReturnsRequest(order_id=order.id, all_buyers=True)
    found = await world.ask(world.returns.ListReturns, request, world.tokens.staff("orders.read"))
    return list(found.returns)


async def _tolerating(step: Awaitable[object]) -> None:
    """Awaits a step that may be refused: there is not always something to do it with."""
    try:
        await step
    except Refused:
        return


async def _require_sums(world: World, placed: pb.Order) -> None:
    order = await _read(world, placed)
    ledger = await world.provider.sums(order.id)
    captured = sum(each.captured.amount_minor for each in order.payments)
    at_bank = [each for each in order.payments if each.provider != "gift_card"]
    done = [each for each in order.refunds if each.status == pb.REFUND_STATUS_DONE]
    refunded = sum(each.amount.amount_minor for each in done)
    assert len(done) == len(order.refunds)
    assert (ledger["captured_minor"], ledger["refunded_minor"]) == (
        sum(each.captured.amount_minor for each in at_bank),
        sum(each.refunded.amount_minor for each in at_bank),
    )
    assert sum(each.refunded.amount_minor for each in order.payments) == refunded <= captured
    for made in order.cancellations:
        mine = sum(each.amount.amount_minor for each in done if each.cancellation_id == made.id)
        assert mine == made.refunded.amount_minor
        assert mine <= made.goods.amount_minor + made.delivery.amount_minor
    is_over = order.status == pb.ORDER_STATUS_CANCELLED
    if is_over:
        assert refunded == captured
    returns = await _returns(world, order)
    for each in returns:
        mine = sum(one.amount.amount_minor for one in done if one.return_id == each.id)
        most = each.goods.amount_minor + each.delivery.amount_minor - each.deduction.amount_minor
        assert mine == each.refunded.amount_minor <= most
    back: Counter[str] = Counter()
    for each in returns:
        for one in each.lines:
            back[one.order_line_id] += sum(
                units.quantity.steps for units in one.received if units.restocked
            )
    for line in order.lines:
        assert line.returned.steps <= line.shipped.steps
        kept = line.item.quantity.steps - line.cancelled.steps - back[line.id]
        taken = 0 if is_over else kept
        assert world.stock.on_hand[line.item.variant_id] == STOCK - taken
        assert line.shipped.steps + line.cancelled.steps <= line.item.quantity.steps
        assert UUID(line.item.variant_id)
