"""Cancellation of quantities that have not shipped: money, stock, events, and who may."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cart.testing import a_line
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import after_sale_pb2 as settings_pb
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.checkout.v1.events_pb2 import OrderLinesCancelled, OrderRefunded

OFFLINE = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)


def staff(world: World) -> str:
    return world.tokens.staff("orders.read", "orders.write")


def a_request(
    order: pb.Order, *quantities: int, expected_version: int = 0
) -> pb.CancelOrderLinesRequest:
    """Returns a request to cancel a quantity of each line, in their order."""
    return pb.CancelOrderLinesRequest(
        order_id=order.id,
        lines=[
            pb.CancelledLineInput(order_line_id=line.id, quantity=quantity)
            for line, quantity in zip(order.lines, quantities, strict=False)
            if quantity
        ],
        reason=pb.ORDER_REASON_BUYER_REQUEST,
        expected_version=expected_version,
    )


async def cancel(
    world: World, order: pb.Order, *quantities: int, token: str = "", key: str = "", **more: int
) -> Any:
    return await world.ask(
        world.orders.CancelOrderLines,
        a_request(order, *quantities, **more),
        token or staff(world),
        key=key or str(uuid7()),
    )


async def ship(world: World, order: pb.Order, quantity: int) -> pb.Order:
    line = pb.ShipmentLineInput(order_line_id=order.lines[0].id, quantity=quantity)
    request = pb.CreateShipmentRequest(
        order_id=order.id, carrier="DHL", tracking_number="1Z", lines=[line]
    )
    return await world.ask(world.orders.CreateShipment, request, staff(world), key=str(uuid7()))


async def deliver(world: World, order: pb.Order) -> pb.Order:
    for shipment in order.shipments:
        request = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipment.id)
        order = await world.ask(world.orders.MarkDelivered, request, staff(world))
    return order


async def allow(world: World, **settings: Any) -> settings_pb.AfterSaleSettings:
    request = settings_pb.PutAfterSaleSettingsRequest(
        settings=settings_pb.AfterSaleSettings(channel="default", **settings)
    )
    return await world.ask(world.after_sale.PutAfterSaleSettings, request, staff(world))


async def test_units_are_refunded_to_the_cent_restocked_and_told_once(world: World) -> None:
    owner_id, order = await world.buy(quantity=3, discount_minor=-10)
    key = str(uuid7())

    answers = await asyncio.gather(
        *(cancel(world, order, 1, token=world.shopper(owner_id), key=key) for _ in range(4))
    )
    done = await cancel(world, order, 1, token=world.shopper(owner_id), key=key)

    # 74.90 EUR for three, 4.90 for delivery, which stays.
    assert done.status == pb.ORDER_STATUS_PLACED
    assert {answer.lines[0].cancelled.steps for answer in answers} == {1}
    [made] = done.cancellations
    assert (made.status, made.goods, made.delivery, made.refunded, made.voided) == (
        pb.CANCELLATION_STATUS_DONE, eur(24_97), eur(0), eur(24_97), eur(0),
    )  # fmt: skip
    assert [line.item.quantity.steps for line in made.lines] == [1]
    assert [(each.amount, each.cancellation_id) for each in done.refunds] == [(eur(24_97), made.id)]
    assert [event.cancellation_id for event in done.history if event.cancellation_id] == [made.id]
    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (79_80, 24_97)
    assert world.stock.on_hand[str(world.variant_id)] == 8
    [told] = await world.events(OrderLinesCancelled)
    assert (told.cancellation, told.locale) == (made, "de-DE")
    assert len(await world.events(OrderRefunded)) == 1
    assert await world.scalar("SELECT count(*) FROM audit") == 0


async def test_what_is_left_is_cancelled_with_the_order_and_gives_all_back(world: World) -> None:
    owner_id, order = await world.buy(quantity=3)
    await cancel(world, order, 2)

    done = await cancel(world, order, 1, token=world.shopper(owner_id))
    again = await cancel(world, order, 1, token=world.shopper(owner_id))

    assert (done.status, again.status) == (pb.ORDER_STATUS_CANCELLED, pb.ORDER_STATUS_CANCELLED)
    sums = await world.provider.sums(order.id)
    assert sums["captured_minor"] == sums["refunded_minor"]
    assert world.stock.on_hand[str(world.variant_id)] == 10
    assert await world.scalar("SELECT array_agg(action ORDER BY id) FROM audit") == [
        "order.cancel_lines"
    ]


async def test_cancelling_the_rest_of_what_was_delivered_ends_the_order(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy(quantity=3)
    await deliver(world, await ship(world, order, 2))
    too_many = await refusal_of(cancel(world, order, 2))

    done = await cancel(world, order, 1)

    assert too_many == "QUANTITY_EXCEEDS_ORDERED"
    assert done.status == pb.ORDER_STATUS_DELIVERED
    assert [made.refunded for made in done.cancellations] == [eur(25_00)]
    assert await refusal_of(cancel(world, order, 1)) == "WRONG_ORDER_STATUS"


async def test_delivery_goes_back_in_the_share_of_the_goods_where_the_channel_says_so(
    world: World,
) -> None:
    await allow(world, delivery_refund=settings_pb.DELIVERY_REFUND_SHARE)
    other = uuid7()
    world.stock.on_hand[str(other)] = 1
    _, order = await world.buy(quantity=2, more=[a_line(other, price_minor=20_00)])

    done = await cancel(world, order, 1, 1)

    [made] = done.cancellations
    assert (made.goods, made.delivery, made.refunded) == (eur(45_00), eur(3_15), eur(48_15))
    assert world.stock.on_hand[str(other)] == 1


async def test_never_more_goes_back_than_is_left_of_the_payment(world: World) -> None:
    _, order = await world.buy(quantity=2)
    refund = pb.RefundOrderRequest(
        order_id=order.id, amount=eur(40_00), reason=pb.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.RefundOrder, refund, staff(world), key=str(uuid7()))

    done = await cancel(world, order, 1)

    assert [made.refunded for made in done.cancellations] == [eur(14_90)]
    assert done.payments[0].status == pb.PAYMENT_STATUS_REFUNDED


@OFFLINE
async def test_what_is_not_paid_yet_is_no_longer_owed(world: World) -> None:
    await world.offer("cash", provider="offline", provider_method="cash_on_delivery")
    owner_id = uuid7()
    checkout = await world.ready(owner_id, quantity=2)
    update = pb.UpdateCheckoutRequest(checkout_id=checkout.id, payment_method_id="cash")
    ready = await world.ask(world.checkouts.UpdateCheckout, update, world.shopper(owner_id))
    order = await world.complete(ready, owner_id)

    less = await cancel(world, order, 1)
    paid = await deliver(world, await ship(world, order, 1))

    [made] = less.cancellations
    assert (made.refunded, made.voided) == (eur(0), eur(25_00))
    assert [payment.amount for payment in less.payments] == [eur(29_90)]
    assert [payment.captured for payment in paid.payments] == [eur(29_90)]
    assert not await world.events(OrderRefunded)


async def test_buyers_cancel_as_long_as_the_channel_lets_them_and_staff_always(
    world: World, refusal_of: Any
) -> None:
    kept = await allow(world, cancellation_minutes=60)
    owner_id, order = await world.buy(quantity=4)
    token = world.shopper(owner_id)
    await cancel(world, order, 1, token=token)

    world.clock.shift_to(7_200)
    late = await refusal_of(cancel(world, order, 1, token=token))
    whole = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    whole_late = await refusal_of(world.ask(world.orders.CancelOrder, whole, token))
    by_staff = await cancel(world, order, 1)

    assert kept.version == 1
    assert (late, whole_late) == ("CANCELLATION_NOT_OFFERED", "CANCELLATION_NOT_OFFERED")
    assert by_staff.lines[0].cancelled.steps == 2


async def test_settings_are_kept_by_staff_with_their_version(world: World, refusal_of: Any) -> None:
    read = settings_pb.GetAfterSaleSettingsRequest(channel="default")
    before = await world.ask(world.after_sale.GetAfterSaleSettings, read, staff(world))
    kept = await allow(world, cancellation_minutes=0)
    stale = settings_pb.PutAfterSaleSettingsRequest(settings=before, expected_version=7)

    assert (before.version, before.delivery_refund) == (0, settings_pb.DELIVERY_REFUND_WHOLE_ORDER)
    assert not before.HasField("cancellation_minutes")
    assert await allow(world, cancellation_minutes=0) == kept
    put = world.after_sale.PutAfterSaleSettings
    assert await refusal_of(world.ask(put, stale, staff(world))) == "VERSION_MISMATCH"
    buyer = world.shopper(uuid7())
    assert await refusal_of(world.ask(put, stale, buyer)) == "SCOPE_REQUIRED"
    assert await world.scalar("SELECT count(*) FROM audit") == 1


async def test_others_versions_lines_and_increments_are_refused(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy(quantity=4, increment=2)
    foreign = pb.Order(id=order.id, lines=[pb.OrderLine(id=str(uuid7()))])
    key, by = str(uuid7()), staff(world)
    await cancel(world, order, 2, key=key, token=by, expected_version=order.version)

    assert await refusal_of(cancel(world, order, 1, token=world.shopper(uuid7()))) == (
        "ORDER_NOT_FOUND"
    )
    assert await refusal_of(cancel(world, order, 1, expected_version=order.version)) == (
        "VERSION_MISMATCH"
    )
    assert await refusal_of(cancel(world, foreign, 1)) == "ORDER_LINE_NOT_FOUND"
    assert await refusal_of(cancel(world, order, 1)) == "WRONG_INCREMENT"
    assert await refusal_of(cancel(world, order, 1, key=key, token=by)) == "KEY_REUSED"


@pytest.mark.parametrize("point", ["commit", "restock", "refund"])
async def test_a_kill_at_any_step_ends_in_one_refund_and_one_restock(
    world: World, tmp_path: Path, point: str
) -> None:
    _, order = await world.buy(quantity=3)
    crash = {"CRASH_AT": f"after:cancel_lines:{point}", "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        stub = running.peer.stub(pb_grpc.OrderServiceStub)
        cancelling = asyncio.ensure_future(
            running.peer.ask(
                stub.CancelOrderLines,
                a_request(order, 2),
                authorization=staff(world),
                key=str(uuid7()),
                timeout=5,
            )
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await cancelling
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _is_told(world))

    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (75_00, 50_00)
    assert world.stock.on_hand[str(world.variant_id)] == 9
    async with world.database.read() as read:
        rows = await read.fetch("SELECT cancelled_quantity FROM order_line WHERE order_id = %s",
        [UUID(order.id)])  # fmt: skip
    assert rows == [(2,)]


async def _is_told(world: World) -> bool:
    return len(await world.events(OrderLinesCancelled)) == 1
