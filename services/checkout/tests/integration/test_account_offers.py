"""Accounts that guests are offered after they bought."""

from __future__ import annotations

from typing import Any

from chassis.runtime.clock import uuid7
from checkout.guests.actions import record_conversion
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import account_offers_pb2 as pb
from sojourn.checkout.v1 import account_offers_pb2_grpc as pb_grpc
from sojourn.checkout.v1 import checkout_pb2


async def offer(world: World, order: checkout_pb2.Order, token: str) -> pb.AccountOffer:
    stub = world.peer.stub(pb_grpc.AccountOfferServiceStub)
    asked = pb.GetAccountOfferRequest(order_id=order.id)
    found: pb.AccountOffer = await world.ask(stub.GetAccountOffer, asked, token)
    return found


async def test_guests_are_offered_an_account_from_what_they_entered_until_they_have_one(
    world: World, refusal_of: Any
) -> None:
    guest_id, order = await world.buy()
    token = "Bearer " + world.tokens.create("guest", guest_id)
    found = await offer(world, order, token)
    stranger = "Bearer " + world.tokens.create("guest", uuid7())
    refused = [await refusal_of(offer(world, order, stranger))]
    refused += [await refusal_of(offer(world, order, world.tokens.staff("orders.read")))]
    async with world.database.tx() as tx:
        await record_conversion(tx, guest_id, uuid7())
    refused += [await refusal_of(offer(world, order, token))]

    assert (found.email, found.address) == (order.email, order.delivery_address)
    assert (found.first_name, found.last_name) == (
        order.delivery_address.first_name, order.delivery_address.last_name,
    )  # fmt: skip
    assert refused == ["ORDER_NOT_FOUND", "ORDER_NOT_FOUND", "ACCOUNT_NOT_OFFERED"]


async def test_customers_and_those_whose_order_is_over_are_offered_no_account(
    world: World, refusal_of: Any
) -> None:
    owner_id, order = await world.buy()
    customer = "Bearer " + world.tokens.create("customer", owner_id)
    refused = [await refusal_of(offer(world, order, customer))]
    whole = checkout_pb2.CancelOrderRequest(
        order_id=order.id, reason=checkout_pb2.ORDER_REASON_OTHER
    )
    await world.ask(world.orders.CancelOrder, whole, world.tokens.staff("orders.write"))
    guest = "Bearer " + world.tokens.create("guest", owner_id)
    refused += [await refusal_of(offer(world, order, guest))]

    assert refused == ["ACCOUNT_NOT_OFFERED"] * 2
