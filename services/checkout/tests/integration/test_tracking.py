"""Tracking of parcels: webhooks of carriers, in any order, and what buyers see of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import real_now, uuid7
from checkout.carriers.simulator import sign_webhook
from checkout.erasures.actions import forget_due_orders
from checkout.erasures.forget_orders import forget_orders
from checkout.shipments.lateness import report_late_shipment
from services.checkout.tests.checkout_world import PACKAGES, SECRET, World
from services.checkout.tests.integration.test_carriers import ship
from services.checkout.tests.integration.test_delivery_settings import a_carrier, ask, put
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import tracking_pb2 as pb
from sojourn.checkout.v1.events_pb2 import OrderDelivered, OrderLinkRequested
from sojourn.checkout.v1.shipment_events_pb2 import ShipmentLate

CONNECTED = {"carriers": "simulator, acme"}
SIMULATED = pytest.mark.parametrize("changed_settings", [CONNECTED], indirect=True)
NUMBER = "0034 0434 9"


@pytest.fixture(scope="module", autouse=True)
def acme_is_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBHOOK_SECRET", SECRET)
        sys.path.append(PACKAGES)
        yield
        sys.path.remove(PACKAGES)


def an_event(id: str, status: str, at: datetime, **more: Any) -> dict[str, Any]:
    told = {"tracking_number": NUMBER, "occurred_at": at.isoformat(), **more}
    return {"id": id, "status": status, **told}


async def receive_carrier_webhook(
    world: World, *events: dict[str, Any], carrier: str = "acme", signature: str | None = None
) -> None:
    body = json.dumps({"events": events}).encode()
    signature = sign_webhook(SECRET, body) if signature is None else signature
    request = pb.ReceiveCarrierWebhookRequest(carrier=carrier, body=body, signature=signature)
    await world.ask(world.tracking.ReceiveCarrierWebhook, request, "")


async def shipped(world: World, **given: Any) -> tuple[Any, orders_pb.Order]:
    """Places an order and ships it by the carrier of the stand-in."""
    await put(world, a_carrier(integration="simulator"))
    owner_id, order = await world.buy()
    await ship(world, order, carrier="acme", tracking_number=NUMBER, **given)
    return owner_id, order


async def track(world: World, order: orders_pb.Order, token: str) -> pb.OrderTracking:
    request = pb.GetOrderTrackingRequest(order_id=order.id)
    return await world.ask(world.tracking.GetOrderTracking, request, token)


async def status_of(world: World, order: orders_pb.Order) -> int:
    request = orders_pb.GetOrderRequest(order_id=order.id)
    token = world.tokens.staff("orders.read")
    return (await world.ask(world.orders.GetOrder, request, token)).status


@SIMULATED
async def test_events_in_any_order_and_twice_tell_where_a_parcel_is(world: World) -> None:
    owner_id, order = await shipped(world)
    now = world.clock.now()
    hour = timedelta(hours=1)
    out = an_event("3", "out_for_delivery", now + 3 * hour, place="Bonn", country="de")
    failed = an_event("2", "failed_attempt", now + 2 * hour, note="Nobody at home")
    first = an_event("1", "in_transit", now + hour)

    await receive_carrier_webhook(world, out, failed)
    await receive_carrier_webhook(world, first, out)
    await receive_carrier_webhook(world, out)
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels

    assert parcel.status == pb.PARCEL_STATUS_OUT_FOR_DELIVERY
    assert [each.status for each in parcel.events] == [
        pb.PARCEL_STATUS_OUT_FOR_DELIVERY,
        pb.PARCEL_STATUS_FAILED_ATTEMPT,
        pb.PARCEL_STATUS_IN_TRANSIT,
    ]
    assert (parcel.events[0].place, parcel.events[0].country) == ("Bonn", "DE")
    assert parcel.events[1].note == "Nobody at home"
    assert (parcel.carrier.code, parcel.carrier.phone_number) == ("acme", "+49301234567")
    assert await status_of(world, order) == orders_pb.ORDER_STATUS_SHIPPED


@SIMULATED
async def test_a_delivery_delivers_the_order_once_with_its_proof_and_stays(world: World) -> None:
    owner_id, order = await shipped(world)
    world.clock.shift_to(7200)
    at = world.clock.now() - timedelta(hours=1)
    proof = {"signed_by": "A. Lovelace", "picture_reference": "pod/1"}
    delivered = an_event("9", "delivered", at, **proof)

    await receive_carrier_webhook(world, delivered)
    await receive_carrier_webhook(world, delivered)
    # It was told late.
    await receive_carrier_webhook(world, an_event("4", "in_transit", at + timedelta(minutes=1)))
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels
    again = orders_pb.MarkDeliveredRequest(order_id=order.id, shipment_id=parcel.shipment_id)
    staff = world.tokens.staff("orders.write")
    kept = await world.ask(world.orders.MarkDelivered, again, staff)

    assert (parcel.status, parcel.late) == (pb.PARCEL_STATUS_DELIVERED, False)
    assert parcel.delivered_at.ToDatetime() == at.replace(tzinfo=None)
    assert parcel.events[1].proof == pb.ProofOfDelivery(**proof)
    assert kept.status == orders_pb.ORDER_STATUS_DELIVERED
    assert [each.actor for each in kept.history][-1] == orders_pb.ORDER_ACTOR_SYSTEM
    assert len(await world.service.events(OrderDelivered)) == 1


@SIMULATED
async def test_a_parcel_that_went_back_is_returned_and_the_order_waits(world: World) -> None:
    owner_id, order = await shipped(world)

    await receive_carrier_webhook(world, an_event("1", "returned", world.clock.now()))
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels

    assert parcel.status == pb.PARCEL_STATUS_RETURNED
    assert await status_of(world, order) == orders_pb.ORDER_STATUS_SHIPPED


@SIMULATED
async def test_events_that_come_before_the_shipment_wait_for_it(world: World) -> None:
    await put(world, a_carrier(integration="simulator"))
    owner_id, order = await world.buy()
    now = world.clock.now()

    await receive_carrier_webhook(
        world, an_event("1", "in_transit", now), an_event("2", "delivered", now)
    )
    # About a parcel of last year with the same number.
    await receive_carrier_webhook(world, an_event("0", "returned", now - timedelta(days=400)))
    shipment = await ship(world, order, carrier="acme", tracking_number=NUMBER)
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels

    assert shipment.status == orders_pb.SHIPMENT_STATUS_DELIVERED
    assert [each.status for each in parcel.events] == [
        pb.PARCEL_STATUS_DELIVERED, pb.PARCEL_STATUS_IN_TRANSIT,
    ]  # fmt: skip
    assert await status_of(world, order) == orders_pb.ORDER_STATUS_DELIVERED
    assert await world.scalar("SELECT count(*) FROM waiting_parcel_event") == 1
    world.clock.shift_to(31 * 24 * 3600)
    await forget_orders(world.database)
    assert await world.scalar("SELECT count(*) FROM waiting_parcel_event") == 0


@SIMULATED
async def test_a_forged_stale_or_senseless_webhook_is_refused_and_changes_nothing(
    world: World, refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner_id, order = await shipped(world)
    event = an_event("1", "delivered", world.clock.now())

    assert (
        await refusal_of(receive_carrier_webhook(world, event, signature="t=1,v1=" + "0" * 64))
        == "WRONG_SIGNATURE"
    )
    body = json.dumps({"events": [event]}).encode()
    old = sign_webhook(SECRET, body, at=int(real_now().timestamp()) - 301)
    assert (
        await refusal_of(receive_carrier_webhook(world, event, signature=old)) == "WRONG_SIGNATURE"
    )
    for broken in (
        {**event, "status": "lost"},
        {**event, "occurred_at": "2026-03-02T10:00:00"},
        {**event, "occurred_at": "2199-01-01T00:00:00Z"},
        {**event, "tracking_number": " "},
        {**event, "id": ""},
    ):
        assert await refusal_of(receive_carrier_webhook(world, broken)) == "MALFORMED_WEBHOOK"
    await put(world, a_carrier("silent"))
    for carrier in ("silent", "unknown"):
        assert (
            await refusal_of(receive_carrier_webhook(world, event, carrier=carrier))
            == "UNKNOWN_CARRIER"
        )
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels

    assert (parcel.status, list(parcel.events)) == (pb.PARCEL_STATUS_SHIPPED, [])
    wrong = put(world, a_carrier(integration="nobody"))
    assert await refusal_of(wrong) == "INVALID_DELIVERY_SETTING"


@SIMULATED
async def test_another_packages_carrier_tells_by_its_entry_point(world: World) -> None:
    await put(world, a_carrier(integration="acme"))
    owner_id, order = await world.buy()
    await ship(world, order, carrier="acme", tracking_number="AC1")
    body = f"e1 ac1 OC {world.clock.now().isoformat()}".encode()

    request = pb.ReceiveCarrierWebhookRequest(carrier="acme", body=body, signature="acme")
    await world.ask(world.tracking.ReceiveCarrierWebhook, request, "")
    [parcel] = (await track(world, order, world.shopper(owner_id))).parcels

    assert parcel.status == pb.PARCEL_STATUS_OUT_FOR_DELIVERY


async def test_a_parcel_is_late_after_its_promised_days_in_the_place_of_its_method(
    world: World, refusal_of: Any
) -> None:
    await world.components.delivery.seed()
    standard = await ask(world, "GetDeliveryMethod", code="standard")
    standard.time_zone, standard.grace_days = "America/New_York", 1
    await put(world, standard)
    owner_id, order = await world.buy()
    await ship(world, order, carrier="DHL", tracking_number="1")
    await world.ask(
        world.links.RequestOrderLink,
        orders_pb.RequestOrderLinkRequest(number=order.number, email="ada@example.org"), "",
    )  # fmt: skip
    [told] = await world.service.events(OrderLinkRequested)
    opened = await world.ask(
        world.links.OpenOrderLink, orders_pb.OpenOrderLinkRequest(token=told.token), ""
    )
    linked = pb.GetLinkedOrderTrackingRequest(access_token=opened.access_token)

    async def is_late() -> bool:
        found = await world.ask(world.tracking.GetLinkedOrderTracking, linked, "")
        return bool(found.parcels[0].late)

    seen = await track(world, order, world.shopper(owner_id))
    late_from = seen.parcels[0].late_from.ToDatetime()
    promised = datetime.fromisoformat(seen.latest_on)
    left = (late_from - world.clock.now().replace(tzinfo=None)).total_seconds()
    world.clock.shift_to(left - 60)
    before = await is_late()
    world.clock.shift_to(left + 60)

    assert promised + timedelta(days=2) < late_from
    assert late_from.hour in (4, 5), "midnight in New York"
    assert (before, await is_late()) == (False, True)
    stranger = track(world, order, world.shopper(uuid7()))
    assert await refusal_of(stranger) == "ORDER_NOT_FOUND"


@SIMULATED
async def test_an_erased_buyers_parcels_keep_no_names_and_places(world: World) -> None:
    _, order = await shipped(world)
    proof = {"signed_by": "A. Lovelace", "picture_reference": "pod/1", "place": "Bonn"}
    await receive_carrier_webhook(world, an_event("9", "delivered", world.clock.now(), **proof))

    async with world.database.tx() as tx:
        await tx.run("UPDATE orders SET forget_at = %s", [tx.now])
        await forget_due_orders(tx, tx.now, at_most=9)
    [parcel] = (await track(world, order, world.tokens.staff("orders.read"))).parcels

    assert parcel.events[0].status == pb.PARCEL_STATUS_DELIVERED
    assert (parcel.events[0].place, parcel.events[0].HasField("proof")) == ("", False)


async def test_a_late_parcel_is_told_once_and_one_that_came_or_went_back_is_not(
    world: World,
) -> None:
    await world.components.delivery.seed()
    shipped_ids = {}
    for name in ("late", "came", "back"):
        _, order = await world.buy()
        shipped_ids[name] = (await ship(world, order, carrier="DHL", tracking_number="1")).id
        if name == "came":
            request = orders_pb.MarkDeliveredRequest(
                order_id=order.id, shipment_id=shipped_ids[name]
            )
            staff = world.tokens.staff("orders.write")
            await world.ask(world.orders.MarkDelivered, request, staff)
    async with world.database.tx() as tx:
        await tx.run(
            "UPDATE shipment SET tracking_status = 'returned' WHERE id = %s", [shipped_ids["back"]]
        )

    async def reports() -> list[bool]:
        done = []
        for shipment_id in shipped_ids.values():
            async with world.database.tx() as tx:
                done.append(await report_late_shipment(tx, UUID(shipment_id)))
        return done

    early = await reports()
    world.clock.shift_to(40 * 24 * 3600)
    late = [await reports() for _ in range(2)]
    [told] = await world.service.events(ShipmentLate)

    assert early == [False] * 3
    assert late == [[True, False, False], [False] * 3]
    assert (told.shipment.id, told.promised_on) == (
        shipped_ids["late"], told.order.delivery_option.latest_on,
    )  # fmt: skip
    due = "SELECT array_agg(key) FROM timer WHERE kind = 'shipment.late'"
    assert set(await world.scalar(due)) == {shipped_ids["late"], shipped_ids["back"]}
