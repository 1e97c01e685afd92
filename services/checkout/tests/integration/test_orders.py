"""Orders after their placing: cancellation, refunds, shipments, access and lists."""

import asyncio
from uuid import UUID

import pytest

from chassis.rpc.auth import Caller
from chassis.rpc.errors import DomainError, Invalid, Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from checkout.orders.cancel import cancel_order
from checkout.payments.model import OrderReason
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1.events_pb2 import OrderRefunded, OrderShipped
from sojourn.common.v1.money_pb2 import Money
from sojourn.common.v1.page_pb2 import Page


def staff(world):
    return world.tokens.staff("orders.read", "orders.write")


async def _cancel(world, order, token):
    return await world.ask(
        world.orders.CancelOrder,
        pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST),
        token,
    )


async def _refund(world, order, amount=None, *, key="", token=""):
    request = pb.RefundOrderRequest(order_id=order.id, amount=amount, reason=pb.ORDER_REASON_OTHER)
    return await world.ask(
        world.orders.RefundOrder, request, token or staff(world), key=key or str(uuid7())
    )


async def _ship(world, order, *lines):
    request = pb.CreateShipmentRequest(
        order_id=order.id, carrier="DHL", tracking_number="1Z", lines=lines
    )
    return await world.ask(world.orders.CreateShipment, request, staff(world), key=str(uuid7()))


async def test_cancelling_refunds_and_restocks_once(world):
    owner_id, order = await world.buy()

    answers = await asyncio.gather(
        *(_cancel(world, order, world.tokens.guest(owner_id)) for _ in range(5))
    )
    answers.append(await _cancel(world, order, world.tokens.guest(owner_id)))

    assert {answer.status for answer in answers} == {pb.ORDER_STATUS_CANCELLED}
    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (29_90, 29_90)
    assert world.stock.on_hand[str(world.variant_id)] == 10
    assert [payment.status for payment in answers[0].payments] == [pb.PAYMENT_STATUS_REFUNDED]
    assert await world.outbox() == [
        "CheckoutStarted",
        "OrderPlaced",
        "OrderRefunded",
        "OrderCancelled",
    ]
    assert await world.scalar("SELECT count(*) FROM audit") == 0


async def test_a_cancellation_whose_process_died_is_completed_by_a_timer(world):
    owner_id, order = await world.buy()
    caller = Caller(subject_id=owner_id, kind="guest")
    async with world.database.tx() as tx:
        await cancel_order(
            tx, UUID(order.id), caller=caller, reason=OrderReason.OTHER, lease_seconds=15
        )

    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _status_is(world, order, "cancelled"))

    assert (await world.provider.sums(order.id))["net_captured_minor"] == 0
    assert world.stock.on_hand[str(world.variant_id)] == 10


async def test_a_cancellation_in_doubt_is_repeated(world):
    owner_id, order = await world.buy()
    world.calls.fail_after["ReleaseReservation"] = [Unavailable("lost")] * 5

    assert (
        await _cancel(world, order, world.tokens.guest(owner_id))
    ).status == pb.ORDER_STATUS_CANCELLED

    assert world.stock.on_hand[str(world.variant_id)] == 10


async def test_a_cancellation_by_staff_is_audited(world):
    _, order = await world.buy()

    await _cancel(world, order, staff(world))

    assert await world.scalar("SELECT action FROM audit") == "order.cancel"


async def test_partial_refunds_never_exceed_what_was_captured(world, refusal_of):
    _, order = await world.buy()

    results = await asyncio.gather(
        *(_refund(world, order, eur(10_00)) for _ in range(5)), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results).count("Order") == 2
    assert {result.reason for result in results if isinstance(result, DomainError)} == {
        "REFUND_EXCEEDS_CAPTURED"
    }
    shown = await _refund(world, order)
    assert shown.payments[0].status == pb.PAYMENT_STATUS_REFUNDED
    assert shown.payments[0].refunded == eur(29_90)
    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["refunded_minor"]) == (29_90, 29_90)
    assert await refusal_of(_refund(world, order, eur(1))) == "REFUND_EXCEEDS_CAPTURED"
    assert (await world.outbox()).count("OrderRefunded") == 3


