from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.data.outbox import SYNTHETIC_HEADER
from chassis.data.tx import Tx
from chassis.events.broker import EVENTS, SYNTHETIC, Broker
from chassis.events.consumer import Consumer, Envelope
from chassis.events.dead_letters import list_letters, redrive
from chassis.events.relay import Relay
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, migrated, running, superuser_url
from sojourn.catalog.v1.events_pb2 import CategoryChanged, PageChanged


@asynccontextmanager
async def relaying(database: Database, broker: Broker) -> AsyncIterator[None]:
    async with database.read() as read:
        name = await read.fetch_one("SELECT current_database()")
    assert name is not None
    async with running(Relay(database, superuser_url(name[0]), broker).run):
        yield


async def emit(database: Database, *slugs: str, key: UUID | None = None) -> None:
    async with database.tx() as tx:
        for slug in slugs:
            await tx.emit(PageChanged(slug=slug), key=key or uuid7())


async def outbox_is_empty(database: Database) -> bool:
    async with database.read() as read:
        return await read.fetch("SELECT 1 FROM outbox") == []


async def test_events_of_one_key_are_published_in_order_and_leave_the_outbox(
    database: Database, broker: Broker
) -> None:
    key, seen = uuid7(), list[str]()

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    async with (
        relaying(database, broker),
        running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))),
    ):
        for number in range(30):
            await emit(database, f"{number}a", f"{number}b", key=key)

        await eventually(lambda: len(seen) >= 60)

    assert seen == [f"{number}{letter}" for number in range(30) for letter in "ab"]
    assert await outbox_is_empty(database)


async def test_a_redelivered_event_has_no_second_effect(database: Database, broker: Broker) -> None:
    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        await tx.run(
            "INSERT INTO timer VALUES (%s, 'k', %s, '{}', now(), 0, now(), '{}')",
            [uuid7(), str(uuid7())],
        )

    consumer = Consumer("sample", database, broker, {PageChanged: on_page})
    await consumer.create()
    async with running(consumer.run):
        headers = {
            "ce-id": str(uuid7()),
            "ce-type": PageChanged.DESCRIPTOR.full_name,
            "ce-time": "2026-01-01T00:00:00+00:00",
        }
        for _ in range(3):
            await broker.jetstream.publish(
                f"events.{headers['ce-type']}",
                PageChanged(slug="a").SerializeToString(),
                headers=headers,
            )

        async def all_acknowledged() -> bool:
            info = await broker.jetstream.consumer_info("EVENTS", "sample")
            return info.num_pending == 0 and info.num_ack_pending == 0

        await eventually(all_acknowledged)

    async with database.read() as read:
        assert await read.fetch("SELECT count(*) FROM timer") == [(1,)]


async def test_a_poison_event_is_buried_listed_and_redriven(
    database: Database, broker: Broker
) -> None:
    seen, is_poisoned = list[str](), [True]

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        if event.slug == "poison" and is_poisoned[0]:
            raise ValueError("jane@example.org")
        seen.append(event.slug)

    async with (
        relaying(database, broker),
        running(
            migrated(Consumer("sample", database, broker, {PageChanged: on_page}, max_attempts=2))
        ),
    ):
        await emit(database, "good", "poison", "better")
        letters = await eventually(lambda: list_letters(broker, "sample"))

        assert [(letter.event_type, letter.error, letter.attempts) for letter in letters] == [
            ("sojourn.catalog.v1.PageChanged", "ValueError", 2)
        ]
        assert sorted(seen[-2:]) == ["better", "good"]

        is_poisoned[0] = False
        assert await redrive(broker, "sample", []) == [letters[0].sequence]
        await eventually(lambda: "poison" in seen)
        assert await list_letters(broker, "sample") == []


async def test_a_synthetic_event_reaches_no_consumer_and_is_published_under_its_own_subject(
    database: Database, broker: Broker
) -> None:
    seen, type = list[str](), PageChanged.DESCRIPTOR.full_name

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    async with (
        relaying(database, broker),
        running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))),
    ):
        async with database.tx() as tx:
            key = uuid7()
            await tx.emit(PageChanged(slug="synthetic"), key=key, synthetic=True)
            await tx.emit(PageChanged(slug="real"), key=key)
        await eventually(lambda: seen)
        await eventually(lambda: outbox_is_empty(database))

    stored = await broker.jetstream.get_last_msg(SYNTHETIC, f"synthetic.events.{type}")
    assert seen == ["real"]
    assert PageChanged.FromString(stored.data or b"").slug == "synthetic"
    assert ((stored.headers or {})["ce-type"], (stored.headers or {})["ce-subject"]) == (
        type,
        str(key),
    )
    assert (await broker.jetstream.stream_info(EVENTS)).state.messages == 1


async def test_a_synthetic_event_that_an_older_relay_published_among_the_others_is_passed_over(
    database: Database, broker: Broker
) -> None:
    seen, type = list[str](), PageChanged.DESCRIPTOR.full_name

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    async with running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))):
        for slug, marks in (("synthetic", {SYNTHETIC_HEADER: "true"}), ("real", {})):
            headers = {
                "ce-id": str(uuid7()),
                "ce-type": type,
                "ce-time": "2026-01-01T00:00:00+00:00",
                **marks,
            }
            await broker.jetstream.publish(
                f"events.{type}", PageChanged(slug=slug).SerializeToString(), headers=headers
            )
        await eventually(lambda: seen)

    assert seen == ["real"]
    assert await list_letters(broker, "sample") == []


async def test_an_unknown_type_is_passed_over(database: Database, broker: Broker) -> None:
    seen = list[str]()

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    async with (
        relaying(database, broker),
        running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))),
    ):
        async with database.tx() as tx:
            await tx.emit(CategoryChanged(slug="c"), key="1")
            await tx.emit(PageChanged(slug="p"), key="2")
        await eventually(lambda: seen == ["p"])

    assert await list_letters(broker, "sample") == []


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
async def test_a_projection_by_version_ends_right_in_any_order(
    database: Database, broker: Broker, order: tuple[int, ...]
) -> None:
    latest = {"version": 0}

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        if event.version > latest["version"]:
            latest["version"] = event.version

    async with (
        relaying(database, broker),
        running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))),
    ):
        for version in order:
            async with database.tx() as tx:
                await tx.emit(PageChanged(slug="a", version=version), key=uuid7())
        await eventually(lambda: outbox_is_empty(database))
        await eventually(lambda: latest["version"] == 3)
