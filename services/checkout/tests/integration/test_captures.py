"""Payments that are authorized with an order and taken with its shipments, at the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from cart.testing import a_line
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.documents.actions import issue_documents
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from services.checkout.tests.integration.test_order_edits import an_edit, another, edit
from services.checkout.tests.integration.test_returns import a_line as return_line
from services.checkout.tests.integration.test_returns import receive, refund, request, staff
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import payment_captures_pb2 as captures_pb
from sojourn.checkout.v1 import payment_methods_pb2 as methods_pb
from sojourn.checkout.v1 import return_pb2 as return_pb

AUTHORIZED, PARTLY, CAPTURED = (
    pb.PAYMENT_STATUS_AUTHORIZED,
    pb.PAYMENT_STATUS_PARTIALLY_CAPTURED,
    pb.PAYMENT_STATUS_CAPTURED,
)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A shop that takes its money with its shipments."""
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("card", capture=methods_pb.CAPTURE_POINT_SHIPMENT)
    yield world


async def buy(shop: World) -> tuple[Any, pb.Order]:
    """Places an order of two lines, of 25.00 and 10.00 EUR, delivered for 4.90 EUR."""
    other = uuid7()
    shop.stock.on_hand[str(other)] = 5
    return await shop.buy(more=[a_line(other, quantity=1, price_minor=10_00, mass_grams=100)])


async def shown(shop: World, order: pb.Order) -> pb.Order:
    request, token = pb.GetOrderRequest(order_id=order.id), shop.tokens.staff("orders.read")
    return await shop.ask(shop.orders.GetOrder, request, token)


async def ship(shop: World, order: pb.Order, *lines: int) -> pb.Order:
    request = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL", tracking_number="1Z")
    for index in lines:
        request.lines.add(order_line_id=order.lines[index].id, quantity=1)
    token = shop.tokens.staff("orders.write")
    return await shop.ask(shop.orders.CreateShipment, request, token, key=str(uuid7()))


async def cancel(shop: World, order: pb.Order, *lines: int) -> pb.Order:
    request = pb.CancelOrderLinesRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    for index in lines:
        request.lines.add(order_line_id=order.lines[index].id, quantity=1)
    token = shop.tokens.staff("orders.write")
    return await shop.ask(shop.orders.CancelOrderLines, request, token, key=str(uuid7()))


async def becomes(shop: World, order: pb.Order, status: pb.PaymentStatus.ValueType) -> pb.Payment:
    async def is_so() -> bool:
        return (await shown(shop, order)).payments[0].status == status

    await eventually(is_so)
    return (await shown(shop, order)).payments[0]


async def holding(shop: World, order: pb.Order, amount_minor: int) -> dict[str, int]:
    async def is_so() -> bool:
        return (await shop.provider.sums(order.id))["holding_minor"] == amount_minor

    await eventually(is_so)
    return await shop.provider.sums(order.id)


async def listed(shop: World, **request: Any) -> list[captures_pb.PaymentCapture]:
    message = captures_pb.ListPaymentCapturesRequest(**request)
    token = shop.tokens.staff("orders.read")
    return list((await shop.ask(shop.captures.ListPaymentCaptures, message, token)).captures)


async def test_an_order_is_placed_with_its_money_authorized(shop: World) -> None:
    _, order = await buy(shop)

    sums = await shop.provider.sums(order.id)
    request = captures_pb.ListPaymentAuthorizationsRequest()
    token = shop.tokens.staff("orders.read")
    held = await shop.ask(shop.captures.ListPaymentAuthorizations, request, token)
    assert (order.status, order.payments[0].status) == (pb.ORDER_STATUS_PLACED, AUTHORIZED)
    assert (sums["holding_minor"], sums["captured_minor"]) == (39_90, 0)
    [found] = held.authorizations
    assert (found.number, found.amount.amount_minor) == (order.number, 39_90)
    assert found.HasField("expires_at")


async def test_each_shipment_takes_its_part_and_the_last_one_the_rest(shop: World) -> None:
    _, order = await buy(shop)

    async with shop.working():
        await ship(shop, order, 0)
        first = await becomes(shop, order, PARTLY)
        await ship(shop, order)
        last = await becomes(shop, order, CAPTURED)

    assert (first.captured.amount_minor, last.captured.amount_minor) == (29_90, 39_90)
    sums = await shop.provider.sums(order.id)
    assert (sums["captured_minor"], sums["holding_minor"]) == (39_90, 0)
    assert (await shop.outbox()).count("OrderPaid") == 1
    assert [each.amount.amount_minor for each in await listed(shop)] == [10_00, 29_90]


