"""Orders by invoice: up to a limit, shipped at once, paid by transfer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur, eventually
from checkout.documents.actions import issue_documents
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.checkout.v1 import credit_limits_pb2 as limits_pb
from sojourn.checkout.v1 import credit_limits_pb2_grpc

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


def customer(world: World, customer_id: UUID) -> str:
    return "Bearer " + world.tokens.create("customer", customer_id)


async def put(world: World, customer_id: UUID, **fields: Any) -> limits_pb.CreditLimit:
    usual = {"code": "ada", "customer_id": str(customer_id), "limit": eur(50_00)}
    limit = limits_pb.CreditLimit(**{**usual, "payment_days": 30, **fields})
    stub = world.peer.stub(credit_limits_pb2_grpc.CreditLimitServiceStub)
    request = limits_pb.PutCreditLimitRequest(credit_limit=limit)
    found: limits_pb.CreditLimit = await world.ask(
        stub.PutCreditLimit, request, world.tokens.staff("payments.write")
    )
    return found


async def begun(world: World, customer_id: UUID, *, chosen: str = "invoice") -> pb.Checkout:
    await world.offer("invoice", provider="offline", provider_method="invoice")
    request = pb.CreateCheckoutRequest(
        cart_id=world.cart(customer_id), email="ada@example.org", delivery_address=an_address(),
        delivery_option_id="standard", payment_method_id=chosen,
    )  # fmt: skip
    found: pb.Checkout = await world.ask(
        world.checkouts.CreateCheckout, request, customer(world, customer_id), key=str(uuid7())
    )
    return found


async def complete(world: World, checkout: pb.Checkout, customer_id: UUID) -> pb.Order:
    request = pb.CompleteCheckoutRequest(checkout_id=checkout.id, expected_version=checkout.version)
    found: pb.Order = await world.ask(
        world.checkouts.CompleteCheckout, request, customer(world, customer_id), key=str(uuid7())
    )
    return found


async def test_an_order_by_invoice_ships_at_once_and_is_paid_by_a_transfer(world: World) -> None:
    customer_id = uuid7()
    await put(world, customer_id)
    order = await complete(world, await begun(world, customer_id), customer_id)
    [payment] = order.payments
    owed = await put(world, customer_id)
    async with world.database.tx() as tx:
        [invoice] = await issue_documents(tx, UUID(order.id))
    shipped = await world.ship(order)
    await world.ask(
        world.orders.MarkDelivered,
        pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipped.shipments[0].id),
        world.tokens.staff("orders.write"),
    )
    awaited = await world.scalar("SELECT status FROM payment")
    line = transfers.BankTransferLine(id="1", text=payment.reference, amount=payment.amount)
    await world.ask(
        world.transfers.ImportBankTransfers,
        transfers.ImportBankTransfersRequest(lines=[line]),
        world.tokens.staff("payments.write"),
        key=str(uuid7()),
    )

    assert order.status == pb.ORDER_STATUS_PLACED
    assert payment.due_at.seconds - order.created_at.seconds == 30 * 86_400
    assert owed.outstanding == payment.amount
    assert invoice.content.payment_reference == payment.reference
    assert (awaited, await world.scalar("SELECT status FROM payment")) == ("pending", "captured")
    assert (await put(world, customer_id)).outstanding.amount_minor == 0


async def test_invoices_are_offered_to_who_has_enough_credit(world: World, refusal_of: Any) -> None:
    rich, poor = uuid7(), uuid7()
    await put(world, rich)
    await put(world, poor, code="poor", limit=eur(1_00))

    offered = [
        [method.id for method in (await begun(world, each, chosen="")).payment_methods]
        for each in (rich, poor, uuid7())
    ]
    twice = await refusal_of(put(world, rich, code="other"))

    assert ["invoice" in each for each in offered] == [True, False, False]
    assert twice == "INVALID_CREDIT_LIMIT"


async def test_two_orders_at_once_do_not_exceed_the_limit(world: World) -> None:
    customer_id = uuid7()
    await put(world, customer_id, limit=eur(40_00))
    checkouts = [await begun(world, customer_id) for _ in range(2)]

    results = await asyncio.gather(
        *(complete(world, each, customer_id) for each in checkouts), return_exceptions=True
    )

    refused = [each.reason for each in results if isinstance(each, DomainError)]
    assert len(refused) == 1
    assert refused[0] in {"CREDIT_LIMIT_EXCEEDED", "PAYMENT_METHOD_NOT_OFFERED"}


async def die_completing(
    world: World, checkouts: list[pb.Checkout], customer_id: UUID, crash: dict[str, str]
) -> None:
    """Completes checkouts at once in a process that dies of it."""
    async with world.process(
        **crash, PAYMENT_PROVIDER="simulator,offline", RESUME_AFTER_SECONDS="1"
    ) as dying:
        stub = dying.peer.stub(pb_grpc.CheckoutServiceStub)
        calls = [
            dying.peer.ask(
                stub.CompleteCheckout,
                pb.CompleteCheckoutRequest(checkout_id=each.id, expected_version=each.version),
                authorization=customer(world, customer_id),
                key=str(uuid7()),
                timeout=20,
            )
            for each in checkouts
        ]
        completing = asyncio.ensure_future(asyncio.gather(*calls, return_exceptions=True))
        assert await dying.ended(within=20) == -9
        with contextlib.suppress(Exception):
            await completing
    await world.lapse_leases()


async def count(world: World, status: str) -> int:
    return int(await world.scalar("SELECT count(*) FROM orders WHERE status = %s", [status]))


@pytest.mark.parametrize("point", ["before:reserve:do", "after:authorize:do", "after:capture:do"])
async def test_a_kill_between_two_orders_at_once_does_not_exceed_the_limit(
    world: World, tmp_path: Path, point: str
) -> None:
    customer_id = uuid7()
    await put(world, customer_id, limit=eur(40_00))
    checkouts = [await begun(world, customer_id) for _ in range(2)]
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    await die_completing(world, checkouts, customer_id, crash)
    held = (await put(world, customer_id, limit=eur(40_00))).outstanding.amount_minor
    again = await asyncio.gather(
        *(complete(world, each, customer_id) for each in checkouts), return_exceptions=True
    )

    async def is_placed() -> bool:
        return await count(world, "placed") == 1

    async with world.working():
        await eventually(is_placed, within=10)
    refused = [each.reason for each in again if isinstance(each, DomainError)]
    owed = (await put(world, customer_id, limit=eur(40_00))).outstanding.amount_minor
    assert len(refused) == 1
    assert refused[0] in {"CREDIT_LIMIT_EXCEEDED", "PAYMENT_METHOD_NOT_OFFERED"}
    assert held == owed == 29_90


async def test_an_order_that_is_refused_after_a_kill_gives_its_credit_back(
    world: World, tmp_path: Path
) -> None:
    customer_id, variant = uuid7(), str(world.variant_id)
    await put(world, customer_id, limit=eur(40_00))
    first, second = [await begun(world, customer_id) for _ in range(2)]
    crash = {"CRASH_AT": "before:reserve:do", "CRASH_MARKER": str(tmp_path / "crashed")}
    await die_completing(world, [first], customer_id, crash)
    on_hand, world.stock.on_hand[variant] = world.stock.on_hand[variant], 0

    async def is_refused() -> bool:
        return await count(world, "refused") == 1

    async with world.working():
        await eventually(is_refused, within=10)
    owed = (await put(world, customer_id, limit=eur(40_00))).outstanding.amount_minor
    world.stock.on_hand[variant] = on_hand
    order = await complete(world, second, customer_id)

    assert owed == 0
    assert order.status == pb.ORDER_STATUS_PLACED


async def test_a_cancelled_order_owes_nothing(world: World) -> None:
    customer_id = uuid7()
    await put(world, customer_id)
    order = await complete(world, await begun(world, customer_id), customer_id)
    await world.ask(
        world.orders.CancelOrder,
        pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST),
        customer(world, customer_id),
        key=str(uuid7()),
    )

    assert (await put(world, customer_id)).outstanding.amount_minor == 0