async def test_refunds_are_shown_in_the_order_in_its_history_and_in_their_events(world):
    owner_id, order = await world.buy()

    first = await _refund(world, order, eur(10_00))
    shown = await _refund(world, order)

    assert [
        (refund.payment_id, refund.status, refund.amount, refund.reason) for refund in shown.refunds
    ] == [
        (order.payments[0].id, pb.REFUND_STATUS_DONE, amount, pb.ORDER_REASON_OTHER)
        for amount in (eur(10_00), eur(19_90))
    ]
    assert order.version < first.version < shown.version
    assert [
        (event.refund_id, event.status, event.actor) for event in shown.history if event.refund_id
    ] == [(refund.id, pb.ORDER_STATUS_PLACED, pb.ORDER_ACTOR_STAFF) for refund in shown.refunds]
    told = await world.events(OrderRefunded)
    assert [event.refund for event in told] == list(shown.refunds)
    assert {(event.order.id, event.order.email, event.locale) for event in told} == {
        (order.id, "ada@example.org", "de-DE")
    }
    assert (
        await world.ask(
            world.orders.GetOrder,
            pb.GetOrderRequest(order_id=order.id),
            world.tokens.guest(owner_id),
        )
        == shown
    )


async def test_a_refund_that_the_provider_refuses_is_shown_as_failed(world, refusal_of):
    _, order = await world.buy()
    payment_id = await world.scalar("SELECT provider_payment_id FROM payment")
    refunded = await world.provider.http.post(
        f"/v1/payments/{payment_id}/refund",
        headers={"Idempotency-Key": str(uuid7())},
        json={"amount_minor": 25_00},
    )
    assert refunded.is_success

    assert await refusal_of(_refund(world, order, eur(10_00))) == "PROVIDER_REFUSED"

    shown = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), staff(world)
    )
    assert [refund.status for refund in shown.refunds] == [pb.REFUND_STATUS_FAILED]
    assert not any(event.refund_id for event in shown.history)


async def test_ten_refunds_with_one_key_refund_once(world, refusal_of):
    _, order = await world.buy()
    key, token = str(uuid7()), staff(world)

    await asyncio.gather(
        *(_refund(world, order, eur(5_00), key=key, token=token) for _ in range(10))
    )

    assert (await world.provider.sums(order.id))["refunded_minor"] == 5_00
    assert await refusal_of(_refund(world, order, eur(6_00), key=key, token=token)) == "KEY_REUSED"


async def test_a_cancellation_after_a_partial_refund_refunds_the_rest(world):
    owner_id, order = await world.buy()
    await _refund(world, order, eur(5_00))

    await _cancel(world, order, world.tokens.guest(owner_id))

    assert (await world.provider.sums(order.id))["net_captured_minor"] == 0


@pytest.mark.parametrize("amount", [Money(amount_minor=1, currency="USD"), eur(-1)])
async def test_a_refund_in_another_currency_or_below_zero_is_refused(world, refusal_of, amount):
    _, order = await world.buy()

    assert await refusal_of(_refund(world, order, amount)) == "INVALID_AMOUNT"


async def test_an_order_ships_in_parts_and_arrives(world, refusal_of):
    owner_id, order = await world.buy(quantity=3)
    line_id = order.lines[0].id

    partly = await _ship(world, order, pb.ShipmentLineInput(order_line_id=line_id, quantity=1))
    assert partly.status == pb.ORDER_STATUS_PARTIALLY_SHIPPED
    too_many = pb.ShipmentLineInput(order_line_id=line_id, quantity=3)
    assert await refusal_of(_ship(world, order, too_many)) == "QUANTITY_EXCEEDS_ORDERED"
    assert (
        await refusal_of(_cancel(world, order, world.tokens.guest(owner_id)))
        == "WRONG_ORDER_STATUS"
    )
    shipped = await _ship(world, order)
    assert shipped.status == pb.ORDER_STATUS_SHIPPED
    assert shipped.lines[0].shipped.steps == 3
    assert [
        line.item.quantity.steps for shipment in shipped.shipments for line in shipment.lines
    ] == [1, 2]
    assert {shipment.status for shipment in shipped.shipments} == {pb.SHIPMENT_STATUS_SHIPPED}

    for shipment in [*shipped.shipments, *shipped.shipments]:
        request = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipment.id)
        delivered = await world.ask(world.orders.MarkDelivered, request, staff(world))

    assert delivered.status == pb.ORDER_STATUS_DELIVERED
    assert {shipment.status for shipment in delivered.shipments} == {pb.SHIPMENT_STATUS_DELIVERED}
    assert [event.status for event in delivered.history] == [
        pb.ORDER_STATUS_PENDING,
        pb.ORDER_STATUS_PLACED,
        pb.ORDER_STATUS_PARTIALLY_SHIPPED,
        pb.ORDER_STATUS_SHIPPED,
        pb.ORDER_STATUS_DELIVERED,
    ]
    kinds = await world.outbox()
    assert (kinds.count("OrderShipped"), kinds.count("OrderDelivered")) == (2, 2)
    assert await world.scalar("SELECT count(*) FROM audit") == 4


