"""Insights: a change of a day is found, goes on, ends, and is told to webhooks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from journey.insights.jobs import judge_all
from journey.insights.model import Insight
from journey.store.postgres import PostgresStore
from journey.webhooks.deliver import deliver_due
from journey.webhooks.model import WebhookSecrets
from services.journey.tests.journey_world import World, a_touchpoint, kinds
from sojourn.journey.v1 import insights_pb2 as pb

MAP = "tea"


def last_day() -> date:
    return (datetime.now(UTC) - timedelta(minutes=30)).date() - timedelta(days=1)


async def people(world: World, day: date, *, lost: int) -> None:
    """Sixty people who look, the first thirty on phones; the first ones are lost."""
    begin = datetime.combine(day, time(12), UTC)
    rows = []
    for number in range(60):
        visitor = str(uuid7())
        device = "phone" if number < 30 else "desktop"
        at = begin + timedelta(seconds=number)
        facts: dict[str, Any] = {"visitor": visitor, "device": device, "outcome": "ok"}
        rows.append(a_touchpoint("product.view", **facts, occurred_at=at, received_at=at))
        if number >= lost:
            at += timedelta(minutes=1)
            order: dict[str, Any] = {"amount_minor": 5_000, "currency": "EUR"}
            facts |= {"occurred_at": at, "received_at": at, "source": "event"}
            rows.append(a_touchpoint("order.placed", **facts, **order, subject=str(uuid7())))
    await world.record_touchpoints(*rows)


async def a_shop(world: World, *, falls_on: date) -> None:
    """Five weeks of a map whose conversion falls on phones on a day."""
    await world.put_map(MAP, [kinds("product.view")], [kinds("order.placed")])
    settings = pb.InsightSettings(
        maps=[MAP], time_zone="UTC", threshold=3.5, least_volume=20, least_change=0.1, slow_ms=1000
    )
    asked = pb.PutInsightSettingsRequest(settings=settings)
    await world.ask(world.insights.PutInsightSettings, asked, world.staff)
    for week in range(1, 6):
        await people(world, falls_on - timedelta(weeks=week), lost=10)
    await people(world, falls_on, lost=30)


async def judge(world: World) -> list[Insight]:
    return await judge_all(world.database, PostgresStore(world.database))


async def listed(world: World, token: str = "", **asked: Any) -> pb.ListInsightsResponse:
    request = pb.ListInsightsRequest(**asked)
    found: pb.ListInsightsResponse = await world.ask(
        world.insights.ListInsights, request, token or world.staff
    )
    return found


async def test_a_fall_is_found_once_with_whom_it_is_about_and_its_money(world: World) -> None:
    await a_shop(world, falls_on=last_day())

    await judge(world)
    again = await judge(world)

    assert again == []
    found = await listed(world, map=MAP, measure=pb.INSIGHT_MEASURE_CONVERSION)
    (one,) = found.insights
    assert found.judged_until == one.began_on == str(last_day())
    assert (one.subject, one.is_rise, one.is_good, one.days) == ("stage-0", False, False, 1)
    assert one.actual == pytest.approx(30 / 60)
    assert one.expected == pytest.approx(50 / 60)
    assert (one.audience.dimension, one.audience.value) == ("device", "phone")
    # Twenty orders of 50.00 are missing.
    assert [(each.currency, each.amount_minor) for each in one.likely] == [("EUR", 100_000)]
    stored = pb.GetInsightRequest(id=one.id)
    assert await world.ask(world.insights.GetInsight, stored, world.staff) == one


async def test_a_change_that_ends_is_closed(world: World) -> None:
    day = last_day() - timedelta(days=1)
    await a_shop(world, falls_on=day)
    # The day after has people and history as usual.
    for week in range(6):
        await people(world, last_day() - timedelta(weeks=week), lost=10)

    await judge(world)

    found = await listed(world, map=MAP, state=pb.INSIGHT_STATE_CLOSED)
    assert {(one.began_on, one.ended_on) for one in found.insights} == {(str(day), str(last_day()))}
    assert not (await listed(world, map=MAP, state=pb.INSIGHT_STATE_OPEN)).insights


async def test_pages_follow_each_other_and_hidden_maps_are_not_told(world: World) -> None:
    await a_shop(world, falls_on=last_day())
    await judge(world)

    whole = await listed(world)
    pages, token = [], ""
    for _ in whole.insights:
        page = await listed(world, page={"size": 1, "token": token})
        pages += page.insights
        token = page.next_page_token

    assert pages == list(whole.insights)
    assert token == ""
    staff = world.tokens.staff("journeys.read")
    async with world.database.tx() as tx:
        await tx.run("UPDATE map_sharing SET staff_role = 'none'")
    assert not [one for one in (await listed(world, staff)).insights if one.map == MAP]
    hidden = next(one for one in whole.insights if one.map == MAP)
    with pytest.raises(DomainError) as refused:
        await world.ask(world.insights.GetInsight, pb.GetInsightRequest(id=hidden.id), staff)
    assert refused.value.reason == "INSIGHT_NOT_FOUND"


@dataclass
class Receiver:
    """A site that answers with a status, and remembers what it was sent."""

    status: int = 200
    url: str = ""
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        self.seen.append((headers, body))
        answer = f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_receiver(status: int = 200) -> AsyncIterator[Receiver]:
    receiver = Receiver(status)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    async with server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield receiver


def is_local(address: str, port: int) -> bool:
    return address == "127.0.0.1"


async def a_webhook(world: World, **facts: Any) -> pb.CreateInsightWebhookResponse:
    request = pb.CreateInsightWebhookRequest(
        **{"name": "Chat", "url": "https://hooks.example.com/a", "maps": [MAP], **facts}
    )
    made: pb.CreateInsightWebhookResponse = await world.ask(
        world.webhooks.CreateInsightWebhook, request, world.staff
    )
    return made


async def move(world: World, url: str) -> None:
    """Points webhooks at a receiver of the test, which has no certificate."""
    async with world.database.tx() as tx:
        await tx.run("UPDATE insight_webhook SET url = %s", [url])


async def deliver(world: World, **options: Any) -> int:
    secrets = WebhookSecrets(world.settings.webhook_key)
    return await deliver_due(world.database, secrets, **options)


async def deliveries(world: World, id: str) -> list[pb.WebhookDelivery]:
    request = pb.ListWebhookDeliveriesRequest(webhook_id=id)
    found = await world.ask(world.webhooks.ListWebhookDeliveries, request, world.staff)
    return list(found.deliveries)


async def test_an_insight_is_told_signed_and_once(world: World) -> None:
    await a_shop(world, falls_on=last_day())
    made = await a_webhook(world, measures=[pb.INSIGHT_MEASURE_CONVERSION])
    await judge(world)

    async with a_receiver() as receiver:
        await move(world, receiver.url)
        assert await deliver(world, is_allowed=is_local) == 1
        assert await deliver(world, is_allowed=is_local) == 0

    ((headers, body),) = receiver.seen
    told = json.loads(body)
    assert told["type"] == "insight.opened"
    assert told["data"]["audience"] == {"dimension": "device", "value": "phone", "share": 1.0}
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    (one,) = await deliveries(world, made.webhook.id)
    assert (one.state, one.attempts, one.last_status) == (pb.DELIVERY_STATE_DELIVERED, 1, 200)


async def test_what_fails_is_tried_again_later_given_up_and_sent_again(world: World) -> None:
    await a_shop(world, falls_on=last_day())
    made = await a_webhook(world, measures=[pb.INSIGHT_MEASURE_CONVERSION])
    await judge(world)

    async with a_receiver(500) as receiver:
        await move(world, receiver.url)
        assert await deliver(world, is_allowed=is_local) == 1
        (one,) = await deliveries(world, made.webhook.id)
        assert (one.state, one.last_problem) == (pb.DELIVERY_STATE_WAITING, "status")
        # It waits, and the last attempt gives it up.
        assert await deliver(world, is_allowed=is_local) == 0
        async with world.database.tx() as tx:
            await tx.run("UPDATE webhook_delivery SET attempts = 13, due_at = created_at")
        assert await deliver(world, is_allowed=is_local) == 1
        (one,) = await deliveries(world, made.webhook.id)
        assert one.state == pb.DELIVERY_STATE_DEAD
        request = pb.ResendWebhookDeliveryRequest(webhook_id=made.webhook.id, delivery_id=one.id)
        receiver.status = 204
        await world.ask(world.webhooks.ResendWebhookDelivery, request, world.staff)
        assert await deliver(world, is_allowed=is_local) == 1

    (again,) = await deliveries(world, made.webhook.id)
    assert (again.id, again.state) == (one.id, pb.DELIVERY_STATE_DELIVERED)
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1


async def test_an_inside_address_is_never_asked(world: World) -> None:
    await a_shop(world, falls_on=last_day())
    made = await a_webhook(world, measures=[pb.INSIGHT_MEASURE_CONVERSION])
    await judge(world)

    async with a_receiver() as receiver:
        await move(world, receiver.url)
        assert await deliver(world) == 1

    assert receiver.seen == []
    (one,) = await deliveries(world, made.webhook.id)
    assert one.last_problem == "inside"


async def test_webhooks_are_kept_by_staff_without_their_secrets(world: World) -> None:
    await world.put_map(MAP, [kinds("product.view")])
    made = await a_webhook(world)

    changed = await world.ask(
        world.webhooks.PutInsightWebhook,
        pb.PutInsightWebhookRequest(
            id=made.webhook.id, name="Chat", url="https://b.example/", expected_version=1
        ),
        world.staff,
    )

    assert (changed.version, changed.is_active, changed.url) == (2, False, "https://b.example/")
    found = await world.ask(
        world.webhooks.ListInsightWebhooks, pb.ListInsightWebhooksRequest(), world.staff
    )
    assert [one.id for one in found.webhooks] == [made.webhook.id]
    for facts, reason in (
        ({"url": "http://a.example/"}, "INVALID_WEBHOOK"),
        ({"maps": ["gone"]}, "MAP_NOT_FOUND"),
    ):
        with pytest.raises(DomainError) as refused:
            await a_webhook(world, **facts)
        assert refused.value.reason == reason
    gone = pb.DeleteInsightWebhookRequest(id=made.webhook.id)
    await world.ask(world.webhooks.DeleteInsightWebhook, gone, world.staff)
    with pytest.raises(DomainError) as refused:
        await world.ask(world.webhooks.DeleteInsightWebhook, gone, world.staff)
    assert refused.value.reason == "INSIGHT_WEBHOOK_NOT_FOUND"


async def test_settings_that_make_no_sense_are_refused(world: World) -> None:
    usual = await world.ask(
        world.insights.GetInsightSettings, pb.GetInsightSettingsRequest(), world.staff
    )
    assert (usual.version, usual.threshold, usual.time_zone) == (0, 3.5, "UTC")

    for changes, field_name in (
        ({"time_zone": "Mars"}, "time_zone"),
        ({"threshold": 0.5}, "settings.threshold"),
        ({"least_change": float("nan")}, "settings.least_change"),
        ({"maps": ["gone"]}, "settings.maps"),
    ):
        settings = pb.InsightSettings()
        settings.CopyFrom(usual)
        for name, value in changes.items():
            if isinstance(value, list):
                settings.maps.extend(value)
            else:
                setattr(settings, name, value)
        request = pb.PutInsightSettingsRequest(settings=settings)
        with pytest.raises(DomainError) as refused:
            await world.ask(world.insights.PutInsightSettings, request, world.staff)
        assert refused.value.metadata["field"] == field_name