async def test_a_cancellation_of_the_rest_releases_it(shop: World) -> None:
    _, order = await buy(shop)

    async with shop.working():
        await ship(shop, order, 0)
        await becomes(shop, order, PARTLY)
        after = await cancel(shop, order, 1)
        await becomes(shop, order, CAPTURED)
        sums = await holding(shop, order, 0)

    assert after.cancellations[0].voided.amount_minor == 10_00
    assert not after.refunds
    assert (sums["captured_minor"], sums["voided_minor"]) == (29_90, 10_00)


async def test_a_cancelled_order_takes_nothing(shop: World) -> None:
    buyer_id, order = await buy(shop)
    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)

    cancelled = await shop.ask(shop.orders.CancelOrder, request, shop.shopper(buyer_id))

    sums = await shop.provider.sums(order.id)
    assert cancelled.status == pb.ORDER_STATUS_CANCELLED
    assert cancelled.payments[0].status == pb.PAYMENT_STATUS_VOIDED
    assert (sums["captured_minor"], sums["holding_minor"]) == (0, 0)


async def test_lines_that_are_cancelled_first_are_never_taken(shop: World) -> None:
    _, order = await buy(shop)

    async with shop.working():
        await cancel(shop, order, 1)
        await ship(shop, order)
        paid = await becomes(shop, order, CAPTURED)
        sums = await holding(shop, order, 0)

    assert paid.captured.amount_minor == sums["captured_minor"] == 29_90


async def test_a_refused_capture_holds_the_order_and_is_tried_again(
    shop: World, refusal_of: Any
) -> None:
    _, order = await buy(shop)
    payment_id = await shop.scalar(
        "SELECT provider_payment_id FROM payment WHERE order_id = %s", [order.id]
    )
    (await shop.provider.http.post(f"/v1/payments/{payment_id}/void")).raise_for_status()

    async with shop.working():
        await ship(shop, order, 0)

        async def has_failed() -> bool:
            return bool(await listed(shop, status=captures_pb.PAYMENT_CAPTURE_STATUS_FAILED))

        await eventually(has_failed)
        assert await refusal_of(ship(shop, order)) == "ORDER_ON_HOLD"
        [failed] = await listed(shop, status=captures_pb.PAYMENT_CAPTURE_STATUS_FAILED)
        request = captures_pb.RetryPaymentCaptureRequest(capture_id=failed.id)
        token = shop.tokens.staff("orders.write")
        again = await shop.ask(shop.captures.RetryPaymentCapture, request, token)
        await eventually(has_failed)

    assert again.status == captures_pb.PAYMENT_CAPTURE_STATUS_PENDING
    assert failed.failure_code == "wrong_payment_status"
    await shop.components.captures.watch()


async def test_a_capture_that_is_tried_again_takes_its_part(shop: World) -> None:
    _, order = await buy(shop)
    query = "SELECT provider_payment_id FROM payment WHERE order_id = %s"
    rename = "UPDATE payment SET provider_payment_id = %s WHERE order_id = %s RETURNING 1"
    payment_id = await shop.scalar(query, [order.id])
    await shop.scalar(rename, ["pay_unknown", order.id])

    async with shop.working():
        await ship(shop, order, 0)

        async def has_failed() -> bool:
            return bool(await listed(shop, status=captures_pb.PAYMENT_CAPTURE_STATUS_FAILED))

        await eventually(has_failed)
        await shop.scalar(rename, [payment_id, order.id])
        [failed] = await listed(shop, status=captures_pb.PAYMENT_CAPTURE_STATUS_FAILED)
        request = captures_pb.RetryPaymentCaptureRequest(capture_id=failed.id)
        await shop.ask(
            shop.captures.RetryPaymentCapture, request, shop.tokens.staff("orders.write")
        )
        await becomes(shop, order, PARTLY)

    sums = await shop.provider.sums(order.id)
    assert (sums["captured_minor"], sums["holding_minor"]) == (29_90, 10_00)
    assert await shop.scalar("SELECT attempt FROM payment_capture") == 1


