from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from chassis import telemetry
from chassis.data.database import Database
from chassis.events.broker import Broker
from chassis.events.consumer import Consumer
from chassis.events.relay import Relay
from chassis.rpc.errors import Invalid
from chassis.rpc.wire import timestamp
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, fresh_broker, migrated, running, sample_value, superuser_url
from journey.handlers import Handlers
from journey.touchpoints.stream import DURABLE, SUBJECT, GatewayTouchpoints
from services.journey.tests.journey_world import (
    CONSENTS,
    World,
    a_touchpoint,
    an_id,
    at,
    from_gateway,
    order_placed,
    settings,
)
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.common.v1.quantity_pb2 import Quantity
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import journey_pb2 as pb


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    async with fresh_broker() as broker:
        yield broker


def a_beacon(
    *touchpoints: pb.BeaconTouchpoint, consent: str = "granted", visitor: str = "V"
) -> pb.RecordTouchpointsRequest:
    return pb.RecordTouchpointsRequest(
        visitor_id=str(an_id(visitor)),
        consent=CONSENTS[consent],
        touchpoints=touchpoints,
        session_id="s1",
    )


async def publish(broker: Broker, *batches: events_pb2.TouchpointBatch) -> None:
    for batch in batches:
        await broker.jetstream.publish(SUBJECT, batch.SerializeToString())


def counted(source: str, outcome: str) -> float:
    return sample_value("touchpoints_total", source=source, outcome=outcome)


async def test_a_front_ends_touchpoints_are_stored_as_they_are(world: World) -> None:
    touchpoint = pb.BeaconTouchpoint(
        kind="video.play",
        subject="tea-film",
        utm_source="instagram",
        utm_medium="paid-social",
        click_id="c1",
        referrer_host="https://insta.example/p/1",
        properties={"second": "3", "mail": "ana@example.com"},
        duration_ms=40,
    )

    reply = await world.ask(
        world.touchpoints.RecordTouchpoints, a_beacon(touchpoint), world.tokens.customer(an_id("C"))
    )

    (row,) = await world.rows()
    assert (reply.stored, reply.refused) == (1, 0)
    assert (row.visitor_id, row.customer_id, row.guest_id, row.session_id) == (
        an_id("V"),
        an_id("C"),
        None,
        "s1",
    )
    assert (row.kind, row.source, row.subject, row.duration_ms, row.channel) == (
        "video.play",
        "beacon",
        "tea-film",
        40,
        "default",
    )
    assert (row.utm_source, row.utm_medium, row.click_id, row.referrer_host) == (
        "instagram",
        "paid-social",
        "c1",
        "insta.example",
    )
    assert row.properties == {"second": "3"}  # type: ignore[comparison-overlap]


async def test_impossible_times_of_a_front_end_are_refused_and_the_others_keep_their_order(
    world: World,
) -> None:
    now = datetime.now(UTC)

    def told(kind: str, at: datetime) -> pb.BeaconTouchpoint:
        return pb.BeaconTouchpoint(kind=kind, occurred_at=timestamp(at))

    request = a_beacon(
        told("future", now + timedelta(days=1, minutes=5)),
        told("c", now - timedelta(hours=1)),
        told("past", datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        told("b", now - timedelta(hours=1)),
        told("a", now - timedelta(hours=1)),
    )
    request.device = "phone"

    reply = await world.ask(world.touchpoints.RecordTouchpoints, request)

    assert [(one.index, one.field) for one in reply.rejected] == [
        (0, "occurred_at"),
        (2, "occurred_at"),
    ]
    journey = await world.journey(visitor_id=str(an_id("V")))
    assert [one.kind for one in journey.touchpoints] == ["c", "b", "a"]
    assert {row.device for row in await world.rows()} == {"phone"}


async def test_bots_are_left_out_unless_they_are_asked_for(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="V"), a_touchpoint("page.view", visitor="B", device="bot")
    )

    people = [
        (await world.funnel(with_bots=with_bots)).segments[0].stages[0].people
        for with_bots in (False, True)
    ]

    assert people == [1, 2]


