from __future__ import annotations

from chassis import telemetry
from chassis.events.broker import SYNTHETIC, Broker
from chassis.events.consumer import Consumer
from chassis.events.relay import Relay
from chassis.rpc import auth
from chassis.testing import eventually, migrated, running, superuser_url
from journey.handlers import Handlers
from services.journey.tests.journey_world import CONSENTS, World, an_id, order_placed
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.journey.v1 import journey_pb2 as pb


async def test_what_a_synthetic_shopper_buys_is_on_no_journey(world: World, broker: Broker) -> None:
    placed, real = order_placed(), order_placed("P", owner="D")
    order, owner = placed.order.id, placed.order.owner_id
    events = [
        checkout.CheckoutStarted(checkout_id=order, owner_id=owner),
        placed,
        checkout.OrderRefused(order_id=order, owner_id=owner, reason="OUT_OF_STOCK"),
        checkout.OrderRefunded(order_id=order, owner_id=owner),
        checkout.OrderCancelled(order=placed.order),
    ]
    with telemetry.span("request", carried={"visitor": str(an_id("V")), "consent": "granted"}):
        async with world.database.tx() as tx:
            for event in events:
                await tx.emit(event, key=order, synthetic=True)
            await tx.emit(real, key=real.order.id)

    relay = Relay(
        world.database, superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1]), broker
    )
    async with running(
        relay.run,
        migrated(Consumer("journey", world.database, broker, Handlers(world.settings).events)),
    ):
        await eventually(world.rows)

    assert [(row.kind, row.subject) for row in await world.rows()] == [
        ("order.placed", real.order.id)
    ]
    assert (await broker.jetstream.stream_info(SYNTHETIC)).state.messages == len(events)


async def test_what_its_front_end_tells_is_not_stored(world: World) -> None:
    beacon = pb.RecordTouchpointsRequest(
        visitor_id=str(an_id("V")),
        consent=CONSENTS["granted"],
        touchpoints=[pb.BeaconTouchpoint(kind="video.play")] * 2,
    )
    token = "Bearer " + world.tokens.create("guest", an_id("G"), scopes=[auth.SYNTHETIC])

    synthetic = await world.ask(world.touchpoints.RecordTouchpoints, beacon, token)
    assert (synthetic.stored, synthetic.refused, await world.rows()) == (0, 2, [])

    guest = await world.ask(
        world.touchpoints.RecordTouchpoints, beacon, world.tokens.guest(an_id("H"))
    )
    assert guest.stored == 2