async def test_what_a_gift_card_paid_counts_before_the_card_is_charged(shop: World) -> None:
    owner_id, issued, other = uuid7(), await shop.issue_card(20_00), uuid7()
    shop.stock.on_hand[str(other)] = 5
    lines = [a_line(other, quantity=1, price_minor=10_00, mass_grams=100)]
    checkout = await shop.ready(owner_id, more=lines)
    order = await shop.complete(await shop.apply_card(checkout, owner_id, issued.code), owner_id)
    held = (await shop.provider.sums(order.id))["holding_minor"]

    async with shop.working():
        await ship(shop, order, 0)
        after_first = await holding(shop, order, 10_00)
        await ship(shop, order)
        after_last = await holding(shop, order, 0)

        async def is_paid() -> bool:
            return (await shop.outbox()).count("OrderPaid") == 1

        await eventually(is_paid)

    assert held == 19_90
    assert (after_first["captured_minor"], after_last["captured_minor"]) == (9_90, 19_90)


async def test_goods_whose_money_is_authorized_are_not_exchanged(
    shop: World, refusal_of: Any
) -> None:
    _, order = await shop.buy(quantity=2)

    reason = await refusal_of(edit(shop, an_edit(order, another(shop, price_minor=20_00))))

    assert reason == "EXCHANGE_NOT_PAID"
    assert (await shop.provider.sums(order.id))["holding_minor"] == 54_90


async def test_an_invoice_asks_for_nothing_that_is_authorized(shop: World) -> None:
    _, order = await buy(shop)
    await ship(shop, order, 0)

    async with shop.database.tx() as tx:
        [invoice] = await issue_documents(tx, UUID(order.id))

    assert (invoice.content.paid_minor, invoice.content.due_minor) == (39_90, 0)


async def test_a_journal_books_each_part(shop: World) -> None:
    _, order = await buy(shop)

    async with shop.working():
        await ship(shop, order, 0)
        await becomes(shop, order, PARTLY)
        await ship(shop, order)
        await becomes(shop, order, CAPTURED)

    booked = await shop.scalar(
        "SELECT sum(amount_minor)::bigint FROM payment_capture WHERE captured_at IS NOT NULL"
    )
    assert booked == 39_90


@pytest.mark.parametrize("point", ["before:capture_part:do", "after:capture_part:do"])
async def test_a_process_that_dies_while_it_captures_takes_the_part_once(
    shop: World, tmp_path: Path, point: str
) -> None:
    _, order = await buy(shop)
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    async with shop.process(**crash) as dying:
        await ship(shop, order, 0)
        assert await dying.ended(within=20) == -9
    await shop.lapse_leases()
    async with shop.working():
        await becomes(shop, order, PARTLY)

    sums = await shop.provider.sums(order.id)
    assert (sums["captured_minor"], sums["holding_minor"]) == (29_90, 10_00)


@pytest.mark.parametrize("point", ["before:release:do", "after:release:do"])
async def test_a_process_that_dies_while_it_releases_leaves_nothing_held(
    shop: World, tmp_path: Path, point: str
) -> None:
    _, order = await buy(shop)
    async with shop.working():
        await ship(shop, order, 0)
        await becomes(shop, order, PARTLY)
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    async with shop.process(**crash) as dying:
        await cancel(shop, order, 1)
        assert await dying.ended(within=20) == -9
    await shop.lapse_leases()
    async with shop.working():
        sums = await holding(shop, order, 0)

    assert (sums["captured_minor"], sums["refunded_minor"]) == (29_90, 0)


async def test_a_return_gives_back_what_was_taken_and_leaves_what_is_authorized(
    shop: World,
) -> None:
    _, order = await buy(shop)
    async with shop.working():
        first = await ship(shop, order, 0)
        await becomes(shop, order, PARTLY)
        delivered = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=first.shipments[0].id)
        await shop.ask(shop.orders.MarkDelivered, delivered, staff(shop))
        made = await request(shop, order, return_line(order, 1))
        await receive(shop, made, (1, return_pb.RETURN_CONDITION_AS_NEW, True, ""))
        done = await refund(shop, made, without_delivery=True)
        sums = await shop.provider.sums(order.id)
        await ship(shop, await shown(shop, order), 1)
        payment = await becomes(shop, order, pb.PAYMENT_STATUS_PARTIALLY_REFUNDED)

    assert (done.refunded.amount_minor, done.voided.amount_minor) == (25_00, 0)
    assert (sums["refunded_minor"], sums["holding_minor"]) == (25_00, 10_00)
    assert (payment.captured.amount_minor, payment.refunded.amount_minor) == (39_90, 25_00)


async def test_what_is_paid_outside_is_not_captured_with_shipments(
    shop: World, refusal_of: Any
) -> None:
    offered = shop.offer(
        "cash",
        provider="offline",
        provider_method="cash_on_delivery",
        capture=methods_pb.CAPTURE_POINT_SHIPMENT,
    )

    assert await refusal_of(offered) == "INVALID_PAYMENT_METHOD"
