"""The ledger of orders, against the events that tell of their money."""

import csv
import io
from collections import defaultdict

from chassis.rpc.wire import money
from chassis.runtime.clock import uuid7
from checkout.reconciliation.ledger import write_ledger
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import events_pb2
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL


async def test_the_ledger_has_each_order_as_its_events_tell_it(world):
    _, kept = await world.buy()
    owner, cancelled = await world.buy()
    staff = world.tokens.staff("orders.write")
    for minor in (10_00, 1):
        refund = pb.RefundOrderRequest(
            order_id=kept.id, amount=money(minor, "EUR"), reason=pb.ORDER_REASON_OTHER
        )
        await world.ask(world.orders.RefundOrder, refund, staff, key=str(uuid7()))
    cancel = pb.CancelOrderRequest(order_id=cancelled.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    await world.ask(world.orders.CancelOrder, cancel, world.tokens.guest(owner))

    written = io.StringIO()
    await write_ledger(world.database, written)

    told: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for placed in await world.events(events_pb2.OrderPlaced):
        total = next(one for one in placed.order.totals if one.type == TOTAL_TYPE_TOTAL)
        told[placed.order.id][0] += total.amount.amount_minor
    for refunded in await world.events(events_pb2.OrderRefunded):
        told[refunded.order_id][1] += refunded.amount.amount_minor
    lines = list(csv.DictReader(io.StringIO(written.getvalue())))
    assert {
        line["order_id"]: [int(line["captured_minor"]), int(line["refunded_minor"])]
        for line in lines
    } == told
    assert told == {kept.id: [29_90, 10_01], cancelled.id: [29_90, 29_90]}
    assert {line["currency"] for line in lines} == {"EUR"}
