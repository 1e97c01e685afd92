from __future__ import annotations

from chassis.rpc.auth import SYNTHETIC
from services.journey.tests.journey_world import World, an_id, an_order
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.journey.v1 import journey_pb2 as pb


async def test_what_a_synthetic_shopper_buys_is_on_no_journey(world: World) -> None:
    placed = an_order()
    placed.order.synthetic = True
    order, owner = placed.order.id, placed.order.owner_id

    await world.hear(checkout.CheckoutStarted(checkout_id=order, owner_id=owner, synthetic=True), visitor="V", consent="granted")
    await world.hear(placed, visitor="V", consent="granted")
    await world.hear(
        checkout.OrderRefused(order_id=order, owner_id=owner, reason="OUT_OF_STOCK", synthetic=True), visitor="V", consent="granted"
    )
    await world.hear(checkout.OrderRefunded(order_id=order, owner_id=owner, synthetic=True))
    await world.hear(checkout.OrderCancelled(order=placed.order))
    await world.hear(an_order("P", owner="D"), visitor="W", consent="granted")

    assert [(row.kind, row.subject) for row in await world.rows()] == [("order.placed", str(an_id("P")))]


async def test_what_its_front_end_tells_is_not_stored(world: World) -> None:
    beacon = pb.RecordTouchpointsRequest(
        visitor_id=str(an_id("V")), consent="granted", touchpoints=[pb.BeaconTouchpoint(kind="video.play")] * 2
    )
    token = "Bearer " + world.tokens.of("guest", an_id("G"), scopes=[SYNTHETIC])

    synthetic = await world.ask(world.touchpoints.RecordTouchpoints, beacon, token)
    assert (synthetic.stored, synthetic.refused, await world.rows()) == (0, 2, [])

    guest = await world.ask(world.touchpoints.RecordTouchpoints, beacon, world.tokens.guest(an_id("H")))
    assert guest.stored == 2