async def test_the_same_touchpoint_of_a_front_end_twice_is_one(world: World) -> None:
    id = str(uuid7())
    request = a_beacon(
        pb.BeaconTouchpoint(id=id, kind="a"),
        pb.BeaconTouchpoint(id=id, kind="a"),
        pb.BeaconTouchpoint(kind="b"),
    )

    replies = [await world.ask(world.touchpoints.RecordTouchpoints, request) for _ in range(2)]

    assert [reply.stored for reply in replies] == [2, 1]
    assert sorted(await world.kinds()) == ["a", "b", "b"]
    # Another visitor's touchpoint cannot take its place.
    await world.ask(
        world.touchpoints.RecordTouchpoints,
        a_beacon(pb.BeaconTouchpoint(id=id, kind="c"), visitor="W"),
    )
    assert "c" in await world.kinds()


@pytest.mark.parametrize(
    ("touchpoints", "reason", "metadata"),
    [
        (
            [],
            "INVALID_FIELD",
            {"path": "touchpoints", "rule": "repeated.min_items", "allowed": "1"},
        ),
        (
            [pb.BeaconTouchpoint(kind="a")] * 101,
            "INVALID_FIELD",
            {"path": "touchpoints", "rule": "repeated.max_items", "allowed": "100"},
        ),
        (
            [pb.BeaconTouchpoint(kind="B"), pb.BeaconTouchpoint(kind="A")],
            "INVALID_TOUCHPOINT",
            {"index": "0", "field": "kind"},
        ),
        (
            [pb.BeaconTouchpoint(kind="a", outcome=99)],
            "INVALID_TOUCHPOINT",
            {"index": "0", "field": "outcome"},
        ),
        (
            [pb.BeaconTouchpoint(kind="a", id="1")],
            "INVALID_TOUCHPOINT",
            {"index": "0", "field": "id", "path": "id", "rule": "string.uuid"},
        ),
    ],
)
async def test_a_batch_that_makes_no_sense_stores_nothing(
    world: World, touchpoints: Any, reason: str, metadata: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        await world.ask(world.touchpoints.RecordTouchpoints, a_beacon(*touchpoints))

    assert (refusal.value.reason, refusal.value.metadata) == (reason, metadata)
    assert await world.rows() == []


async def test_what_the_gateway_publishes_is_stored_once_and_what_makes_no_sense_is_counted(
    database: Database, broker: Broker
) -> None:
    before = {
        outcome: counted("gateway", outcome)
        for outcome in ("stored", "repeated", "malformed", "no_consent")
    }
    good = [
        from_gateway("product.view", seconds=second, properties={"a": "b"}) for second in range(40)
    ]
    bad = [
        from_gateway("No Kind"),
        from_gateway("a", visitor="V", id="1"),
        from_gateway("a", seconds=86_400 * 3_660),
        from_gateway("a", seconds=-86_400 * 9_660),
        events_pb2.Touchpoint(kind="a"),
    ]
    batches = [
        events_pb2.TouchpointBatch(touchpoints=[*good[:20], *bad]),
        events_pb2.TouchpointBatch(touchpoints=good[20:]),
    ]
    refused = events_pb2.TouchpointBatch(
        touchpoints=[
            from_gateway("a", visitor="W", consent="denied"),
            from_gateway("a", visitor="X", consent=""),
        ]
    )

    await publish(broker, *batches, batches[0], refused)
    await broker.jetstream.publish(SUBJECT, b"\xff\xff nonsense")
    await DURABLE.create(broker.jetstream)
    async with running(GatewayTouchpoints(database, broker, settings()).run):
        await eventually(lambda: counted("gateway", "no_consent") == before["no_consent"] + 2)
        await eventually(lambda: counted("gateway", "malformed") == before["malformed"] + 11)

    async with database.read() as read:
        assert await read.fetch(
            "SELECT count(*), count(DISTINCT id), min(occurred_at), max(duration_ms) FROM "
            "touchpoint"
        ) == [(40, 40, at(0), 12)]
    assert counted("gateway", "stored") == before["stored"] + 40
    assert counted("gateway", "repeated") + 0 >= before["repeated"]


async def test_touchpoints_wait_in_the_stream_while_the_database_is_away(
    database: Database, broker: Broker
) -> None:
    async with database.tx() as tx:
        await tx.run("ALTER TABLE touchpoint RENAME TO away")
    await publish(
        broker, events_pb2.TouchpointBatch(touchpoints=[from_gateway("a"), from_gateway("b")])
    )

    await DURABLE.create(broker.jetstream)

    async def has_come_again() -> bool:
        info = await broker.jetstream.consumer_info(DURABLE.stream, DURABLE.name)
        return bool(info.num_redelivered)

    async with running(GatewayTouchpoints(database, broker, settings()).run):
        await eventually(has_come_again)
        async with database.tx() as tx:
            await tx.run("ALTER TABLE away RENAME TO touchpoint")

        async def all_there() -> bool:
            async with database.read() as read:
                return (await read.fetch_one("SELECT count(*) FROM touchpoint")) == (2,)

        await eventually(all_there, within=10)


async def test_an_event_is_a_touchpoint_exactly_once_with_its_visitor_and_trace(
    world: World, broker: Broker
) -> None:
    event = cart.CartLineAdded(
        cart_id=str(an_id("K")),
        version=2,
        owner_id=str(an_id("G")),
        variant_id=str(an_id("P")),
        quantity=Quantity(steps=1),
        channel="de",
    )
    url = superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1])
    carried = {"visitor": str(an_id("V")), "session": "s9", "consent": "granted"}

    with telemetry.span("request", carried=carried):
        trace_id = telemetry.trace_id()
        async with world.database.tx() as tx:
            await tx.emit(event, key=an_id("K"))
    # What a producer's relay publishes is what we consume here; a broker delivers it twice.
    consumers = [
        migrated(Consumer("journey", world.database, broker, Handlers(world.settings).events))
        for _ in range(2)
    ]
    async with running(Relay(world.database, url, broker).run, *consumers):
        await eventually(lambda: has_rows(world))
        stored = await broker.jetstream.get_last_msg(
            "EVENTS", "events.sojourn.cart.v1.CartLineAdded"
        )
        headers = {**(stored.headers or {}), "Nats-Msg-Id": "again"}
        await broker.jetstream.publish(stored.subject or "", stored.data or b"", headers=headers)
        await eventually(
            lambda: (
                sample_value(
                    "events_handled_total", type=event.DESCRIPTOR.full_name, outcome="repeated"
                )
                >= 1
            )
        )

    (row,) = await world.rows()
    assert (row.kind, row.source, row.channel, row.subject) == (
        "cart.line_added",
        "event",
        "de",
        str(an_id("K")),
    )
    assert (row.visitor_id, row.guest_id, row.session_id) == (an_id("V"), an_id("G"), "s9")
    assert row.trace_id
    assert row.trace_id.hex == trace_id


