from __future__ import annotations

from datetime import timedelta

import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from prometheus_client import REGISTRY

from chassis.data import timers
from chassis.data.database import Database
from chassis.events.backlog import Backlog
from chassis.events.broker import EVENTS, Broker, create_dead_letters
from chassis.events.subscription import Durable
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1.events_pb2 import PageChanged


def consumer(name: str) -> Durable:
    return Durable(EVENTS, ConsumerConfig(durable_name=name))


def told(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_waits_in_the_outbox_is_counted_by_whoever_looks(database: Database) -> None:
    async with database.tx() as tx:
        await tx.emit(PageChanged(slug="a"), key=uuid7())
        await tx.emit(PageChanged(slug="b"), key=uuid7())
    async with database.tx() as tx:
        await tx.run("UPDATE outbox SET created_at = created_at - interval '90 seconds'")

    await Backlog("sample", database, None, []).look()

    assert told("outbox_pending") == 2
    assert told("outbox_oldest_seconds") == pytest.approx(90, abs=5)


async def test_an_empty_outbox_is_0_seconds_old(database: Database) -> None:
    await Backlog("sample", database, None, []).look()

    assert (told("outbox_pending"), told("outbox_oldest_seconds")) == (0, 0)


async def test_a_timer_is_due_from_its_time_on_and_not_before(database: Database) -> None:
    async with database.tx() as tx:
        await timers.schedule(tx, "kind", "tomorrow", tx.now + timedelta(days=1))
    await Backlog("sample", database, None, []).look()
    assert (told("timers_due"), told("timers_oldest_due_seconds")) == (0, 0)

    async with database.tx() as tx:
        await timers.schedule(tx, "kind", "late", tx.now - timedelta(minutes=7))
    await Backlog("sample", database, None, []).look()

    assert told("timers_due") == 1
    assert told("timers_oldest_due_seconds") == pytest.approx(420, abs=5)


async def test_messages_of_a_consumer_wait_until_they_are_acknowledged(
    database: Database, broker: Broker
) -> None:
    await broker.jetstream.add_consumer(
        EVENTS, durable_name="sample", ack_policy=AckPolicy.EXPLICIT
    )
    await broker.jetstream.publish("events.sample.Happened", b"")
    backlog = Backlog("sample", database, broker, [consumer("sample")])

    await backlog.look()
    assert told("consumer_pending_messages", consumer="sample") == 1
    acknowledged = told("consumer_acknowledged_sequence", consumer="sample")

    (message,) = await (await broker.jetstream.pull_subscribe_bind("sample", EVENTS)).fetch(1)
    await backlog.look()
    assert told("consumer_pending_messages", consumer="sample") == 1

    await message.ack_sync()
    await backlog.look()
    assert told("consumer_pending_messages", consumer="sample") == 0
    assert told("consumer_acknowledged_sequence", consumer="sample") > acknowledged


async def test_only_a_services_own_dead_letters_are_counted(
    database: Database, broker: Broker
) -> None:
    await broker.jetstream.add_consumer(
        EVENTS, durable_name="sample", ack_policy=AckPolicy.EXPLICIT
    )
    for service in ("sample", "other"):
        await create_dead_letters(broker.jetstream, service)
    for service in ("sample", "sample", "other"):
        await broker.jetstream.publish(f"dead_letters.{service}", b"")

    await Backlog("sample", database, broker, [consumer("sample")]).look()

    assert told("dead_letters_waiting") == 2


async def test_a_consumer_that_nobody_has_made_yet_is_passed_over(
    database: Database, broker: Broker
) -> None:
    await Backlog("sample", database, broker, [consumer("not_yet")]).look()

    assert told("consumer_pending_messages", consumer="not_yet") == 0


async def test_looking_goes_on_through_an_absence_of_the_broker(database: Database) -> None:
    away = Broker("nats://127.0.0.1:1", "test")

    await Backlog("sample", database, away, [consumer("sample")]).look()

    assert told("database_connections_limit") == 10
