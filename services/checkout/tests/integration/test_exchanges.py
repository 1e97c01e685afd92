"""Exchanges: replacements of goods that come back, their money, their stock and their holds."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PRICE_MINOR, World
from services.checkout.tests.integration.test_returns import (
    a_line,
    allow,
    deliver,
    delivered,
    receive,
    refund,
    request,
    staff,
)
from services.checkout.tests.integration.test_tax_reliefs import bound_for_vienna, set_taxes
from sojourn.checkout.v1 import after_sale_pb2 as settings_pb
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers
from sojourn.checkout.v1 import checkout_pb2, exchanges_pb2_grpc, returns_pb2, returns_pb2_grpc
from sojourn.checkout.v1 import exchanges_pb2 as asks
from sojourn.checkout.v1 import order_desk_pb2 as desk_pb
from sojourn.checkout.v1 import refund_destination_pb2 as destination_pb
from sojourn.checkout.v1 import return_pb2 as pb

GOOD = (2, pb.RETURN_CONDITION_AS_NEW, True, "")
CURRENT = asks.EXCHANGE_PRICING_CURRENT
OFFLINE = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)


def another(world: World, *, price_minor: int = PRICE_MINOR, on_hand: int = 5) -> str:
    """Sells another variant; returns its id."""
    variant_id = world.catalog.sell(price_minor=price_minor)
    world.stock.on_hand[variant_id] = on_hand
    return variant_id


async def exchange(
    world: World,
    made: pb.Return,
    variant_id: str,
    *,
    key: str = "",
    token: str = "",
    **fields: Any,
) -> pb.Return:
    line = asks.ExchangeLineInput(order_line_id=made.lines[0].order_line_id, variant_id=variant_id)
    asked = asks.ExchangeReturnRequest(return_id=made.id, lines=[line], **fields)
    return await world.ask(
        world.exchanges.ExchangeReturn, asked, token or staff(world), key=key or str(uuid7())
    )


async def exchange_dearer(
    world: World, monkeypatch: pytest.MonkeyPatch, *, key: str = ""
) -> tuple[checkout_pb2.Order, pb.Return, checkout_pb2.Order]:
    """Returns an order, its return, and the replacement that costs 8 EUR more, by transfer."""
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank", provider="offline", provider_method="bank_transfer")
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    dearer = another(world, price_minor=PRICE_MINOR + 4_00)
    made = await exchange(world, made, dearer, key=key, pricing=CURRENT, payment_method_id="bank")
    return order, made, await read(world, made.replacement_order_id)


def transfer_of(order: checkout_pb2.Order) -> checkout_pb2.Payment:
    [found] = [each for each in order.payments if each.reference]
    return found


async def transfer(world: World, order: checkout_pb2.Order) -> None:
    owed = transfer_of(order)
    line = transfers.BankTransferLine(id=str(uuid7()), text=owed.reference, amount=owed.amount)
    done = await world.ask(
        world.transfers.ImportBankTransfers,
        transfers.ImportBankTransfersRequest(lines=[line]),
        world.tokens.staff("payments.write"),
        key=str(uuid7()),
    )
    assert done.settled == 1


async def becomes(world: World, order_id: str, status: Any) -> None:
    async def is_so() -> bool:
        return (await read(world, order_id)).status == status

    async with world.working():
        await eventually(is_so)


async def read(world: World, order_id: str) -> checkout_pb2.Order:
    asked = checkout_pb2.GetOrderRequest(order_id=order_id)
    return await world.ask(world.orders.GetOrder, asked, staff(world))


async def hold_of(world: World, order_id: str) -> int:
    asked = desk_pb.GetStaffOrderRequest(order_id=order_id)
    found = await world.ask(world.desk.GetStaffOrder, asked, staff(world))
    return int(found.hold.reason)


async def test_an_equal_exchange_moves_no_money_at_the_provider_and_ships_once_goods_are_back(
    world: World, refusal_of: Any
) -> None:
    owner_id, order = await delivered(world, quantity=2)
    variant_id, key, token = another(world), str(uuid7()), staff(world)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, variant_id, key=key, token=token)
    again = await exchange(world, made, variant_id, key=key, token=token)
    waiting = await read(world, exchanged.replacement_order_id)
    early = await refusal_of(world.ship(waiting))
    await receive(world, made, GOOD)
    shipped = await world.ship(waiting)
    done = await refund(world, made)
    paid = await read(world, waiting.id)
    first = await read(world, order.id)
    ledger = await world.provider.sums(order.id)

    assert again.replacement_order_id == waiting.id
    assert (waiting.status, waiting.owner_id) == (checkout_pb2.ORDER_STATUS_PLACED, str(owner_id))
    assert (waiting.replaces_order_id, waiting.number != "") == (order.id, True)
    assert [each.status for each in waiting.payments] == [checkout_pb2.PAYMENT_STATUS_PENDING]
    assert early == "ORDER_ON_HOLD"
    assert shipped.status == checkout_pb2.ORDER_STATUS_SHIPPED
    assert done.status == pb.RETURN_STATUS_REFUNDED
    assert done.exchanged.amount_minor == waiting.payments[0].amount.amount_minor
    delivery_minor = done.refunded.amount_minor - done.exchanged.amount_minor
    assert [each.captured.amount_minor for each in paid.payments] == [2 * PRICE_MINOR]
    assert ledger["refunded_minor"] == delivery_minor
    assert {each.destination for each in first.refunds} >= {
        destination_pb.REFUND_DESTINATION_REPLACEMENT
    }
    assert world.stock.on_hand[variant_id] == 3
    assert world.stock.on_hand[order.lines[0].item.variant_id] == 10


async def test_what_was_exchanged_and_comes_back_too_is_refunded_by_the_first_payment(
    world: World,
) -> None:
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, another(world))
    await receive(world, made, GOOD)
    await refund(world, made, without_delivery=True)
    second = await world.ship(await read(world, exchanged.replacement_order_id))
    back = await request(world, second, a_line(second, 2))
    await receive(world, back, GOOD)
    done = await refund(world, back)
    ledger = await world.provider.sums(order.id)

    assert done.refunded.amount_minor == 2 * PRICE_MINOR
    assert ledger["refunded_minor"] == 2 * PRICE_MINOR


async def test_a_cheaper_replacement_refunds_the_rest_and_a_dearer_one_is_refused(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    current = CURRENT
    dearer = another(world, price_minor=PRICE_MINOR + 1)
    refused = await refusal_of(exchange(world, made, dearer, pricing=current))
    cheaper = another(world, price_minor=PRICE_MINOR - 5_00)
    exchanged = await exchange(world, made, cheaper, pricing=current)
    await receive(world, made, GOOD)
    done = await refund(world, made, without_delivery=True)
    ledger = await world.provider.sums(order.id)

    assert refused == "EXCHANGE_COSTS_MORE"
    assert exchanged.replacement_order_id
    assert (done.refunded.amount_minor, done.exchanged.amount_minor) == (
        2 * PRICE_MINOR, 2 * PRICE_MINOR - 10_00,
    )  # fmt: skip
    assert ledger["refunded_minor"] == 10_00


@OFFLINE
@pytest.mark.parametrize("is_refunded_first", [True, False])
async def test_a_dearer_replacement_ships_once_the_goods_and_the_difference_came(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch, is_refunded_first: bool
) -> None:
    order, made, second = await exchange_dearer(world, monkeypatch)
    await receive(world, made, GOOD)
    if is_refunded_first:
        await refund(world, made, without_delivery=True)
        early = await refusal_of(world.ship(second))
        await transfer(world, second)
    else:
        early = await refusal_of(world.ship(second))
        await transfer(world, second)
        await refund(world, made, without_delivery=True)
    # The transfer is not awaited any more, whatever waits for the return.
    world.clock.shift_to(15 * 86_400)
    shipped = await world.ship(await read(world, second.id))
    ledger = await world.provider.sums(order.id)
    paid = await world.events(transfers.OrderPaid)

    assert transfer_of(second).amount.amount_minor == 8_00
    assert early == "PAYMENT_OUTSTANDING"
    assert shipped.status == checkout_pb2.ORDER_STATUS_SHIPPED
    assert {each.captured.amount_minor for each in shipped.payments} == {8_00, 2 * PRICE_MINOR}
    assert ledger["refunded_minor"] == 0
    assert [each.order.id for each in paid] == [second.id]


@OFFLINE
@pytest.mark.parametrize("is_refunded_first", [True, False])
async def test_a_difference_that_does_not_come_gives_all_of_the_return_back(
    world: World, monkeypatch: pytest.MonkeyPatch, is_refunded_first: bool
) -> None:
    order, made, second = await exchange_dearer(world, monkeypatch)
    await receive(world, made, GOOD)
    if is_refunded_first:
        await refund(world, made, without_delivery=True)
    world.clock.shift_to(15 * 86_400)
    await becomes(world, second.id, checkout_pb2.ORDER_STATUS_CANCELLED)
    if not is_refunded_first:
        await refund(world, made, without_delivery=True)
    ledger = await world.provider.sums(order.id)

    assert ledger["refunded_minor"] == 2 * PRICE_MINOR
    assert world.stock.on_hand[second.lines[0].item.variant_id] == 5


@OFFLINE
async def test_a_paid_replacement_that_is_withdrawn_gives_the_difference_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, made, second = await exchange_dearer(world, monkeypatch)
    await transfer(world, second)
    asked = checkout_pb2.CancelOrderRequest(
        order_id=second.id, reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrder, asked, staff(world))
    await becomes(world, second.id, checkout_pb2.ORDER_STATUS_CANCELLED)
    third = await exchange(world, made, another(world))
    await receive(world, made, GOOD)
    done = await refund(world, made, without_delivery=True)
    over = await read(world, second.id)
    ledger = await world.provider.sums(order.id)

    assert transfer_of(over).refunded.amount_minor == 8_00
    assert third.replacement_order_id != second.id
    assert done.exchanged.amount_minor == 2 * PRICE_MINOR
    assert ledger["refunded_minor"] == 0


@OFFLINE
async def test_lines_that_a_dearer_replacement_loses_lower_what_the_return_pays_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, made, second = await exchange_dearer(world, monkeypatch)
    await receive(world, made, (1, pb.RETURN_CONDITION_AS_NEW, True, ""))
    part = checkout_pb2.CancelledLineInput(order_line_id=second.lines[0].id, quantity=1)
    cancel = checkout_pb2.CancelOrderLinesRequest(
        order_id=second.id, lines=[part], reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrderLines, cancel, staff(world), key=str(uuid7()))
    done = await refund(world, made, without_delivery=True)
    left = await read(world, second.id)
    ledger = await world.provider.sums(order.id)

    assert transfer_of(left).amount.amount_minor == 8_00
    assert (done.refunded.amount_minor, done.exchanged.amount_minor) == (
        PRICE_MINOR, PRICE_MINOR - 4_00,
    )  # fmt: skip
    assert ledger["refunded_minor"] == 4_00


@OFFLINE
async def test_a_difference_by_a_method_that_takes_none_is_refused(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank", provider="offline", provider_method="bank_transfer")
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    dearer = another(world, price_minor=PRICE_MINOR + 4_00)
    refused = [
        await refusal_of(exchange(world, made, dearer, pricing=CURRENT, payment_method_id=method))
        for method in ("card", "unknown", "")
    ]

    assert refused == [
        "PAYMENT_METHOD_NOT_OFFERED", "PAYMENT_METHOD_NOT_OFFERED", "EXCHANGE_COSTS_MORE",
    ]  # fmt: skip
    assert await world.scalar("SELECT count(*) FROM orders") == 1


async def test_a_dearer_replacement_at_a_kept_price_costs_no_more(world: World) -> None:
    _, order = await delivered(world, quantity=2, tax_included=False)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, another(world, price_minor=PRICE_MINOR + 4_00))
    second = await read(world, exchanged.replacement_order_id)
    await receive(world, made, GOOD)
    done = await refund(world, made, without_delivery=True)

    assert second.lines[0].item.discount.amount_minor == -8_00
    assert done.exchanged.amount_minor <= done.refunded.amount_minor
    assert done.refunded.amount_minor - done.exchanged.amount_minor <= 1


async def test_a_replacement_that_is_sold_out_is_refused_and_another_may_be_chosen(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    sold_out = await refusal_of(exchange(world, made, another(world, on_hand=1)))
    unknown = await refusal_of(exchange(world, made, str(uuid7())))
    exchanged = await exchange(world, made, another(world))
    twice = await refusal_of(exchange(world, made, another(world)))

    assert (sold_out, unknown, twice) == ("OUT_OF_STOCK", "INVALID_EXCHANGE", "RETURN_EXCHANGED")
    assert exchanged.replacement_order_id


async def test_a_return_that_is_given_up_cancels_its_replacement(world: World) -> None:
    owner_id, order = await delivered(world, quantity=2)
    variant_id = another(world)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, variant_id)
    asked = returns_pb2.CancelReturnRequest(return_id=made.id)
    await world.ask(world.returns.CancelReturn, asked, world.shopper(owner_id))

    async def is_cancelled() -> bool:
        found = await read(world, exchanged.replacement_order_id)
        return found.status == checkout_pb2.ORDER_STATUS_CANCELLED

    async with world.working():
        await eventually(is_cancelled)
    second = await read(world, exchanged.replacement_order_id)
    assert second.payments[0].status == checkout_pb2.PAYMENT_STATUS_VOIDED
    assert world.stock.on_hand[variant_id] == 5
    assert (await world.provider.sums(order.id))["refunded_minor"] == 0


async def test_goods_that_do_not_cover_the_replacement_refund_nothing(
    world: World, refusal_of: Any
) -> None:
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, another(world))
    await receive(world, made, (1, pb.RETURN_CONDITION_AS_NEW, True, ""))
    refused = await refusal_of(refund(world, made))
    still = await hold_of(world, exchanged.replacement_order_id)
    second = await read(world, exchanged.replacement_order_id)
    part = checkout_pb2.CancelledLineInput(order_line_id=second.lines[0].id, quantity=1)
    cancel = checkout_pb2.CancelOrderLinesRequest(
        order_id=second.id, lines=[part], reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrderLines, cancel, staff(world), key=str(uuid7()))
    done = await refund(world, made)

    assert refused == "EXCHANGE_NOT_COVERED"
    assert still == desk_pb.HOLD_REASON_EXCHANGE
    assert (done.refunded.amount_minor, done.exchanged.amount_minor) == (PRICE_MINOR, PRICE_MINOR)


async def test_a_shop_that_trusts_its_buyers_ships_at_once(world: World) -> None:
    await allow(world, exchange_shipping=settings_pb.EXCHANGE_SHIPPING_AT_ONCE)
    _, order = await delivered(world, quantity=2)
    wanted = another(world)
    line = a_line(order, 2)
    line.replacement_variant_id = wanted
    made = await request(world, order, line)
    asked = asks.ExchangeReturnRequest(return_id=made.id)
    exchanged = await world.ask(
        world.exchanges.ExchangeReturn, asked, staff(world), key=str(uuid7())
    )
    second = await world.ship(await read(world, exchanged.replacement_order_id))

    assert second.lines[0].item.variant_id == wanted
    assert second.status == checkout_pb2.ORDER_STATUS_SHIPPED


async def test_what_a_replacement_gives_back_may_have_been_refunded_by_hand_at_the_provider(
    world: World,
) -> None:
    _, order = await delivered(world, quantity=2)
    made = await request(world, order, a_line(order, 2))
    made = await exchange(world, made, another(world))
    await receive(world, made, GOOD)
    await refund(world, made, without_delivery=True)
    charged = await world.scalar(
        "SELECT provider_payment_id FROM payment WHERE order_id = %s", [UUID(order.id)]
    )
    by_hand = await world.provider.http.post(
        f"/v1/payments/{charged}/refund",
        headers={"Idempotency-Key": str(uuid7())},
        json={"amount_minor": order.payments[0].captured.amount_minor},
    )
    whole = checkout_pb2.CancelOrderRequest(
        order_id=made.replacement_order_id, reason=checkout_pb2.ORDER_REASON_OTHER
    )
    over = await world.ask(world.orders.CancelOrder, whole, staff(world))

    assert by_hand.is_success
    assert over.status == checkout_pb2.ORDER_STATUS_CANCELLED
    assert over.payments[0].refunded.amount_minor == 2 * PRICE_MINOR


@OFFLINE
@pytest.mark.parametrize("point", ["after:exchange:commit", "before:confirm:do"])
async def test_a_dearer_exchange_whose_process_dies_asks_for_the_difference_once(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, point: str
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank", provider="offline", provider_method="bank_transfer")
    _, order = await delivered(world, quantity=2)
    dearer, key, token = another(world, price_minor=PRICE_MINOR + 4_00), str(uuid7()), staff(world)
    made = await request(world, order, a_line(order, 2))
    line = asks.ExchangeLineInput(order_line_id=made.lines[0].order_line_id, variant_id=dearer)
    fields: Any = {"pricing": CURRENT, "payment_method_id": "bank"}
    asked = asks.ExchangeReturnRequest(return_id=made.id, lines=[line], **fields)
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}
    crash["PAYMENT_PROVIDER"] = "simulator,offline"

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        there = running.peer.stub(exchanges_pb2_grpc.ExchangeServiceStub)
        killed = asyncio.ensure_future(
            running.peer.ask(there.ExchangeReturn, asked, authorization=token, key=key, timeout=5)
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed
    await world.lapse_leases()
    made = await exchange(world, made, dearer, key=key, token=token, **fields)
    await receive(world, made, GOOD)
    await refund(world, made, without_delivery=True)
    second = await read(world, made.replacement_order_id)
    world.clock.shift_to(15 * 86_400)
    await becomes(world, second.id, checkout_pb2.ORDER_STATUS_CANCELLED)
    ledger = await world.provider.sums(order.id)

    assert transfer_of(second).amount.amount_minor == 8_00
    assert ledger["refunded_minor"] == 2 * PRICE_MINOR


@pytest.mark.parametrize("point", ["after:exchange:commit", "before:confirm:do"])
async def test_an_exchange_whose_process_dies_is_placed_once(
    world: World, tmp_path: Path, point: str
) -> None:
    _, order = await delivered(world, quantity=2)
    variant_id, key, token = another(world), str(uuid7()), staff(world)
    made = await request(world, order, a_line(order, 2))
    line = asks.ExchangeLineInput(order_line_id=made.lines[0].order_line_id, variant_id=variant_id)
    asked = asks.ExchangeReturnRequest(return_id=made.id, lines=[line])
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        there = running.peer.stub(exchanges_pb2_grpc.ExchangeServiceStub)
        killed = asyncio.ensure_future(
            running.peer.ask(there.ExchangeReturn, asked, authorization=token, key=key, timeout=5)
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed
    await world.lapse_leases()
    again = await exchange(world, made, variant_id, key=key, token=token)
    second = await read(world, again.replacement_order_id)
    count = await world.scalar(
        "SELECT count(*) FROM orders WHERE replaces_order_id = %s", [UUID(order.id)]
    )

    assert (count, second.status) == (1, checkout_pb2.ORDER_STATUS_PLACED)
    assert world.stock.on_hand[variant_id] == 3


async def test_a_replacement_that_is_cancelled_before_its_refund_is_complete_gives_all_back(
    world: World, tmp_path: Path
) -> None:
    """The process dies between the commit of the refund and its end."""
    _, order = await delivered(world, quantity=2)
    variant_id = another(world)
    made = await request(world, order, a_line(order, 2))
    exchanged = await exchange(world, made, variant_id)
    made = await receive(world, made, GOOD)
    crash = {"CRASH_AT": "after:return:commit", "CRASH_MARKER": str(tmp_path / "crashed")}
    asked = returns_pb2.RefundReturnRequest(return_id=made.id, without_delivery=True)

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        there = running.peer.stub(returns_pb2_grpc.ReturnServiceStub)
        killed = asyncio.ensure_future(
            running.peer.ask(
                there.RefundReturn, asked, authorization=staff(world), key=str(uuid7()), timeout=5
            )
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed
    second_id = exchanged.replacement_order_id
    whole = checkout_pb2.CancelOrderRequest(
        order_id=second_id, reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrder, whole, staff(world))
    await world.lapse_leases()

    async def is_over() -> bool:
        found = await world.ask(
            world.returns.GetReturn, returns_pb2.GetReturnRequest(return_id=made.id), staff(world)
        )
        second = await read(world, second_id)
        return (found.status, second.status) == (
            pb.RETURN_STATUS_REFUNDED, checkout_pb2.ORDER_STATUS_CANCELLED,
        )  # fmt: skip

    async with world.working():
        await eventually(is_over)
    ledger = await world.provider.sums(order.id)

    assert ledger["refunded_minor"] == 2 * PRICE_MINOR
    assert world.stock.on_hand[variant_id] == 5


@pytest.mark.parametrize(
    "changed_settings", [{"channels": {"default": {"origin_country": "CH"}}}], indirect=True
)
async def test_a_replacement_of_goods_under_the_import_scheme_stays_in_it(world: World) -> None:
    owner_id = uuid7()
    await set_taxes(world, collects_in=["CH"], ioss_number="IM2760000001")
    checkout = await bound_for_vienna(world, owner_id)
    order = await deliver(world, await world.complete(checkout, owner_id))
    made = await request(world, order, a_line(order, 1))

    exchanged = await exchange(world, made, another(world))

    replacement = await read(world, exchanged.replacement_order_id)
    [line] = replacement.tax_lines
    assert (line.category, line.rate) == ("S", "0.2")
    assert replacement.taxation.ioss_number == "IM2760000001"
