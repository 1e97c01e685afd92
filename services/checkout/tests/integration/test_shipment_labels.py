"""Labels of shipments: one a shipment, kept as a file, and taken back."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.errors.delivery import LabelRefused
from checkout.errors.remote import RemoteUnavailable
from services.checkout.tests.checkout_world import PACKAGES, SECRET, World
from services.checkout.tests.integration.test_carriers import ship
from services.checkout.tests.integration.test_delivery_settings import a_carrier, put
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import documents_pb2 as documents
from sojourn.checkout.v1 import shipment_labels_pb2 as pb
from sojourn.checkout.v1 import shipment_labels_pb2_grpc as labels_grpc
from sojourn.checkout.v1 import tracking_pb2 as tracking

CONNECTED = pytest.mark.parametrize(
    "changed_settings", [{"carriers": "simulator,acme"}], indirect=True
)


@pytest.fixture(scope="module", autouse=True)
def acme_is_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBHOOK_SECRET", SECRET)
        sys.path.append(PACKAGES)
        yield
        sys.path.remove(PACKAGES)


@pytest.fixture(autouse=True)
def acme_begins_anew(acme_is_installed: None) -> None:
    import acme_carriers

    acme_carriers.ASKED.clear()
    acme_carriers.FAILURES.clear()


def asked() -> list[str]:
    import acme_carriers

    return acme_carriers.ASKED


def fail(*errors: Exception) -> None:
    import acme_carriers

    acme_carriers.FAILURES.extend(errors)


async def shipped(world: World, **carrier: Any) -> tuple[str, str]:
    """Ships an order by the carrier acme; returns the ids of the order and the shipment."""
    await put(world, a_carrier(**{"integration": "acme", **carrier}))
    _, order = await world.buy()
    return order.id, (await ship(world, order, carrier="acme")).id


async def create(world: World, ids: tuple[str, str]) -> pb.ShipmentLabel:
    request = pb.CreateShipmentLabelRequest(order_id=ids[0], shipment_id=ids[1])
    return await world.ask(world.labels.CreateShipmentLabel, request, staff(world))


async def read(world: World, ids: tuple[str, str]) -> documents.OrderDocumentFile:
    request = pb.ReadShipmentLabelRequest(order_id=ids[0], shipment_id=ids[1])
    return await world.ask(world.labels.ReadShipmentLabel, request, staff(world))


async def void(world: World, ids: tuple[str, str]) -> pb.ShipmentLabel:
    request = pb.VoidShipmentLabelRequest(order_id=ids[0], shipment_id=ids[1])
    return await world.ask(world.labels.VoidShipmentLabel, request, staff(world))


def staff(world: World) -> str:
    return world.tokens.staff("orders.write")


async def parcel_of(world: World, ids: tuple[str, str]) -> tracking.ParcelTracking:
    request = tracking.GetOrderTrackingRequest(order_id=ids[0])
    token = world.tokens.staff("orders.read")
    found = await world.ask(world.tracking.GetOrderTracking, request, token)
    return found.parcels[0]


@CONNECTED
async def test_a_shipment_has_one_label_whose_number_it_takes_until_that_is_void(
    world: World, refusal_of: Any
) -> None:
    ids = await shipped(world)

    first, again = [await create(world, ids) for _ in range(2)]
    file = await read(world, ids)
    followed = await parcel_of(world, ids)
    gone_back, repeated = [await void(world, ids) for _ in range(2)]
    gone = await refusal_of(read(world, ids))
    lost = await parcel_of(world, ids)
    new = await create(world, ids)

    assert (first.status, first.tracking_number) == (pb.SHIPMENT_LABEL_STATUS_READY, "AC77")
    assert (again, len(asked())) == (first, 3)
    assert asked() == [first.id, f"{first.id}:void", new.id]
    assert (file.content, file.media_type, file.name) == (
        b"%PDF-label", "application/pdf", "label-AC77.pdf",
    )  # fmt: skip
    assert followed.tracking_url.startswith("https://acme.example/de/t?n=AC77&zip=")
    assert (gone_back.status, repeated) == (pb.SHIPMENT_LABEL_STATUS_VOIDED, gone_back)
    assert (gone, lost.tracking_number, lost.tracking_url) == ("LABEL_NOT_FOUND", "", "")
    assert new.id != first.id


@CONNECTED
async def test_a_label_whose_carrier_did_not_answer_is_made_once_it_does(
    world: World, refusal_of: Any
) -> None:
    ids = await shipped(world)
    fail(RemoteUnavailable(service="acme"))

    assert await refusal_of(create(world, ids)) == "REMOTE_UNAVAILABLE"
    assert await refusal_of(read(world, ids)) == "LABEL_NOT_FOUND"
    key = await world.scalar("SELECT key FROM timer WHERE kind = 'label.complete'")
    # As the timer does.
    made = await world.components.labels.complete(UUID(key))
    again = await create(world, ids)

    assert str(made.id) == again.id == key
    assert asked() == [key, key]
    assert await world.scalar("SELECT count(*) FROM timer WHERE kind = 'label.complete'") == 0


@CONNECTED
async def test_refusals_of_the_carrier_are_told_and_another_label_may_be_asked_for(
    world: World, refusal_of: Any
) -> None:
    ids = await shipped(world)
    fail(LabelRefused(problem="no such street"))

    assert await refusal_of(create(world, ids)) == "LABEL_REFUSED"
    made = await create(world, ids)
    fail(LabelRefused(problem="on its way"))
    assert await refusal_of(void(world, ids)) == "LABEL_REFUSED"
    kept = await read(world, ids)

    assert (made.status, kept.content) == (pb.SHIPMENT_LABEL_STATUS_READY, b"%PDF-label")


@CONNECTED
async def test_labels_that_nobody_makes_are_refused(world: World, refusal_of: Any) -> None:
    ids = await shipped(world, integration="")

    assert await refusal_of(create(world, ids)) == "LABEL_NOT_OFFERED"
    assert await refusal_of(void(world, ids)) == "LABEL_NOT_FOUND"
    missing = (ids[0], str(uuid7()))
    assert await refusal_of(create(world, missing)) == "SHIPMENT_NOT_FOUND"
    await put(world, a_carrier(integration="acme"))
    arrived = checkout_pb2.MarkDeliveredRequest(order_id=ids[0], shipment_id=ids[1])
    await world.ask(world.orders.MarkDelivered, arrived, world.tokens.staff("orders.write"))
    assert await refusal_of(create(world, ids)) == "SHIPMENT_OVER"


@CONNECTED
async def test_the_stand_in_prints_a_label(world: World) -> None:
    ids = await shipped(world, integration="simulator")

    made = await create(world, ids)
    file = await read(world, ids)

    assert made.tracking_number.startswith("SIM")
    assert (file.media_type, file.content[:5]) == ("application/pdf", b"%PDF-")


@CONNECTED
async def test_a_label_that_is_still_to_be_made_is_taken_back_at_once(
    world: World, refusal_of: Any
) -> None:
    ids = await shipped(world)
    fail(RemoteUnavailable(service="acme"))
    assert await refusal_of(create(world, ids)) == "REMOTE_UNAVAILABLE"

    gone = await void(world, ids)

    assert gone.status == pb.SHIPMENT_LABEL_STATUS_VOIDED
    assert asked() == [gone.id, gone.id, f"{gone.id}:void"]
    assert await refusal_of(read(world, ids)) == "LABEL_NOT_FOUND"


@CONNECTED
@pytest.mark.parametrize("is_voided", [False, True], ids=["create", "void"])
@pytest.mark.parametrize("point", ["commit", "carrier"])
async def test_a_kill_at_any_step_leaves_one_label_in_one_state(
    world: World, tmp_path: Path, point: str, is_voided: bool
) -> None:
    ids = await shipped(world, integration="simulator")
    made = await create(world, ids) if is_voided else None
    crash = {"CRASH_AT": f"after:label:{point}", "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, CARRIERS="simulator", RESUME_AFTER_SECONDS="1") as running:
        labels = running.peer.stub(labels_grpc.ShipmentLabelServiceStub)
        rpc, message = (
            (labels.VoidShipmentLabel, pb.VoidShipmentLabelRequest)
            if is_voided
            else (labels.CreateShipmentLabel, pb.CreateShipmentLabelRequest)
        )
        request = message(order_id=ids[0], shipment_id=ids[1])
        calling = asyncio.ensure_future(
            running.peer.ask(rpc, request, authorization=staff(world), timeout=5)
        )
        assert await running.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await calling
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: has_no_timer(world))

    parcel = await parcel_of(world, ids)
    async with world.database.read() as rows:
        stored = await rows.fetch("SELECT status, tracking_number FROM shipment_label")
        files = await rows.fetch("SELECT label_id FROM shipment_label_file")
    [(status, number)] = stored
    if made is None:
        assert (status, parcel.tracking_number, len(files)) == ("ready", number, 1)
    else:
        assert (status, number, files) == ("voided", made.tracking_number, [])
        assert parcel.tracking_number == ""


async def has_no_timer(world: World) -> bool:
    return bool(await world.scalar("SELECT count(*) = 0 FROM timer WHERE kind = 'label.complete'"))
