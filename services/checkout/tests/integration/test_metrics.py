"""Metrics of revenue, refunds and the payment provider."""

import asyncio

from prometheus_client import REGISTRY

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from sojourn.checkout.v1 import checkout_pb2 as pb


def told(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


async def test_a_placed_order_is_revenue_and_a_refused_one_is_not(world, refusal_of):
    before = told("revenue_minor_total", currency="EUR")

    await world.buy()
    owner_id = uuid7()
    declined = await world.ready(owner_id, payment_token="pm_card_declined")
    assert await refusal_of(world.complete(declined, owner_id)) == "PAYMENT_DECLINED"

    assert told("revenue_minor_total", currency="EUR") - before == 29_90


async def test_a_refund_is_counted_once(world):
    owner_id, order = await world.buy()
    before = told("refunded_minor_total", currency="EUR")
    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)

    await asyncio.gather(
        *(
            world.ask(world.orders.CancelOrder, request, world.tokens.guest(owner_id))
            for _ in range(3)
        )
    )

    assert told("refunded_minor_total", currency="EUR") - before == 29_90


async def test_a_provider_that_does_not_answer_is_counted(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    before = told("payments_total", outcome="unavailable")
    await world.provider.misbehave(outage=True)

    placing = asyncio.ensure_future(world.complete(checkout, owner_id))
    await eventually(lambda: told("payments_total", outcome="unavailable") > before)
    await world.provider.misbehave()

    assert (await placing).status == pb.ORDER_STATUS_PLACED


def test_the_series_of_every_currency_exist_from_the_start():
    assert told("revenue_minor_total", currency="JPY") is not None
    assert told("refunded_minor_total", currency="USD") is not None
