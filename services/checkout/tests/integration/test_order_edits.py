"""Changes of placed orders by staff, before they ship."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PRICE_MINOR, World
from services.checkout.tests.integration import test_delivery_settings as delivery
from services.checkout.tests.integration.test_exchanges import another, read
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import order_desk_events_pb2 as events_pb
from sojourn.checkout.v1 import order_edits_pb2 as asks
from sojourn.checkout.v1 import order_edits_pb2_grpc

OFFLINE = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)


async def change_delivery_address(
    world: World, order: pb.Order, *, scope: str = "orders.write", version: int = 0, **address: Any
) -> pb.Order:
    asked = asks.ChangeDeliveryAddressRequest(
        order_id=order.id, delivery_address=an_address(**address), expected_version=version
    )
    return await world.ask(
        world.edits.ChangeDeliveryAddress, asked, world.tokens.staff(scope), key=str(uuid7())
    )


async def test_staff_send_an_order_to_another_address_before_it_ships(
    world: World, refusal_of: Any
) -> None:
    _, order = await world.buy()
    munich = {
        "street_address": "Another Street 9", "postal_code": "80331", "address_locality": "Munich"
    }  # fmt: skip
    changed = await change_delivery_address(world, order, **munich)
    again = await change_delivery_address(world, order, **munich)
    stale = await refusal_of(
        change_delivery_address(world, order, version=order.version, street_address="X 1")
    )
    abroad = await refusal_of(
        change_delivery_address(
            world, order, address_country="FR", postal_code="75001", address_locality="Paris"
        )
    )
    reader = await refusal_of(change_delivery_address(world, order, scope="orders.read"))
    await world.ship(order)
    shipped = await refusal_of(change_delivery_address(world, order, street_address="Too Late 1"))
    told = await world.events(events_pb.OrderAddressChanged)

    assert changed.delivery_address.street_address == "Another Street 9"
    assert changed.delivery_address.address_country == order.delivery_address.address_country
    assert list(changed.totals) == list(order.totals)
    assert again.version == changed.version
    assert (stale, abroad, reader, shipped) == (
        "VERSION_MISMATCH", "INVALID_ADDRESS", "SCOPE_REQUIRED", "WRONG_ORDER_STATUS",
    )  # fmt: skip
    assert [each.order_id for each in told] == [order.id]


async def test_an_address_in_another_zone_of_delivery_is_refused(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    _, order = await world.buy()
    await delivery.put(world, delivery.a_zone())
    refused = await refusal_of(
        change_delivery_address(world, order, street_address="Am Kai 1", postal_code="25938",
               address_locality="Wyk")
    )  # fmt: skip

    assert refused == "ADDRESS_OUT_OF_ZONE"


async def test_an_address_that_changes_while_the_order_ships_is_told_or_refused(
    world: World,
) -> None:
    _, order = await world.buy()
    changed, shipped = await asyncio.gather(
        change_delivery_address(world, order, street_address="Another Street 9"),
        world.ship(order),
        return_exceptions=True,
    )
    found = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id),
        world.tokens.staff("orders.read"),
    )  # fmt: skip
    told = await world.events(events_pb.OrderAddressChanged)

    assert isinstance(shipped, pb.Order)
    is_changed = found.delivery_address.street_address == "Another Street 9"
    assert (is_changed, is_changed) == (bool(told), isinstance(changed, pb.Order))
    assert is_changed or getattr(changed, "reason", "") == "WRONG_ORDER_STATUS"


def an_edit(
    order: pb.Order, variant_id: str, quantity: int = 1, *, removed: int = 1, **fields: Any
) -> asks.EditOrderLinesRequest:
    """Adds a quantity of a variant, and takes another out of the first line."""
    out = pb.CancelledLineInput(order_line_id=order.lines[0].id, quantity=removed or 1)
    return asks.EditOrderLinesRequest(
        order_id=order.id,
        added=[asks.AddedLineInput(variant_id=variant_id, quantity=quantity)],
        removed=[out] if removed else [],
        **fields,
    )


async def edit(
    world: World, asked: asks.EditOrderLinesRequest, *, key: str = "", token: str = ""
) -> asks.EditOrderLinesResponse:
    token = token or world.tokens.staff("orders.read", "orders.write")
    return await world.ask(world.edits.EditOrderLines, asked, token, key=key or str(uuid7()))


async def test_goods_that_are_added_are_paid_with_those_that_are_taken_out_and_the_rest_goes_back(
    world: World,
) -> None:
    _, order = await world.buy(quantity=2)
    first, cheaper = str(world.variant_id), another(world, price_minor=PRICE_MINOR - 5_00)
    before, key = world.stock.on_hand[first], str(uuid7())
    token = world.tokens.staff("orders.read", "orders.write")
    made = await edit(world, an_edit(order, cheaper), key=key, token=token)
    again = await edit(world, an_edit(order, cheaper), key=key, token=token)
    [cancelled] = made.order.cancellations
    shipped = [await world.ship(each) for each in (made.order, made.added)]
    ledger = await world.provider.sums(order.id)

    assert again.added.id == made.added.id
    assert made.added.replaces_order_id == order.id
    assert made.added.status == pb.ORDER_STATUS_PLACED
    assert [each.captured.amount_minor for each in made.added.payments] == [PRICE_MINOR - 5_00]
    assert (cancelled.goods.amount_minor, cancelled.refunded.amount_minor) == (
        PRICE_MINOR, PRICE_MINOR,
    )  # fmt: skip
    assert ledger["refunded_minor"] == 5_00
    assert (world.stock.on_hand[first], world.stock.on_hand[cheaper]) == (before + 1, 4)
    assert {each.status for each in shipped} == {pb.ORDER_STATUS_SHIPPED}


async def test_an_order_of_which_all_is_replaced_is_done_and_a_cancelled_addition_gives_all_back(
    world: World,
) -> None:
    _, order = await world.buy()
    made = await edit(world, an_edit(order, another(world)))
    whole = pb.CancelOrderRequest(order_id=made.added.id, reason=pb.ORDER_REASON_OTHER)
    await world.ask(world.orders.CancelOrder, whole, world.tokens.staff("orders.write"))
    ledger = await world.provider.sums(order.id)

    assert made.order.status == pb.ORDER_STATUS_DELIVERED
    assert ledger["refunded_minor"] == PRICE_MINOR


async def test_an_edit_that_cannot_be_changes_nothing(world: World, refusal_of: Any) -> None:
    _, order = await world.buy(quantity=2)
    dearer = another(world, price_minor=PRICE_MINOR + 1)
    refused = [
        await refusal_of(edit(world, asked))
        for asked in (
            an_edit(order, another(world, on_hand=0)),
            an_edit(order, str(uuid7())),
            an_edit(order, dearer),
            an_edit(order, another(world), removed=0),
            an_edit(order, dearer, payment_method_id="card"),
            an_edit(order, another(world), removed=3),
            an_edit(order, another(world), expected_version=order.version + 1),
        )
    ]
    found = await read(world, order.id)
    await world.ship(order)
    late = await refusal_of(edit(world, an_edit(order, another(world))))
    orders = await world.scalar("SELECT count(*) FROM orders")

    assert refused == [
        "OUT_OF_STOCK", "INVALID_ORDER_EDIT", "PAYMENT_METHOD_NOT_OFFERED",
        "PAYMENT_METHOD_NOT_OFFERED", "PAYMENT_METHOD_NOT_OFFERED", "QUANTITY_EXCEEDS_ORDERED",
        "VERSION_MISMATCH",
    ]  # fmt: skip
    assert (found, late, orders) == (order, "WRONG_ORDER_STATUS", 1)
    assert world.stock.on_hand[dearer] == 5


@OFFLINE
@pytest.mark.parametrize("comes", [True, False], ids=["paid", "not-paid"])
async def test_what_is_added_costs_more_and_waits_for_a_transfer(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch, comes: bool
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    await world.offer("bank", provider="offline", provider_method="bank_transfer")
    _, order = await world.buy(quantity=2)
    dearer = another(world, price_minor=PRICE_MINOR + 4_00)
    added = (await edit(world, an_edit(order, dearer, payment_method_id="bank"))).added
    waits = await refusal_of(world.ship(added))
    [owed] = [each for each in added.payments if each.reference]
    if comes:
        line = transfers.BankTransferLine(id="1", text=owed.reference, amount=owed.amount)
        await world.ask(
            world.transfers.ImportBankTransfers,
            transfers.ImportBankTransfersRequest(lines=[line]),
            world.tokens.staff("payments.write"),
            key=str(uuid7()),
        )
        await world.ship(added)
    else:
        world.clock.shift_to(15 * 86_400)

    async def is_over() -> bool:
        status = (await read(world, added.id)).status
        return status == (pb.ORDER_STATUS_SHIPPED if comes else pb.ORDER_STATUS_CANCELLED)

    async with world.working():
        await eventually(is_over)
    ledger = await world.provider.sums(order.id)

    assert (waits, owed.amount.amount_minor) == ("PAYMENT_OUTSTANDING", 4_00)
    assert ledger["refunded_minor"] == (0 if comes else PRICE_MINOR)
    assert world.stock.on_hand[dearer] == (4 if comes else 5)


@pytest.mark.parametrize("point", ["after:edit:reserve", "after:edit:commit", "before:confirm:do"])
async def test_an_edit_whose_process_dies_is_made_once(
    world: World, tmp_path: Path, point: str
) -> None:
    _, order = await world.buy(quantity=2)
    variant_id, key = another(world, price_minor=PRICE_MINOR - 5_00), str(uuid7())
    token = world.tokens.staff("orders.read", "orders.write")
    asked = an_edit(order, variant_id)
    await _die(world, tmp_path, asked, key=key, token=token, point=point)
    await world.lapse_leases()
    async with world.working():
        again = await edit(world, asked, key=key, token=token)
        await eventually(lambda: _is_given_back(world, order, 5_00))
    count = await world.scalar(
        "SELECT count(*) FROM orders WHERE replaces_order_id = %s", [UUID(order.id)]
    )

    assert (count, again.added.status) == (1, pb.ORDER_STATUS_PLACED)
    # Until it expires, what was reserved before the death is reserved.
    assert world.stock.on_hand[variant_id] == 4
    assert world.stock.on_hand[str(world.variant_id)] == 9


async def test_an_addition_that_comes_too_late_gives_what_paid_it_back(
    world: World, tmp_path: Path
) -> None:
    """Its process dies before it takes the stock, and nobody resumes it in time."""
    _, order = await world.buy(quantity=2)
    variant_id, key = another(world), str(uuid7())
    token = world.tokens.staff("orders.read", "orders.write")
    await _die(
        world, tmp_path, an_edit(order, variant_id), key=key, token=token, point="after:edit:commit"
    )
    world.clock.shift_to(86_400)
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _is_given_back(world, order, PRICE_MINOR))
    status = await world.scalar(
        "SELECT status FROM orders WHERE replaces_order_id = %s", [UUID(order.id)]
    )

    assert status == "refused"
    assert world.stock.on_hand[variant_id] == 5


async def _die(
    world: World,
    tmp_path: Path,
    asked: asks.EditOrderLinesRequest,
    *,
    key: str,
    token: str,
    point: str,
) -> None:
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}
    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        there = running.peer.stub(order_edits_pb2_grpc.OrderEditServiceStub)
        killed = asyncio.ensure_future(
            running.peer.ask(there.EditOrderLines, asked, authorization=token, key=key, timeout=5)
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await killed


async def _is_given_back(world: World, order: pb.Order, amount_minor: int) -> bool:
    return (await world.provider.sums(order.id))["refunded_minor"] == amount_minor
