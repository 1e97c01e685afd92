"""Secret links by which buyers without a session read their orders."""

import pytest

from chassis.runtime.clock import uuid7
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1.events_pb2 import OrderLinkRequested


async def _request(world, number, email="ada@example.org"):
    request = pb.RequestOrderLinkRequest(number=number, email=email)
    return await world.ask(world.links.RequestOrderLink, request, "")


async def _open(world, token):
    return await world.ask(world.links.OpenOrderLink, pb.OpenOrderLinkRequest(token=token), "")


async def _read(world, access_token):
    request = pb.GetLinkedOrderRequest(access_token=access_token)
    return await world.ask(world.links.GetLinkedOrder, request, "")


async def test_a_link_to_an_order_opens_once_and_reads_it_for_an_hour(world, refusal_of):
    _, order = await world.buy()

    await _request(world, f" {order.number.lower()} ", "Ada@Example.org")
    [told] = await world.events(OrderLinkRequested)
    opened = await _open(world, told.token)

    assert (told.order_id, told.email, told.locale) == (order.id, "ada@example.org", "de-DE")
    assert opened.order == order
    assert await _read(world, opened.access_token) == order
    assert await refusal_of(_open(world, told.token)) == "ORDER_LINK_NOT_FOUND"
    assert await refusal_of(_read(world, told.token)) == "ORDER_LINK_NOT_FOUND"
    assert await refusal_of(_open(world, opened.access_token)) == "ORDER_LINK_NOT_FOUND"
    async with world.database.tx() as tx:
        await tx.run("UPDATE order_link SET expires_at = created_at")
    assert await refusal_of(_read(world, opened.access_token)) == "ORDER_LINK_NOT_FOUND"


async def test_a_token_of_a_link_is_stored_nowhere_but_in_its_event(world):
    _, order = await world.buy()

    await _request(world, order.number)

    [told] = await world.events(OrderLinkRequested)
    digest = await world.scalar("SELECT token_digest FROM order_link")
    assert len(digest) == 32
    assert told.token.encode() not in bytes(digest)


@pytest.mark.parametrize("email", ["eve@example.org", "no address"])
async def test_asking_for_a_link_tells_nothing_and_mails_the_address_of_the_order_alone(
    world, email
):
    _, order = await world.buy()

    answers = [
        await _request(world, order.number, email),
        await _request(world, "S-999999"),
        await _request(world, str(uuid7())),
    ]

    assert answers == [pb.RequestOrderLinkResponse()] * 3
    assert await world.events(OrderLinkRequested) == []


async def test_an_order_is_mailed_three_links_a_day(world):
    _, order = await world.buy()

    await _request(world, order.number)
    await _open(world, (await world.events(OrderLinkRequested))[0].token)
    for _ in range(4):
        await _request(world, order.number)

    assert len(await world.events(OrderLinkRequested)) == 3