@pytest.mark.parametrize(
    ("item", "first"),
    [
        ({"quantity": 3, "price_minor": 33_33, "discount_minor": -10_01, "mass_grams": 601}, 1),
        ({"quantity": 3, "price_minor": 33_33, "discount_minor": -10_01, "mass_grams": 601}, 2),
        (
            {
                "quantity": 1_250, "scale": 3, "increment": 250, "unit_code": "KGM",
                "price_minor": 19_99, "discount_minor": -3_34,
                "mass_grams": 1_251,
            },
            750,
        ),
        ({"quantity": 1_500, "scale": 3, "increment": 500, "price_minor": 3, "discount_minor": -4,
        "mass_grams": 1}, 500),
    ],
)  # fmt: skip
async def test_the_lines_of_two_shipments_sum_up_to_the_line_of_the_order(world, item, first):
    world.stock.on_hand[str(world.variant_id)] = item["quantity"]
    _, order = await world.buy(**item)
    [line] = order.lines

    await _ship(world, order, pb.ShipmentLineInput(order_line_id=line.id, quantity=first))
    shipped = await _ship(world, order)

    parts = [part for shipment in shipped.shipments for part in shipment.lines]
    assert [part.order_line_id for part in parts] == [line.id, line.id]
    assert [part.item.quantity.steps for part in parts] == [first, item["quantity"] - first]
    for amount in ("subtotal", "discount", "total"):
        of_parts = [getattr(part.item, amount) for part in parts]
        assert eur(sum(each.amount_minor for each in of_parts)) == getattr(line.item, amount)
        assert {each.currency for each in of_parts} == {"EUR"}
    assert line.item.discount == eur(item["discount_minor"])
    assert all(
        part.item.total.amount_minor
        == part.item.subtotal.amount_minor + part.item.discount.amount_minor
        for part in parts
    )
    assert all(
        part.item.discount.amount_minor <= 0 <= part.item.total.amount_minor for part in parts
    )
    assert sum(part.item.mass_grams for part in parts) == line.item.mass_grams == item["mass_grams"]
    for part in parts:
        assert (part.item.variant_id, part.item.sku, part.item.unit_price) == (
            line.item.variant_id,
            line.item.sku,
            line.item.unit_price,
        )
        assert (part.item.quantity.scale, part.item.quantity.unit_code) == (
            line.item.quantity.scale,
            line.item.quantity.unit_code,
        )
    assert shipped.lines[0].shipped == line.item.quantity


async def test_the_event_of_a_shipment_equals_the_shipment_of_the_order(world):
    _, order = await world.buy(quantity=3, price_minor=33_33, discount_minor=-10_01, mass_grams=601)

    await _ship(world, order, pb.ShipmentLineInput(order_line_id=order.lines[0].id, quantity=1))
    shipped = await _ship(world, order)

    told = [event.shipment for event in await world.events(OrderShipped)]
    assert told == list(shipped.shipments)


async def test_an_unpaid_order_does_not_ship(world, refusal_of):
    owner_id = uuid7()
    order = await world.complete(await world.ready(owner_id, payment_token="pm_card_3ds"), owner_id)

    assert await refusal_of(_ship(world, order)) == "WRONG_ORDER_STATUS"