async def has_rows(world: World) -> bool:
    return bool(await world.rows())


async def test_every_kind_of_event_is_told_and_nothing_personal_is_kept(world: World) -> None:
    from sojourn.catalog.v1 import digital_events_pb2 as digital
    from sojourn.checkout.v1 import claim_events_pb2 as claims
    from sojourn.checkout.v1 import claim_pb2
    from sojourn.checkout.v1 import disputes_pb2 as disputes
    from sojourn.checkout.v1 import events_pb2 as checkout
    from sojourn.checkout.v1 import gift_card_events_pb2 as gift_cards
    from sojourn.checkout.v1 import pickup_events_pb2 as pickup
    from sojourn.checkout.v1 import return_events_pb2 as returns
    from sojourn.checkout.v1 import shipment_events_pb2 as shipments
    from sojourn.identity.v1 import events_pb2 as identity
    from sojourn.notifications.v1 import events_pb2 as notifications
    from sojourn.notifications.v1.notifications_pb2 import (
        MESSAGE_REASON_REFUSED,
        TOPIC_TRANSACTIONAL,
    )

    owner, order = str(an_id("C")), order_placed().order
    events: list[Message] = [
        identity.CustomerRegistered(
            customer_id=owner,
            guest_id=str(an_id("G")),
            email="ana.secret@example.com",
            first_name="Geheimrat",
        ),
        identity.CustomerLoggedIn(customer_id=owner),
        identity.ConsentChanged(customer_id=owner, granted={"analytics": True}, version=2),
        cart.CartLineAdded(cart_id=str(an_id("K")), version=2, owner_id=owner),
        cart.CartAbandoned(
            cart_id=str(an_id("K")),
            version=3,
            owner_id=owner,
            email="ana.secret@example.com",
            restore_token="t",
        ),
        cart.CartMerged(
            cart_id=str(an_id("K")), version=4, guest_id=str(an_id("G")), customer_id=owner
        ),
        cart.CartRestored(
            cart_id=str(an_id("K")), version=5, owner_id=owner, saved_cart_id=str(an_id("K"))
        ),
        checkout.CheckoutStarted(
            checkout_id=str(an_id("H")), owner_id=owner, cart_id=str(an_id("K"))
        ),
        order_placed(),
        checkout.OrderRefused(order_id=str(an_id("O2")), owner_id=owner, reason="OUT_OF_STOCK"),
        checkout.OrderCancelled(order=order),
        checkout.OrderLinesCancelled(order=order),
        checkout.OrderShipped(order=order),
        checkout.OrderDelivered(order=order),
        shipments.ShipmentLate(order=order),
        pickup.OrderReadyForPickup(order=order, pickup_code="204815"),
        pickup.OrderCollected(order=order),
        digital.DigitalGoodsDelivered(
            order_id=order.id,
            owner_id=owner,
            email="ana.secret@example.com",
            goods=[digital.MailedGood(licence_keys=["AAAA-secret-0001"])],
        ),
        gift_cards.GiftCardSent(
            order_id=order.id, owner_id=owner, email="ana.secret@example.com", code="secret"
        ),
        claims.ClaimChanged(order=order, claim={"status": claim_pb2.CLAIM_STATUS_SETTLED}),
        gift_cards.StoreCreditChanged(
            store_credit_id=str(an_id("SC")), customer_id=owner, amount={"amount_minor": 5}
        ),
        returns.ReturnRequested(order=order),
        returns.ReturnAccepted(order=order),
        returns.ReturnRejected(order=order),
        returns.ReturnCancelled(order=order),
        returns.ReturnReceived(order=order),
        returns.ReturnRefunded(order=order),
        checkout.OrderRefunded(
            order_id=order.id, owner_id=owner, amount={"amount_minor": 5, "currency": "EUR"}
        ),
        disputes.PaymentDisputeChanged(order_id=order.id, owner_id=owner, dispute={"status": 4}),
        notifications.MessageSent(
            message_id=str(uuid7()),
            template="order_shipped",
            topic=TOPIC_TRANSACTIONAL,
            owner_id=owner,
            order_id=order.id,
        ),
        notifications.MessageFailed(
            message_id=str(uuid7()),
            template="order_shipped",
            topic=TOPIC_TRANSACTIONAL,
            owner_id=owner,
            reason=MESSAGE_REASON_REFUSED,
        ),
    ]

    for second, event in enumerate(events):
        await world.hear(event, seconds=second, visitor="V", consent="granted")

    rows = await world.rows()
    assert [row.kind for row in rows] == [
        "account.registered",
        "account.logged_in",
        "account.consent_changed",
        "cart.line_added",
        "cart.abandoned",
        "cart.merged",
        "cart.restored",
        "checkout.started",
        "order.placed",
        "order.refused",
        "order.cancelled",
        "order.lines_cancelled",
        "order.shipped",
        "order.delivered",
        "order.late",
        "order.ready_for_pickup",
        "order.delivered",
        "order.digital_goods_delivered",
        "order.gift_card_sent",
        "claim.settled",
        "store_credit.changed",
        "return.requested",
        "return.accepted",
        "return.rejected",
        "return.cancelled",
        "return.received",
        "return.refunded",
        "order.refunded",
        "payment.disputed",
        "email.sent",
        "email.failed",
    ]
    assert {row.customer_id for row in rows} == {an_id("C")}
    # Staff ship: the visitor in that trace is not the shopper.
    assert {row.kind for row in rows if row.visitor_id is None} == {
        *(kind for kind in (row.kind for row in rows) if kind.startswith("return.")),
        "order.cancelled",
        "order.lines_cancelled",
        "order.shipped",
        "order.delivered",
        "order.late",
        "order.ready_for_pickup",
        "order.digital_goods_delivered",
        "order.gift_card_sent",
        "claim.settled",
        "store_credit.changed",
        "order.refunded",
        "payment.disputed",
        "email.sent",
        "email.failed",
    }
    assert [(row.outcome, row.reason) for row in rows if row.outcome != "ok"] == [
        ("refused", "OUT_OF_STOCK"),
        ("error", "SHIPMENT_LATE"),
        ("error", "REFUSED"),
    ]
    assert "secret" not in str(rows)
    assert "Geheimrat" not in str(rows)


async def test_two_replicas_that_store_the_same_at_once_store_it_once(world: World) -> None:
    rows = [a_touchpoint(visitor="V", guest="G", seconds=second) for second in range(5)]

    results = await asyncio.gather(
        *(world.record_touchpoints(*rows) for _ in range(4)), return_exceptions=True
    )

    # Who loses the race is told so, and its batch comes again.
    assert len(await world.rows()) == 5
    assert (
        sum(len(result.stored) for result in results if not isinstance(result, BaseException)) == 5
    )
    assert os.environ["TEST_NATS_URL"]
