"""Orders that are paid after they are placed: by bank transfer, and in cash at the door."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur, eventually
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import bank_transfers_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2 as orders_pb

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
BEFORE = pb.BANK_TRANSFER_OUTCOME_IMPORTED_BEFORE
SETTLED = pb.BANK_TRANSFER_OUTCOME_SETTLED
UNKNOWN = pb.BANK_TRANSFER_OUTCOME_UNKNOWN_REFERENCE
DIFFERS = pb.BANK_TRANSFER_OUTCOME_AMOUNT_DIFFERS
NOT_AWAITED = pb.BANK_TRANSFER_OUTCOME_NOT_AWAITED
DAY = 86_400


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


async def place(world: World, method: str) -> orders_pb.Order:
    note = {"de": "Bitte auf das Konto DE02120300000000202051"}
    await world.offer(method, provider="offline", provider_method=method, descriptions=note)
    owner_id = uuid7()
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id), email="ada@example.org", delivery_address=an_address(),
        delivery_option_id="standard", payment_method_id=method,
    )  # fmt: skip
    checkout = await world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )
    return await world.complete(checkout, owner_id)


async def transfer(world: World, *lines: tuple[str, str, int]) -> list[Any]:
    request = pb.ImportBankTransfersRequest(
        lines=[
            pb.BankTransferLine(id=id, text=text, amount=eur(amount)) for id, text, amount in lines
        ]
    )
    reply = await world.ask(
        world.transfers.ImportBankTransfers,
        request,
        world.tokens.staff("payments.write"),
        key=str(uuid7()),
    )
    return list(reply.results)


async def shown(world: World, order: orders_pb.Order) -> orders_pb.Order:
    request = orders_pb.GetOrderRequest(order_id=order.id)
    found: orders_pb.Order = await world.ask(
        world.orders.GetOrder, request, world.tokens.staff("orders.read")
    )
    return found


async def ship(world: World, order: orders_pb.Order) -> orders_pb.Order:
    request = orders_pb.CreateShipmentRequest(order_id=order.id, carrier="DHL")
    found: orders_pb.Order = await world.ask(
        world.orders.CreateShipment, request, world.tokens.staff("orders.write"), key=str(uuid7())
    )
    return found


async def test_an_order_by_transfer_is_placed_awaits_its_money_and_ships_once_it_came(
    world: World, refusal_of: Any
) -> None:
    order = await place(world, "bank_transfer")
    [payment] = order.payments
    spaced = (
        f"Rechnung {payment.reference[:4]} {payment.reference[4:9].lower()} {payment.reference[9:]}"
    )

    assert await refusal_of(ship(world, order)) == "PAYMENT_OUTSTANDING"
    mistyped = payment.reference[:-1] + ("1" if payment.reference[-1] == "0" else "0")
    first = await transfer(
        world, ("b-1", mistyped, 29_90), ("b-2", "", 29_90), ("b-3", spaced, 29_89),
        ("b-4", spaced, 29_90), ("b-5", payment.reference, 29_90),
    )  # fmt: skip
    again = await transfer(world, ("b-4", spaced, 29_90), ("b-3", spaced, 29_89))
    paid = await shown(world, order)
    shipped = await ship(world, order)

    assert (order.status, payment.status) == (
        orders_pb.ORDER_STATUS_PLACED, orders_pb.PAYMENT_STATUS_PENDING,
    )  # fmt: skip
    assert payment.instructions == "Bitte auf das Konto DE02120300000000202051"
    due_in = payment.due_at.ToDatetime() - order.placed_at.ToDatetime()
    assert round(due_in.total_seconds() / DAY) == 14
    assert [each.outcome for each in first] == [UNKNOWN, UNKNOWN, DIFFERS, SETTLED, NOT_AWAITED]
    assert (first[2].number, first[2].expected) == (order.number, eur(29_90))
    assert [each.outcome for each in again] == [BEFORE, NOT_AWAITED]
    assert (paid.payments[0].status, paid.payments[0].captured) == (
        orders_pb.PAYMENT_STATUS_CAPTURED, eur(29_90),
    )  # fmt: skip
    assert shipped.status == orders_pb.ORDER_STATUS_SHIPPED
    assert len(await world.events(pb.OrderPaid)) == 1
    assert await world.scalar("SELECT count(*) FROM bank_transfer") == 1
    assert await world.scalar("SELECT count(*) FROM timer WHERE kind = 'payment.expire'") == 0


async def test_an_order_whose_transfer_does_not_come_in_time_is_cancelled_and_restocked(
    world: World,
) -> None:
    order = await place(world, "bank_transfer")
    taken = world.stock.on_hand[str(world.variant_id)]

    world.clock.shift_to(14 * DAY + 60)
    async with world.working():

        async def is_cancelled() -> bool:
            return (await shown(world, order)).status == orders_pb.ORDER_STATUS_CANCELLED

        await eventually(is_cancelled, within=15)
    [late] = await transfer(world, ("late-1", order.payments[0].reference, 29_90))

    assert (taken, world.stock.on_hand[str(world.variant_id)]) == (9, 10)
    over = await shown(world, order)
    assert over.payments[0].status == orders_pb.PAYMENT_STATUS_VOIDED
    assert list(over.refunds) == []
    assert late.outcome == NOT_AWAITED


async def test_cash_on_delivery_is_paid_with_the_delivery_and_given_back_by_a_refund(
    world: World,
) -> None:
    order = await place(world, "cash_on_delivery")
    shipped = await ship(world, order)
    request = orders_pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipped.shipments[0].id)
    token = world.tokens.staff("orders.write")
    for _ in range(2):
        delivered = await world.ask(world.orders.MarkDelivered, request, token)
    refund = orders_pb.RefundOrderRequest(order_id=order.id, reason=orders_pb.ORDER_REASON_OTHER)
    refund.amount.CopyFrom(eur(9_90))
    refunded = await world.ask(world.orders.RefundOrder, refund, token, key=str(uuid7()))
    await world.ask(world.orders.Reconcile, orders_pb.ReconcileRequest(), token)
    kept = await shown(world, order)

    assert order.payments[0].reference == ""
    assert shipped.payments[0].status == orders_pb.PAYMENT_STATUS_PENDING
    assert delivered.payments[0].captured == eur(29_90)
    assert refunded.payments[0].refunded == eur(9_90)
    assert len(await world.events(pb.OrderPaid)) == 1
    assert (kept.payments[0].captured, kept.payments[0].refunded) == (eur(29_90), eur(9_90))


async def test_a_buyer_who_has_not_paid_yet_cancels_without_a_refund(world: World) -> None:
    order = await place(world, "bank_transfer")
    request = orders_pb.CancelOrderRequest(
        order_id=order.id, reason=orders_pb.ORDER_REASON_BUYER_REQUEST
    )

    cancelled = await world.ask(
        world.orders.CancelOrder, request, world.tokens.staff("orders.write")
    )

    assert cancelled.status == orders_pb.ORDER_STATUS_CANCELLED
    assert cancelled.payments[0].status == orders_pb.PAYMENT_STATUS_VOIDED
    assert list(cancelled.refunds) == []


@pytest.mark.parametrize(
    ("lines", "place_of"),
    [
        ([("a", 1, "EUR"), ("a", 1, "EUR")], "lines[1].id"),
        ([("a", 0, "EUR")], "lines[0].amount"),
        ([("a", 1, "XXX")], "lines[0].amount"),
    ],
)
async def test_a_wrong_line_is_refused_with_its_place(
    world: World, lines: list[tuple[str, int, str]], place_of: str
) -> None:
    request = pb.ImportBankTransfersRequest()
    for id, amount, currency in lines:
        line = request.lines.add(id=id)
        line.amount.amount_minor, line.amount.currency = amount, currency
    token = world.tokens.staff("payments.write")

    with pytest.raises(DomainError) as refused:
        await world.ask(world.transfers.ImportBankTransfers, request, token, key=str(uuid7()))

    assert place_of in str(refused.value.metadata)


async def test_staff_see_which_transfers_are_outstanding(world: World) -> None:
    first, second = await place(world, "bank_transfer"), await place(world, "bank_transfer")
    cash = await place(world, "cash_on_delivery")
    token = world.tokens.staff("payments.write")

    async def page(token_of_page: str = "") -> pb.ListOutstandingBankTransfersResponse:
        request = pb.ListOutstandingBankTransfersRequest()
        request.page.size, request.page.token = 1, token_of_page
        return await world.ask(world.transfers.ListOutstandingBankTransfers, request, token)

    one = await page()
    two = await page(one.next_page_token)
    await transfer(world, ("t1", first.payments[0].reference, 29_90))
    after = await page()

    [oldest] = one.transfers
    assert (oldest.number, oldest.reference) == (first.number, first.payments[0].reference)
    assert (oldest.amount, oldest.days, oldest.cancels) == (eur(29_90), 0, True)
    assert oldest.due_at == first.payments[0].due_at
    assert [each.number for each in two.transfers] == [second.number]
    assert two.next_page_token == ""
    assert [each.number for each in after.transfers] == [second.number]
    assert cash.number not in {first.number, second.number}