async def test_a_break_of_the_contract_is_refused_with_the_path_of_the_field(world):
    _, order = await world.buy()
    line = pb.ShipmentLineInput(order_line_id=order.lines[0].id, quantity=1)
    of_order = {"order_id": order.id}

    for method, request, path in (
        (world.orders.CancelOrder, pb.CancelOrderRequest(**of_order), "reason"),
        (world.orders.CancelOrder, pb.CancelOrderRequest(**of_order, reason=99), "reason"),
        (world.orders.RefundOrder, pb.RefundOrderRequest(**of_order, amount=eur(1)), "reason"),
        (
            world.orders.RefundOrder,
            pb.RefundOrderRequest(**of_order, amount=Money(), reason=pb.ORDER_REASON_FRAUD),
            "amount.currency",
        ),
        (
            world.orders.CreateShipment,
            pb.CreateShipmentRequest(**of_order, carrier="DHL", tracking_url="http://dhl"),
            "tracking_url",
        ),
        (
            world.orders.CreateShipment,
            pb.CreateShipmentRequest(**of_order, carrier="DHL", lines=[line] * 201),
            "lines",
        ),
        (
            world.orders.CreateShipment,
            pb.CreateShipmentRequest(
                **of_order,
                carrier="DHL",
                lines=[line, pb.ShipmentLineInput(order_line_id=line.order_line_id)],
            ),
            "lines[1].quantity",
        ),
        (world.orders.ListOrders, pb.ListOrdersRequest(all_buyers=True, status=99), "status"),
        (
            world.orders.ListOrders,
            pb.ListOrdersRequest(all_buyers=True, page=Page(size=501)),
            "page.size",
        ),
    ):
        with pytest.raises(Invalid) as refusal:
            await world.ask(method, request, staff(world), key=str(uuid7()))
        assert (refusal.value.reason, refusal.value.metadata["path"]) == ("INVALID_FIELD", path)
    unchanged = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), staff(world)
    )
    assert unchanged == order


async def test_calls_for_resources_of_another_buyer_are_refused(world, refusal_of):
    owner_id, order = await world.buy()
    checkout = await world.ready(owner_id)
    stranger = world.tokens.customer()

    for awaitable, reason in (
        (
            world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), stranger),
            "ORDER_NOT_FOUND",
        ),
        (
            world.ask(
                world.orders.ContinuePayment, pb.ContinuePaymentRequest(order_id=order.id), stranger
            ),
            "ORDER_NOT_FOUND",
        ),
        (_cancel(world, order, stranger), "ORDER_NOT_FOUND"),
        (_refund(world, order, token=stranger), "SCOPE_REQUIRED"),
        (
            world.ask(
                world.checkouts.GetCheckout,
                pb.GetCheckoutRequest(checkout_id=checkout.id),
                stranger,
            ),
            "CHECKOUT_NOT_FOUND",
        ),
        (
            world.ask(
                world.checkouts.UpdateCheckout,
                pb.UpdateCheckoutRequest(checkout_id=checkout.id),
                stranger,
            ),
            "CHECKOUT_NOT_FOUND",
        ),
        (
            world.ask(
                world.checkouts.CancelCheckout,
                pb.CancelCheckoutRequest(checkout_id=checkout.id),
                stranger,
            ),
            "CHECKOUT_NOT_FOUND",
        ),
        (world.complete(checkout, uuid7()), "CHECKOUT_NOT_FOUND"),
        (
            world.ask(world.orders.ListOrders, pb.ListOrdersRequest(all_buyers=True), stranger),
            "SCOPE_REQUIRED",
        ),
        (world.ask(world.orders.Reconcile, pb.ReconcileRequest(), stranger), "SCOPE_REQUIRED"),
        (
            world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), ""),
            "MISSING_TOKEN",
        ),
        (
            world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id="nonsense"), stranger),
            "INVALID_ID",
        ),
    ):
        assert await refusal_of(awaitable) == reason
    mine = await world.ask(world.orders.ListOrders, pb.ListOrdersRequest(), stranger)
    assert not mine.orders


async def test_orders_are_listed_newest_first_in_pages(world):
    owner_id = uuid7()
    bought = [(await world.buy(owner_id))[1].id for _ in range(3)]
    token = world.tokens.guest(owner_id)

    first = await world.ask(world.orders.ListOrders, pb.ListOrdersRequest(page=Page(size=2)), token)
    rest = await world.ask(
        world.orders.ListOrders,
        pb.ListOrdersRequest(page=Page(size=2, token=first.next_page_token)),
        token,
    )

    assert [order.id for order in (*first.orders, *rest.orders)] == bought[::-1]
    assert not rest.next_page_token
    everyone = await world.ask(
        world.orders.ListOrders,
        pb.ListOrdersRequest(all_buyers=True, status=pb.ORDER_STATUS_PLACED),
        staff(world),
    )
    assert [order.id for order in everyone.orders] == bought[::-1]


async def _status_is(world, order, status):
    return await world.scalar("SELECT status FROM orders WHERE id = %s", [order.id]) == status
