"""Orders of guests who became customers."""

from chassis.runtime.clock import uuid7
from checkout import handlers
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn, CustomerRegistered


async def _convert(world, guest_id, customer_id, kind=CustomerRegistered):
    event = kind(guest_id=str(guest_id), customer_id=str(customer_id))
    async with world.database.tx() as tx:
        await handlers.CONVERSIONS[kind](tx, event, None)


async def _listed(world, token):
    reply = await world.ask(world.orders.ListOrders, pb.ListOrdersRequest(), token)
    return [order.id for order in reply.orders]


async def test_the_orders_of_a_guest_who_registers_are_the_customer_s(world):
    (guest_id, first), customer_id = await world.buy(), uuid7()
    customer = world.tokens.customer(customer_id)
    assert await _listed(world, customer) == []

    await _convert(world, guest_id, customer_id)
    _, second = await world.buy(guest_id)

    assert await _listed(world, customer) == [second.id, first.id]
    shown = await world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=first.id), customer)
    assert shown == first
    request = pb.CancelOrderRequest(order_id=first.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    cancelled = await world.ask(world.orders.CancelOrder, request, customer)
    assert cancelled.status == pb.ORDER_STATUS_CANCELLED
    assert pb.ORDER_ACTOR_BUYER in [event.actor for event in cancelled.history[2:]]
    assert await world.scalar("SELECT count(*) FROM audit") == 0


async def test_the_orders_of_a_guest_who_logs_in_are_the_customer_s_once(world, refusal_of):
    (guest_id, order), customer_id = await world.buy(), uuid7()

    await _convert(world, guest_id, customer_id, CustomerLoggedIn)
    await _convert(world, guest_id, customer_id, CustomerLoggedIn)
    await _convert(world, guest_id, uuid7(), CustomerLoggedIn)

    assert await _listed(world, world.tokens.customer(customer_id)) == [order.id]
    stranger = world.tokens.customer()
    asked = world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), stranger)
    assert await refusal_of(asked) == "ORDER_NOT_FOUND"


async def test_an_order_at_the_bank_is_continued_by_the_customer_whom_its_guest_became(world):
    guest_id, customer_id = uuid7(), uuid7()
    order = await world.complete(await world.ready(guest_id, payment_token="pm_card_3ds"), guest_id)
    await _convert(world, guest_id, customer_id)

    await world.provider.answer_challenge(order.payments[0].action_url, "pass")
    placed = await world.ask(
        world.orders.ContinuePayment,
        pb.ContinuePaymentRequest(order_id=order.id),
        world.tokens.customer(customer_id),
    )

    assert placed.status == pb.ORDER_STATUS_PLACED
