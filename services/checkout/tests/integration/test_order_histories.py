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
from chassis.rpc.errors import NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.guests.actions import record_conversion
from checkout.order_exports.journal import OrderBooks
from checkout.order_exports.queries import get_journal_accounts
from checkout.orders.queries import get_order
from checkout.returns.queries import find_returns
from services.checkout.tests.checkout_world import World
from services.checkout.tests.order_steps import (
    CREDIT,
    ORIGINAL,
    STOCK,
    claim_goods,
    edit_lines,
    read_order,
    send_back,
)
from sojourn.checkout.v1 import after_sale_pb2 as settings_pb
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import claim_pb2 as claim_pb
from sojourn.checkout.v1 import claims_pb2 as claims_pb
from sojourn.checkout.v1 import fraud_pb2 as fraud_pb
from sojourn.checkout.v1 import gift_cards_pb2 as cards_pb
from sojourn.checkout.v1 import return_pb2 as return_pb
from sojourn.checkout.v1 import returns_pb2 as returns_pb

HISTORIES: Final = int(os.environ.get("ORDER_HISTORIES", "12"))

steps = st.tuples(
    st.sampled_from(
        [
            "cancel_lines",
            "cancel_lines",
            "ship",
            "ship",
            "deliver",
            "refund",
            "credit",
            "return",
            "return",
            "exchange",
            "claim",
            "edit",
            "edit",
            "cancel",
            "release",
            "reject",
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


# Whether the order is reviewed; then its money waits for a release.
reviews = st.booleans()


@given(
    cart=carts,
    cards=gift_cards,
    rule=rules,
    is_reviewed=reviews,
    history=st.lists(steps, min_size=2, max_size=8),
)
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
    is_reviewed: bool,
    history: list[tuple[str, int, int]],
) -> None:
    await _set_rule(world, rule)
    issued = [(await world.issue_card(each)) for each in cards]
    await world.set_fraud(elevated_risk=fraud_pb.FRAUD_ACTION_REVIEW)
    token = "pm_card_elevated_risk" if is_reviewed else "pm_card_ok"
    order = await _place(world, *cart, codes=[each.code for each in issued], token=token)

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
    world: World,
    first: int,
    second: int,
    off: int,
    tax_included: bool,
    *,
    codes: list[str],
    token: str,
) -> pb.Order:
    variants = [uuid7(), uuid7()]
    for variant_id in variants:
        world.stock.on_hand[str(variant_id)] = STOCK
    more = [a_line(variants[1], quantity=second, price_minor=9_99)] if second else []
    owner_id = uuid7()
    async with world.database.tx() as tx:
        await record_conversion(tx, owner_id, owner_id)
    checkout = await world.ready(
        owner_id, quantity=first, variant_id=variants[0], discount_minor=-off, more=more,
        tax_included=tax_included, payment_token=token,
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
            for shipment in (await read_order(world, order)).shipments:
                arrival = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipment.id)
                await world.ask(world.orders.MarkDelivered, arrival, staff)
        case "refund" | "credit":
            refund = pb.RefundOrderRequest(
                order_id=order.id, amount=eur(number * 7_77), reason=pb.ORDER_REASON_OTHER,
                destination=CREDIT if kind == "credit" else ORIGINAL,
            )  # fmt: skip
            await world.ask(world.orders.RefundOrder, refund, staff, key=key)
        case "return":
            await send_back(world, order, line_id, number, staff)
        case "exchange":
            await send_back(world, order, line_id, number, staff, is_exchanged=True)
        case "edit":
            await edit_lines(world, order, line_id, number, staff)
        case "claim":
            await claim_goods(world, order, line_id, number, staff)
        case "cancel":
            whole = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_OTHER)
            await world.ask(world.orders.CancelOrder, whole, staff)
        case "release":
            await world.release(order.id)
        case "reject":
            await world.reject(order.id)


async def _claimed(world: World, order: pb.Order) -> Counter[str]:
    """Returns the steps by order line that claims have made up for."""
    asked = claims_pb.ListClaimsRequest(order_id=order.id, all_buyers=True)
    found = await world.ask(world.claims.ListClaims, asked, world.tokens.staff("orders.read"))
    steps: Counter[str] = Counter()
    for claim in found.claims:
        for each in claim.lines if claim.status == claim_pb.CLAIM_STATUS_SETTLED else ():
            steps[each.order_line_id] += each.item.quantity.steps
    return steps


