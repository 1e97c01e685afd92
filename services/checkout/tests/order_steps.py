"""Steps of what follows a sale, for random histories of orders."""

from __future__ import annotations

from typing import Final

from chassis.rpc.errors import NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import claim_pb2 as claim_pb
from sojourn.checkout.v1 import claims_pb2 as claims_pb
from sojourn.checkout.v1 import exchanges_pb2 as exchanges_pb
from sojourn.checkout.v1 import order_edits_pb2 as edits_pb
from sojourn.checkout.v1 import refund_destination_pb2 as destination_pb
from sojourn.checkout.v1 import return_pb2 as return_pb
from sojourn.checkout.v1 import returns_pb2 as returns_pb
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL

STOCK: Final = 20
ORIGINAL: Final = destination_pb.REFUND_DESTINATION_ORIGINAL
CREDIT: Final = destination_pb.REFUND_DESTINATION_STORE_CREDIT


async def read_order(world: World, order: pb.Order) -> pb.Order:
    request = pb.GetOrderRequest(order_id=order.id)
    return await world.ask(world.orders.GetOrder, request, world.tokens.staff("orders.read"))


async def send_back(
    world: World,
    order: pb.Order,
    line_id: str,
    number: int,
    staff: str,
    *,
    is_exchanged: bool = False,
) -> None:
    """Sends goods back; every other time they go on hand, and a cent of their price stays.

    Where they are exchanged, another variant costs what was paid for them.
    """
    keeps = number % 2
    wanted = returns_pb.ReturnLineInput(order_line_id=line_id, quantity=number, reason="other")
    ask = returns_pb.RequestReturnRequest(order_id=order.id, lines=[wanted])
    made = await world.ask(world.returns.RequestReturn, ask, staff, key=str(uuid7()))
    if is_exchanged:
        other = world.catalog.sell(price_minor=number * 9_00)
        world.stock.on_hand[other] = STOCK
        wish = exchanges_pb.ExchangeLineInput(order_line_id=line_id, variant_id=other)
        exchange = exchanges_pb.ExchangeReturnRequest(return_id=made.id, lines=[wish])
        await world.ask(world.exchanges.ExchangeReturn, exchange, staff, key=str(uuid7()))
        assert world.stock.on_hand[other] == STOCK - number
    back = returns_pb.ReceivedLineInput(
        order_line_id=line_id, quantity=number, condition=return_pb.RETURN_CONDITION_OPENED,
        restock=not keeps,
    )  # fmt: skip
    receive = returns_pb.ReceiveReturnRequest(return_id=made.id, lines=[back])
    await world.ask(world.returns.ReceiveReturn, receive, staff)
    refund = returns_pb.RefundReturnRequest(
        return_id=made.id, destination=CREDIT if number > 2 else ORIGINAL
    )
    if keeps and not is_exchanged:
        refund.deduction.CopyFrom(eur(1))
        refund.deduction_reason = "used"
    done = await world.ask(world.returns.RefundReturn, refund, staff, key=str(uuid7()))
    if is_exchanged:
        replacement = await read_order(world, pb.Order(id=done.replacement_order_id))
        paid = sum(each.captured.amount_minor for each in replacement.payments)
        total = next(each.amount for each in replacement.totals if each.type == TOTAL_TYPE_TOTAL)
        assert paid == total.amount_minor == done.exchanged.amount_minor
    assert done.status == return_pb.RETURN_STATUS_REFUNDED


async def claim_goods(world: World, order: pb.Order, line_id: str, number: int, staff: str) -> None:
    """Claims goods, which are sent anew every other time, and given back a part of their price."""
    what = claims_pb.ClaimLineInput(
        order_line_id=line_id, quantity=number, problem=claim_pb.CLAIM_PROBLEM_DAMAGED
    )
    opening = claims_pb.OpenClaimRequest(order_id=order.id, lines=[what])
    claim = await world.ask(world.claims.OpenClaim, opening, staff, key=str(uuid7()))
    settle = claims_pb.SettleClaimRequest(claim_id=claim.id)
    if number % 2:
        settle.settlement = claim_pb.CLAIM_SETTLEMENT_REFUND
        settle.amount.CopyFrom(eur(number * 3_33))
        settled = await world.ask(world.claims.SettleClaim, settle, staff, key=str(uuid7()))
        assert settled.refunded.amount_minor <= number * 3_33
        async with world.working():
            await eventually(lambda: _is_refunded(world, order))
        return
    other = world.catalog.sell(price_minor=9_00)
    world.stock.on_hand[other] = STOCK
    settle.settlement = claim_pb.CLAIM_SETTLEMENT_REPLACEMENT
    settle.lines.add(order_line_id=line_id, variant_id=other)
    await world.ask(world.claims.SettleClaim, settle, staff, key=str(uuid7()))
    assert world.stock.on_hand[other] == STOCK - number


async def _is_refunded(world: World, order: pb.Order) -> bool:
    found = await read_order(world, order)
    return all(each.status == pb.REFUND_STATUS_DONE for each in found.refunds)


async def edit_lines(world: World, order: pb.Order, line_id: str, number: int, staff: str) -> None:
    """Takes goods out of an order, and adds one of another variant that they pay."""
    other = world.catalog.sell(price_minor=number * 3_00)
    world.stock.on_hand[other] = STOCK
    out = pb.CancelledLineInput(order_line_id=line_id, quantity=number)
    added = edits_pb.AddedLineInput(variant_id=other, quantity=1)
    edit = edits_pb.EditOrderLinesRequest(order_id=order.id, added=[added], removed=[out])
    try:
        made = await world.ask(world.edits.EditOrderLines, edit, staff, key=str(uuid7()))
    except (Refused, NotFound):
        assert world.stock.on_hand[other] == STOCK
        raise
    assert sum(each.captured.amount_minor for each in made.added.payments) == next(
        each.amount.amount_minor for each in made.added.totals if each.type == TOTAL_TYPE_TOTAL
    )
    assert world.stock.on_hand[other] == STOCK - 1
