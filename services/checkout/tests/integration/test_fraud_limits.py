"""Limits against fraud: how many orders, declined payments and how much money in some hours."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import fraud_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2 as desk_pb

REFUSED = "ORDER_NOT_ACCEPTED"
DAY = 86_400


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


async def outcomes(world: World, *buyers: UUID, **ready: Any) -> list[str]:
    """Returns what became of orders at once: `placed`, or the reason of the refusal."""
    checkouts = [await world.ready(buyer, **ready) for buyer in buyers]
    found = await asyncio.gather(
        *(world.complete(*each) for each in zip(checkouts, buyers, strict=True)),
        return_exceptions=True,
    )
    return sorted(each.reason if isinstance(each, DomainError) else "placed" for each in found)


async def risk_of(world: World, order_id: str) -> pb.OrderRisk:
    request = desk_pb.GetStaffOrderRequest(order_id=order_id)
    found = await world.ask(world.desk.GetStaffOrder, request, world.tokens.staff("orders.read"))
    return found.risk


async def test_an_order_beyond_a_limit_of_a_customer_is_refused_before_its_payment(
    world: World,
) -> None:
    await world.limit_fraud("few", most=2)
    owner_id = uuid7()
    await world.buy(owner_id)
    await world.buy(owner_id)

    checkout = await world.ready(owner_id)
    with pytest.raises(DomainError) as refused:
        await world.complete(checkout, owner_id)

    order = await world.order_of(checkout.id)
    assert (refused.value.reason, order.status) == (REFUSED, "refused")
    assert (await world.provider.sums(str(order.id)))["payment_count"] == 0
    # What spoke against it is for staff alone.
    assert not {"few", "limit"} & {*refused.value.metadata.values()}
    [finding] = (await risk_of(world, str(order.id))).findings
    assert (finding.code, finding.counted, finding.most) == ("few", 3, 2)
    assert (await outcomes(world, uuid7())) == ["placed"]


async def test_of_orders_at_once_no_more_than_the_limit_are_placed(world: World) -> None:
    await world.limit_fraud("mail", subject=pb.FRAUD_SUBJECT_EMAIL, most=2)

    found = await outcomes(world, *(uuid7() for _ in range(5)))

    assert found == [REFUSED] * 3 + ["placed"] * 2


async def test_a_limit_counts_the_hours_before_an_order_and_not_what_was_refused(
    world: World,
) -> None:
    await world.limit_fraud("day", most=1)
    owner_id = uuid7()
    declined = await outcomes(world, owner_id, payment_token="pm_card_declined")
    first, second = await outcomes(world, owner_id), await outcomes(world, owner_id)
    world.clock.shift_to(DAY + 60)

    assert (declined, first, second) == (["PAYMENT_DECLINED"], ["placed"], [REFUSED])
    assert await outcomes(world, owner_id) == ["placed"]


async def test_declined_payments_are_limited_also_those_that_are_under_way(world: World) -> None:
    declines = pb.FRAUD_MEASURE_DECLINED_PAYMENTS
    await world.limit_fraud("tries", measure=declines, subject=pb.FRAUD_SUBJECT_EMAIL, most=2)

    at_once = await outcomes(world, *(uuid7() for _ in range(4)), payment_token="pm_card_declined")
    good = await outcomes(world, uuid7())

    assert at_once == [REFUSED] * 2 + ["PAYMENT_DECLINED"] * 2
    assert good == [REFUSED]


async def test_amounts_in_a_currency_are_limited(world: World) -> None:
    amount = pb.FRAUD_MEASURE_AMOUNT
    await world.limit_fraud("sum", measure=amount, amount=eur(60_00))
    await world.limit_fraud("yen", measure=amount, amount={"amount_minor": 1, "currency": "JPY"})
    owner_id = uuid7()

    found = [await outcomes(world, owner_id) for _ in range(3)]

    assert found == [["placed"], ["placed"], [REFUSED]]


async def test_an_address_is_the_same_however_it_is_spelt(world: World) -> None:
    await world.limit_fraud("door", subject=pb.FRAUD_SUBJECT_ADDRESS, most=1)
    spelt = ("Unter den Linden 1", "UNTER DEN LINDEN, 1.", "Unter den Linden 2")

    found = []
    for street in spelt:
        owner_id = uuid7()
        checkout = await world.ready(owner_id)
        change = orders_pb.UpdateCheckoutRequest(
            checkout_id=checkout.id,
            delivery_address=an_address(street_address=street, first_name=street[:3]),
        )
        checkout = await world.ask(world.checkouts.UpdateCheckout, change, world.shopper(owner_id))
        try:
            found.append((await world.complete(checkout, owner_id)).status)
        except DomainError as error:
            found.append(error.reason)

    placed = orders_pb.ORDER_STATUS_PLACED
    assert found == [placed, REFUSED, placed]


async def test_a_card_is_limited_once_its_payment_is_authorized_and_nothing_is_taken(
    world: World,
) -> None:
    await world.limit_fraud("card", subject=pb.FRAUD_SUBJECT_CARD, most=1)

    found = await outcomes(world, *(uuid7() for _ in range(3)), payment_token="pm_card_known")

    assert found == [REFUSED] * 2 + ["placed"]
    async with world.database.read() as read:
        rows = await read.fetch("SELECT id FROM orders")
    sums = [await world.provider.sums(str(order_id)) for (order_id,) in rows]
    assert sorted(each["net_captured_minor"] for each in sums) == [0, 0, 29_90]
    assert sum(each["holding_minor"] for each in sums) == 0
    # Cards that the provider does not tell apart are not counted.
    assert await outcomes(world, uuid7(), uuid7()) == ["placed"] * 2


async def test_a_limit_is_of_its_channel_until_it_is_inactive_or_deleted(
    world: World, refusal_of: Any
) -> None:
    await world.limit_fraud("other", channel="outlet", most=1)
    owner_id = uuid7()
    assert [await outcomes(world, owner_id) for _ in range(2)] == [["placed"]] * 2
    limit = await world.limit_fraud("here", channel="default", most=1)
    assert await outcomes(world, owner_id) == [REFUSED]

    await world.limit_fraud("here", channel="default", most=1, active=False)
    assert await outcomes(world, owner_id) == ["placed"]
    await world.limit_fraud("here", channel="default", most=1)
    token = world.tokens.staff("payments.write")
    for _ in range(2):
        gone = pb.DeleteFraudLimitRequest(code="here")
        await world.ask(world.fraud.DeleteFraudLimit, gone, token)
    assert await outcomes(world, owner_id) == ["placed"]

    get = pb.GetFraudLimitRequest(code="here")
    assert await refusal_of(world.ask(world.fraud.GetFraudLimit, get, token)) == (
        "FRAUD_LIMIT_NOT_FOUND"
    )
    stale = pb.PutFraudLimitRequest(limit=limit, expected_version=7)
    assert await refusal_of(world.ask(world.fraud.PutFraudLimit, stale, token)) == (
        "VERSION_MISMATCH"
    )
    listed = await world.ask(world.fraud.ListFraudLimits, pb.ListFraudLimitsRequest(), token)
    assert [each.code for each in listed.limits] == ["other"]
    assert await world.scalar("SELECT count(*) FROM audit WHERE subject LIKE 'fraud_limit:%'") == 5


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("limit.most", {}),
        ("limit.most", {"most": 1, "amount": eur(1)}),
        ("limit.amount", {"measure": pb.FRAUD_MEASURE_AMOUNT, "most": 1}),
        ("limit.amount", {"measure": pb.FRAUD_MEASURE_AMOUNT}),
        ("limit.amount", {"measure": pb.FRAUD_MEASURE_AMOUNT, "amount": eur(0)}),
        ("limit.channel", {"most": 1, "channel": "a\nb"}),
    ],
)
async def test_a_limit_that_cannot_be_is_refused(
    world: World, path: str, limit: dict[str, Any]
) -> None:
    with pytest.raises(DomainError) as refused:
        await world.limit_fraud("bad", **limit)

    assert (refused.value.reason, refused.value.metadata["path"]) == ("INVALID_FRAUD_LIMIT", path)
    assert await world.scalar("SELECT count(*) FROM fraud_limit") == 0


async def test_synthetic_shoppers_are_not_limited(world: World) -> None:
    await world.limit_fraud("few", most=1)
    owner_id = uuid7()

    for _ in range(2):
        _, order = await world.buy(owner_id, synthetic=True)
        assert order.synthetic
