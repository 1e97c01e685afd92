"""Orders of an organization, as its managers see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as pb


async def bought_for(world: World, organization_id: UUID) -> pb.Order:
    """Has a customer place an order for an organization."""
    _, order = await world.buy()
    async with world.database.tx() as tx:
        await tx.run(
            "UPDATE orders SET organization_id = %s WHERE id = %s", [organization_id, order.id]
        )
    return order


async def listed(world: World, token: str, **fields: Any) -> list[str]:
    request = pb.ListOrdersRequest(of_organization=True, **fields)
    reply = await world.ask(world.orders.ListOrders, request, token)
    return [order.id for order in reply.orders]


async def test_a_manager_reads_all_orders_of_the_organization_and_no_others(world: World) -> None:
    mine, other = uuid7(), uuid7()
    first, second = await bought_for(world, mine), await bought_for(world, mine)
    strange = await bought_for(world, other)
    manager = world.tokens.customer(organization_id=mine, role="manager")

    assert await listed(world, manager) == [second.id, first.id]
    assert await listed(world, manager, page={"size": 1}) == [second.id]
    assert await listed(world, manager, query=first.number) == [first.id]
    read = await world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=first.id), manager)
    assert read.id == first.id
    own = await world.ask(world.orders.ListOrders, pb.ListOrdersRequest(), manager)
    assert not own.orders
    with pytest.raises(DomainError) as refusal:
        await world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=strange.id), manager)
    assert refusal.value.reason == "ORDER_NOT_FOUND"


async def test_others_of_the_organization_and_strangers_read_none_of_them(world: World) -> None:
    organization_id = uuid7()
    order = await bought_for(world, organization_id)

    for token in (
        world.tokens.customer(organization_id=organization_id, role="buyer"),
        world.tokens.customer(),
        world.tokens.guest(),
    ):
        with pytest.raises(DomainError) as refusal:
            await listed(world, token)
        assert refusal.value.reason == "ORGANIZATION_MANAGERS_ONLY"
        with pytest.raises(DomainError) as refusal:
            await world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), token)
        assert refusal.value.reason == "ORDER_NOT_FOUND"


async def test_a_manager_changes_no_order_of_another_member(world: World) -> None:
    organization_id = uuid7()
    order = await bought_for(world, organization_id)
    manager = world.tokens.customer(organization_id=organization_id, role="manager")

    with pytest.raises(DomainError) as refusal:
        await world.ask(
            world.orders.CancelOrder,
            pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST),
            manager,
        )

    assert refusal.value.reason == "ORDER_NOT_FOUND"