async def _require_balance(world: World, order: pb.Order, issued: cards_pb.GiftCard) -> None:
    """Holds the ledger of a card to its balance, and both to what its payment took and gave."""
    card = await world.card(issued.id)
    booked = await world.scalar(
        "SELECT sum(amount_minor)::bigint FROM gift_card_entry WHERE gift_card_id = %s",
        [UUID(issued.id)],
    )
    paid = await world.scalar(
        "SELECT coalesce(sum(captured_minor - refunded_minor + credited_minor), 0)::bigint"
        " FROM payment"
        " WHERE gift_card_id = %s AND order_id = %s",
        [UUID(issued.id), UUID(order.id)],
    )
    assert booked == card.balance.amount_minor == issued.initial.amount_minor - paid
    kept = await world.scalar(
        "SELECT coalesce(sum(amount_minor), 0)::bigint FROM payment"
        " WHERE gift_card_id = %s AND order_id = %s AND status = 'authorized'",
        [UUID(issued.id), UUID(order.id)],
    )
    assert card.reserved.amount_minor == kept


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
    captures = (*books.captures(later=False), *books.captures(later=True))
    for entry in (*books.sale(), *captures, *books.reversals()):
        assert sum(each.amount_minor for each in entry.postings) == 0
        for each in entry.postings:
            sums[each.account] += each.amount_minor
    ledger = await world.provider.sums(placed.id)
    by_card = await world.scalar(
        "SELECT coalesce(sum(captured_minor - refunded_minor + credited_minor), 0)::bigint"
        " FROM payment WHERE gift_card_id IS NOT NULL AND order_id = %s",
        [order_id],
    )
    kept = await world.scalar(
        "SELECT coalesce(sum(amount_minor), 0)::bigint FROM payment"
        " WHERE order_id = %s AND status = 'authorized'",
        [order_id],
    )
    by_bank, from_cards = [
        await world.scalar(
            "SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM refund r JOIN payment p"
            " ON p.id = r.payment_id WHERE r.exchange_payment_id IS NOT NULL AND r.order_id = %s"
            f" AND p.gift_card_id IS {kind}",
            [order_id],
        )
        for kind in ("NULL", "NOT NULL")
    ]
    assert (sums["clearing:card"], sums["gift_cards"], sums["receivable"]) == (
        ledger["net_captured_minor"] - by_bank, by_card - from_cards, kept,
    )  # fmt: skip
    assert sums["gift_cards:store_credit"] == -await world.credit_of(UUID(placed.owner_id))


async def _returns(world: World, order: pb.Order) -> list[return_pb.Return]:
    request = returns_pb.ListReturnsRequest(order_id=order.id, all_buyers=True)
    found = await world.ask(world.returns.ListReturns, request, world.tokens.staff("orders.read"))
    return list(found.returns)


async def _tolerating(step: Awaitable[object]) -> None:
    """Awaits a step that may be refused: there is not always something to do it with."""
    try:
        await step
    except (Refused, NotFound):
        return


async def _require_sums(world: World, placed: pb.Order) -> None:
    order = await read_order(world, placed)
    ledger = await world.provider.sums(order.id)
    captured = sum(each.captured.amount_minor for each in order.payments)
    at_bank = [each for each in order.payments if each.provider != "gift_card"]
    done = [each for each in order.refunds if each.status == pb.REFUND_STATUS_DONE]
    refunded = sum(each.amount.amount_minor for each in done)
    assert len(done) == len(order.refunds)
    held = [each for each in at_bank if each.status == pb.PAYMENT_STATUS_AUTHORIZED]
    assert ledger["holding_minor"] == sum(each.amount.amount_minor for each in held)
    by_bank = {each.id for each in at_bank}
    credited = [each for each in order.refunds if each.destination != ORIGINAL]
    kept_by_bank = sum(each.amount.amount_minor for each in credited if each.payment_id in by_bank)
    assert (ledger["captured_minor"], ledger["refunded_minor"]) == (
        sum(each.captured.amount_minor for each in at_bank),
        sum(each.refunded.amount_minor for each in at_bank) - kept_by_bank,
    )
    # What went on store credit is there, and nothing else.
    on_credit = sum(each.amount.amount_minor for each in credited if each.destination == CREDIT)
    assert await world.credit_of(UUID(order.owner_id)) == on_credit
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
    claimed = await _claimed(world, order)
    for line in order.lines:
        assert line.returned.steps + claimed[line.id] <= line.shipped.steps
        kept = line.item.quantity.steps - line.cancelled.steps - back[line.id]
        taken = 0 if is_over else kept
        assert world.stock.on_hand[line.item.variant_id] == STOCK - taken
        assert line.shipped.steps + line.cancelled.steps <= line.item.quantity.steps
        assert UUID(line.item.variant_id)
