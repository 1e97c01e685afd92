"""Returns: from the request to the goods on hand and the money with the buyer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur, eventually
from checkout.order_links.actions import open_order_link, request_order_link
from checkout.order_links.model import OrderLinkRequest
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import after_sale_pb2 as settings_pb
from sojourn.checkout.v1 import checkout_pb2, return_events_pb2, returns_pb2_grpc
from sojourn.checkout.v1 import return_pb2 as pb
from sojourn.checkout.v1 import returns_pb2 as asks
from sojourn.checkout.v1.events_pb2 import OrderLinkRequested, OrderRefunded

DAY = 24 * 3600
Part = tuple[int, pb.ReturnCondition.ValueType, bool, str]


def staff(world: World) -> str:
    return world.tokens.staff("orders.read", "orders.write")


async def delivered(world: World, **cart: Any) -> tuple[UUID, checkout_pb2.Order]:
    """Returns a buyer and their order, all of which arrived."""
    owner_id, order = await world.buy(**cart)
    return owner_id, await deliver(world, order)


async def deliver(world: World, order: checkout_pb2.Order) -> checkout_pb2.Order:
    """Ships all of an order, which then arrives."""
    ship = checkout_pb2.CreateShipmentRequest(order_id=order.id, carrier="DHL")
    order = await world.ask(world.orders.CreateShipment, ship, staff(world), key=str(uuid7()))
    arrived = checkout_pb2.MarkDeliveredRequest(
        order_id=order.id, shipment_id=order.shipments[0].id
    )
    return await world.ask(world.orders.MarkDelivered, arrived, staff(world))


def a_line(order: checkout_pb2.Order, quantity: int, reason: str = "damaged") -> Any:
    return asks.ReturnLineInput(order_line_id=order.lines[0].id, quantity=quantity, reason=reason)


async def request(
    world: World, order: checkout_pb2.Order, *lines: Any, token: str = "", key: str = ""
) -> pb.Return:
    asked = asks.RequestReturnRequest(order_id=order.id, lines=lines, note="The heel broke.")
    return await world.ask(
        world.returns.RequestReturn, asked, token or staff(world), key=key or str(uuid7())
    )


def received(made: pb.Return, *parts: Part, **fields: Any) -> asks.ReceiveReturnRequest:
    """Returns a request with parts: quantity, condition, whether restocked, warehouse."""
    lines = [
        asks.ReceivedLineInput(
            order_line_id=made.lines[0].order_line_id, quantity=quantity,
            condition=condition, restock=restock, warehouse=warehouse,
        )
        for quantity, condition, restock, warehouse in parts
    ]  # fmt: skip
    return asks.ReceiveReturnRequest(return_id=made.id, lines=lines, **fields)


async def receive(world: World, made: pb.Return, *parts: Part) -> pb.Return:
    return await world.ask(world.returns.ReceiveReturn, received(made, *parts), staff(world))


async def refund(world: World, made: pb.Return, **fields: Any) -> pb.Return:
    asked = asks.RefundReturnRequest(return_id=made.id, **fields)
    return await world.ask(world.returns.RefundReturn, asked, staff(world), key=str(uuid7()))


async def allow(world: World, **settings: Any) -> None:
    chosen = settings_pb.AfterSaleSettings(channel="default", **settings)
    asked = settings_pb.PutAfterSaleSettingsRequest(settings=chosen)
    await world.ask(world.after_sale.PutAfterSaleSettings, asked, staff(world))


async def kinds(world: World) -> list[str]:
    return [kind for kind in await world.outbox() if kind.startswith("Return")]


async def test_a_return_goes_from_the_request_to_the_refund(world: World) -> None:
    await allow(world, return_address=an_address(organization="Sojourn Returns"))
    owner_id, order = await delivered(world, quantity=3, discount_minor=-10)
    token, key = world.shopper(owner_id), str(uuid7())

    made = await request(world, order, a_line(order, 2), token=token, key=key)
    again = await request(world, order, a_line(order, 2), token=token, key=key)
    label = pb.ReturnLabel(url="https://labels.example/1", carrier="DHL", tracking_number="R1")
    accept = asks.AcceptReturnRequest(return_id=made.id, label=label, expected_version=made.version)
    accepted = await world.ask(world.returns.AcceptReturn, accept, staff(world))
    back = await receive(
        world, accepted,
        (1, pb.RETURN_CONDITION_AS_NEW, True, "main"), (1, pb.RETURN_CONDITION_DAMAGED, False, ""),
    )  # fmt: skip
    done = await refund(world, back, deduction=eur(5_00), deduction_reason="It was worn.")
    repeated = await refund(world, back)

    assert again == made
    assert (made.status, made.lines[0].reason_title) == (
        pb.RETURN_STATUS_REQUESTED, "Beschädigt oder defekt",
    )  # fmt: skip
    assert not made.HasField("return_address")
    assert (accepted.label, accepted.return_address.organization) == (label, "Sojourn Returns")
    assert [(each.quantity.steps, each.restocked) for each in back.lines[0].received] == [
        (1, True), (1, False),
    ]  # fmt: skip
    # 74.90 EUR for three: two are 49.93.
    assert done == repeated
    assert (done.status, done.goods, done.delivery, done.deduction, done.refunded) == (
        pb.RETURN_STATUS_REFUNDED, eur(49_93), eur(0), eur(5_00), eur(44_93),
    )  # fmt: skip
    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (79_80, 44_93)
    assert world.stock.on_hand[str(world.variant_id)] == 8
    assert await kinds(world) == [
        "ReturnRequested", "ReturnAccepted", "ReturnReceived", "ReturnRefunded",
    ]  # fmt: skip
    [refunded] = await world.events(OrderRefunded)
    assert refunded.refund.return_id == made.id
    assert refunded.order.lines[0].returned.steps == 2
    assert await world.scalar("SELECT array_agg(action ORDER BY id) FROM audit") == [
        "after_sale_settings.put", "order.ship", "order.deliver", "return.accepted",
        "return.received", "return.refund",
    ]  # fmt: skip
    assert "heel" not in str(await world.scalar("SELECT json_agg(audit) FROM audit"))


async def test_the_last_goods_of_an_order_take_their_delivery_back(world: World) -> None:
    _, order = await delivered(world, quantity=2)
    parts = (1, pb.RETURN_CONDITION_AS_NEW, True, "")
    first, second = (
        await request(world, order, a_line(order, 1)),
        await request(world, order, a_line(order, 1)),
    )

    one = await refund(world, await receive(world, first, parts))
    other = await refund(world, await receive(world, second, parts))

    assert (one.refunded, other.delivery, other.refunded) == (eur(25_00), eur(4_90), eur(29_90))
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 0
    assert world.stock.on_hand[str(world.variant_id)] == 10


async def test_a_guest_returns_goods_with_the_token_of_a_link(
    world: World, refusal_of: Callable[..., Any]
) -> None:
    _, order = await delivered(world, quantity=2)
    async with world.database.tx() as tx:
        await request_order_link(tx, OrderLinkRequest(order.number, order.email))
    [link] = await world.events(OrderLinkRequested)
    async with world.database.tx() as tx:
        access = await open_order_link(tx, link.token)
    asked = asks.RequestLinkedReturnRequest(access_token=access.token, lines=[a_line(order, 1)])

    made = await world.peer.ask(world.returns.RequestLinkedReturn, asked, key=str(uuid7()))
    asked.access_token = "another"
    unknown = await refusal_of(
        world.peer.ask(world.returns.RequestLinkedReturn, asked, key=str(uuid7()))
    )

    assert (made.order_id, made.status) == (order.id, pb.RETURN_STATUS_REQUESTED)
    assert unknown == "ORDER_LINK_NOT_FOUND"


async def test_buyers_return_within_the_days_of_the_channel_and_staff_at_any_time(
    world: World, refusal_of: Callable[..., Any]
) -> None:
    await allow(world, return_days=3)
    owner_id, order = await delivered(world, quantity=3)
    token = world.shopper(owner_id)

    world.clock.shift_to(3 * DAY - 60)
    await request(world, order, a_line(order, 1), token=token)
    world.clock.shift_to(3 * DAY + 60)

    assert await refusal_of(request(world, order, a_line(order, 1), token=token)) == (
        "RETURN_PERIOD_OVER"
    )
    assert (await request(world, order, a_line(order, 1))).status == pb.RETURN_STATUS_REQUESTED


async def test_only_what_was_shipped_and_is_not_asked_back_is_returned(
    world: World, refusal_of: Callable[..., Any]
) -> None:
    owner_id, order = await delivered(world, quantity=2)
    _, unshipped = await world.buy(quantity=1)
    token = world.shopper(owner_id)
    made = await request(world, order, a_line(order, 2), token=token)
    cancel = asks.CancelReturnRequest(return_id=made.id)

    async def refused(asked: checkout_pb2.Order, line: Any, by: str = "") -> Any:
        return await refusal_of(request(world, asked, line, token=by))

    assert await refused(unshipped, a_line(unshipped, 1)) == "WRONG_ORDER_STATUS"
    assert await refused(order, a_line(order, 1)) == "QUANTITY_EXCEEDS_RETURNABLE"
    assert await refused(order, a_line(unshipped, 1)) == "ORDER_LINE_NOT_FOUND"
    assert await refused(order, a_line(order, 1, "boredom")) == "UNKNOWN_RETURN_REASON"
    assert await refused(order, a_line(order, 1), world.shopper(uuid7())) == "ORDER_NOT_FOUND"
    kept = await world.ask(world.returns.CancelReturn, cancel, token)
    assert (kept.status, await world.ask(world.returns.CancelReturn, cancel, token)) == (
        pb.RETURN_STATUS_CANCELLED, kept,
    )  # fmt: skip
    assert (await request(world, order, a_line(order, 2))).lines[0].item.quantity.steps == 2


async def test_a_return_is_its_buyers_and_its_states_follow_each_other(
    world: World, refusal_of: Callable[..., Any]
) -> None:
    owner_id, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 1), token=world.shopper(owner_id))
    get = asks.GetReturnRequest(return_id=made.id)
    mine = asks.ListReturnsRequest()
    reject = asks.RejectReturnRequest(return_id=made.id, shop_note="It is worn.")
    stale = asks.RejectReturnRequest(return_id=made.id, shop_note="No.", expected_version=9)
    nowhere = received(made, (1, pb.RETURN_CONDITION_OPENED, True, "nowhere"))
    too_many = received(made, (2, pb.RETURN_CONDITION_OPENED, True, ""))
    service, other = world.returns, world.shopper(uuid7())

    assert await refusal_of(world.ask(service.GetReturn, get, other)) == "RETURN_NOT_FOUND"
    assert list((await world.ask(service.ListReturns, mine, other)).returns) == []
    [listed] = (await world.ask(service.ListReturns, mine, world.shopper(owner_id))).returns
    assert listed == made
    assert await refusal_of(world.ask(service.RejectReturn, reject, other)) == "SCOPE_REQUIRED"
    assert await refusal_of(refund(world, made)) == "WRONG_RETURN_STATUS"
    for asked, reason in (
        (nowhere, "UNKNOWN_WAREHOUSE"), (too_many, "QUANTITY_EXCEEDS_RETURNABLE"),
    ):  # fmt: skip
        assert await refusal_of(world.ask(service.ReceiveReturn, asked, staff(world))) == reason
    assert await refusal_of(world.ask(service.RejectReturn, stale, staff(world))) == (
        "VERSION_MISMATCH"
    )
    rejected = await world.ask(service.RejectReturn, reject, staff(world))
    assert (rejected.status, rejected.shop_note) == (pb.RETURN_STATUS_REJECTED, "It is worn.")
    assert await refusal_of(
        receive(world, made, (1, pb.RETURN_CONDITION_OPENED, True, ""))
    ) == "WRONG_RETURN_STATUS"  # fmt: skip


async def test_staff_keep_the_reasons_that_buyers_see_in_their_language(
    world: World, refusal_of: Callable[..., Any]
) -> None:
    def put(version: int = 0, **fields: Any) -> Any:
        reason = asks.ReturnReason(code="loud", titles={"en": "Too loud", "de": "Zu laut"},
        **fields)  # fmt: skip
        asked = asks.PutReturnReasonRequest(return_reason=reason, expected_version=version)
        return world.ask(world.reasons.PutReturnReason, asked, staff(world))

    async def shown() -> dict[str, str]:
        asked = asks.ListReturnReasonsRequest(locale="de-AT")
        found = await world.peer.ask(world.returns.ListReturnReasons, asked)
        return {each.code: each.title for each in found.reasons}

    assert (await put()).version == 1
    assert (await put()).version == 1
    assert list(await shown())[:2] == ["loud", "changed-mind"]
    assert (await shown())["loud"] == "Zu laut"
    assert await refusal_of(put(7, position=3)) == "VERSION_MISMATCH"
    assert (await put(1, active=False)).version == 2
    assert "loud" not in await shown()
    delete = asks.DeleteReturnReasonRequest(code="loud")
    for _ in range(2):
        await world.ask(world.reasons.DeleteReturnReason, delete, staff(world))
    everything = asks.ListReturnReasonRulesRequest()
    rules = await world.ask(world.reasons.ListReturnReasonRules, everything, staff(world))
    assert "loud" not in {each.code for each in rules.return_reasons}


@pytest.mark.parametrize("point", ["receive", "commit", "refund"])
async def test_a_kill_at_any_step_ends_in_one_refund_and_one_restock(
    world: World, tmp_path: Path, point: str
) -> None:
    _, order = await delivered(world, quantity=3)
    made = await request(world, order, a_line(order, 2))
    part = (2, pb.RETURN_CONDITION_AS_NEW, True, "")
    if point != "receive":
        made = await receive(world, made, part)
    crash = {"CRASH_AT": f"after:return:{point}", "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        stub = returns_pb2_grpc.ReturnServiceStub
        there = running.peer.stub(stub)
        asked = (
            running.peer.ask(there.ReceiveReturn, received(made, part),
                             authorization=staff(world), timeout=5)
            if point == "receive"
            else running.peer.ask(there.RefundReturn, asks.RefundReturnRequest(return_id=made.id),
                                  authorization=staff(world), key=str(uuid7()), timeout=5)
        )  # fmt: skip
        killed = asyncio.ensure_future(asked)
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _is_restocked(world, made))
        if point == "receive":
            await refund(world, made)
        await eventually(lambda: _is_told(world))

    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (75_00, 50_00)
    assert world.stock.on_hand[str(world.variant_id)] == 9


async def _is_restocked(world: World, made: pb.Return) -> bool:
    found = await world.scalar("SELECT is_restocked FROM order_return WHERE id = %s",
    [UUID(made.id)])  # fmt: skip
    return bool(found) and world.stock.on_hand[str(world.variant_id)] == 9


async def _is_told(world: World) -> bool:
    return len(await world.events(return_events_pb2.ReturnRefunded)) == 1


async def test_a_store_takes_goods_back_and_refunds_them_in_one_call(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=3)
    line = asks.StoreReturnLineInput(
        order_line_id=order.lines[0].id, quantity=2, reason="damaged",
        condition=pb.RETURN_CONDITION_AS_NEW, restock=True,
    )  # fmt: skip
    asked = asks.ReturnInStoreRequest(
        order_id=order.id, lines=[line], refund=asks.StoreReturnRefund()
    )
    token, key = staff(world), str(uuid7())
    made = await world.ask(world.returns.ReturnInStore, asked, token, key=key)
    again = await world.ask(world.returns.ReturnInStore, asked, token, key=key)
    line.quantity = 2
    too_many = asks.ReturnInStoreRequest(order_id=order.id, lines=[line])
    refused = await refusal_of(
        world.ask(world.returns.ReturnInStore, too_many, staff(world), key=str(uuid7()))
    )
    nowhere = asks.ReturnInStoreRequest(order_id=str(uuid7()), lines=[line])
    unknown = await refusal_of(
        world.ask(world.returns.ReturnInStore, nowhere, staff(world), key=str(uuid7()))
    )
    async with world.working():
        await eventually(lambda: _is_told(world))

    assert again.id == made.id
    assert made.refunded.amount_minor == 50_00
    assert (refused, unknown) == ("QUANTITY_EXCEEDS_RETURNABLE", "ORDER_NOT_FOUND")
    assert (await world.provider.sums(order.id))["refunded_minor"] == 50_00
    assert world.stock.on_hand[str(world.variant_id)] == 9
    assert await world.outbox(kind="ReturnRequested") == []
