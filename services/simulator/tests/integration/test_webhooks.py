"""Events reach the merchant signed, at least once, through restarts, and late on demand."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import eventually
from services.simulator.tests.conftest import WEBHOOK_SECRET, Receiver, Simulator, running


@pytest.fixture
async def sender(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Simulator]:
    async with receiver.listening(), running(tmp_path, webhook_url=receiver.url) as sender:
        yield sender


async def received(receiver: Receiver, count: int, *, within: float = 5) -> list[dict[str, Any]]:
    """The first `count` events or more."""
    await eventually(lambda: len(receiver.bodies) >= count, within=within)
    return [json.loads(body) for body in receiver.bodies]


async def test_events_arrive_signed_and_in_order(sender: Simulator, receiver: Receiver) -> None:
    payment = (await sender.create(capture=True)).json()
    await sender.post(f"/v1/payments/{payment['id']}/refund")

    events = await received(receiver, 3)

    assert [event["type"] for event in events] == [
        "payment.authorized",
        "payment.captured",
        "payment.refunded",
    ]
    assert [event["sequence"] for event in events] == [1, 2, 3]
    assert [event["data"]["refunded_minor"] for event in events] == [0, 0, 55_00]
    assert events[1]["data"] == payment
    for body, header in zip(receiver.bodies, receiver.signatures, strict=True):
        moment, signature = (part.split("=")[1] for part in header.split(","))
        expected = hmac.new(
            WEBHOOK_SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256
        ).hexdigest()
        assert signature == expected


async def test_every_turn_of_a_payment_has_its_event(sender: Simulator, receiver: Receiver) -> None:
    await sender.create("pm_card_declined")
    created = (await sender.create("pm_card_3ds")).json()
    await sender.post(f"/v1/challenges/{created['action']['token']}", {"outcome": "pass"})
    await sender.post(f"/v1/payments/{created['id']}/void")

    types = Counter(event["type"] for event in await received(receiver, 4))

    assert set(types) == {
        "payment.declined",
        "payment.requires_action",
        "payment.authorized",
        "payment.voided",
    }


async def test_a_receiver_that_was_down_gets_everything_later_even_after_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running(tmp_path, webhook_url=receiver.url) as before:
        await before.create(capture=True)

    async with running(tmp_path, webhook_url=receiver.url), receiver.listening():
        events = await received(receiver, 2, within=15)

    assert [event["type"] for event in events] == ["payment.authorized", "payment.captured"]


async def test_a_refused_event_is_sent_again_unchanged(
    sender: Simulator, receiver: Receiver
) -> None:
    receiver.status_code = 500
    await sender.create()
    await received(receiver, 1)
    receiver.status_code = 200

    await received(receiver, 2)

    assert receiver.bodies[0] == receiver.bodies[1]


async def test_duplicates_carry_one_event_id(sender: Simulator, receiver: Receiver) -> None:
    await sender.misbehave(webhooks={"duplicate": 2})

    await sender.create()

    assert len({event["id"] for event in await received(receiver, 3)}) == 1


async def test_a_delay_holds_events_back_until_it_is_lifted(
    sender: Simulator, receiver: Receiver
) -> None:
    await sender.misbehave(webhooks={"delay_seconds": 3600})
    await sender.create(reference="late")
    await sender.misbehave(webhooks={"delay_seconds": 0.2})
    await sender.create(reference="soon")
    [soon] = await received(receiver, 1)

    await sender.client.delete("/misbehaviour")

    # Replacing a rule by one that delays too releases nothing; lifting all of them does.
    assert soon["data"]["reference"] == "soon"
    assert (await received(receiver, 2))[1]["data"]["reference"] == "late"


async def test_shuffled_events_arrive_out_of_order_and_all(
    sender: Simulator, receiver: Receiver
) -> None:
    await sender.misbehave(webhooks={"shuffle": True})

    for _ in range(15):
        await sender.create(capture=True)

    events = await received(receiver, 30)
    assert len({event["id"] for event in events}) == 30
    last_seen: Counter[str] = Counter()
    late = 0
    for event in events:
        payment_id = event["data"]["id"]
        late += event["sequence"] < last_seen[payment_id]
        last_seen[payment_id] = max(last_seen[payment_id], event["sequence"])
    assert late > 0


async def test_dropped_events_never_arrive(sender: Simulator, receiver: Receiver) -> None:
    await sender.misbehave(webhooks={"drop_first": 2})

    await sender.create(reference="lost", capture=True)
    await sender.create(reference="kept")

    assert [event["data"]["reference"] for event in await received(receiver, 1)] == ["kept"]
    assert (await sender.get("/misbehaviour"))["webhooks"]["drop_first"] == 0
