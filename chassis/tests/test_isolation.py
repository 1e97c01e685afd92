"""One bad row stops nothing beside itself."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlmodel import select

from chassis.data import isolation, timers
from chassis.data.connections import ConnectionHeld
from chassis.data.database import Database
from chassis.data.isolation import Loop, SkippedRow, find_readable, handle_isolated
from chassis.data.timers import ScheduledTimer
from chassis.data.tx import Tx
from chassis.events.backlog import Backlog
from chassis.events.broker import Broker
from chassis.events.consumer import Consumer, Envelope
from chassis.events.dead_letters import DeadLetterServicer, list_letters
from chassis.events.relay import Relay
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import uuid7
from chassis.testing import (
    Tokens,
    eventually,
    grpc_server,
    migrated,
    running,
    sample_value,
    superuser_url,
)
from sojourn.catalog.v1.events_pb2 import PageChanged
from sojourn.common.v1 import dead_letters_pb2 as pb
from sojourn.common.v1 import dead_letters_pb2_grpc as pb_grpc

LOOP = Loop("tests")


def skipped_total(loop: str) -> float:
    return sample_value("rows_skipped_total", loop=loop)


async def listed(database: Database, loop: str) -> list[SkippedRow]:
    await isolation.flush(database)
    async with database.read() as read:
        return await isolation.skipped_rows(read, loop=loop)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 40)), st.integers(0, 41))
async def test_of_many_items_only_the_bad_ones_are_left_out(bad: set[int], count: int) -> None:
    handled = list[int]()
    before = skipped_total("tests")

    async def handle(items: Sequence[int]) -> None:
        if bad.intersection(items):
            raise ValueError
        handled.extend(items)

    left_out = await handle_isolated(range(count), handle, loop=LOOP, key=str)

    assert left_out == sorted(bad & set(range(count)))
    assert handled == [item for item in range(count) if item not in bad]
    assert skipped_total("tests") - before == len(left_out)


async def test_an_absence_is_raised_and_blamed_on_no_item() -> None:
    before = skipped_total("tests")

    async def handle(items: Sequence[int]) -> None:
        raise Unavailable("the database is away")

    with pytest.raises(Unavailable):
        await handle_isolated([1, 2], handle, loop=LOOP, key=str)

    assert skipped_total("tests") == before


async def test_a_skipped_row_is_listed_once_with_how_often_and_when(database: Database) -> None:
    LOOP.skip("row-1", ValueError("jane@example.org"))
    await isolation.flush(database)
    LOOP.skip("row-1", TypeError("jane@example.org"))

    (row,) = [row for row in await listed(database, "tests") if row.key == "row-1"]

    assert (row.key, row.error, row.times) == ("row-1", "TypeError", 2)
    assert row.first_at < row.last_at


async def test_a_defect_that_hits_every_row_lists_a_bounded_number(database: Database) -> None:
    for number in range(isolation.MOST_LISTED + 50):
        LOOP.skip(f"many-{number}", ValueError())

    await isolation.flush(database)

    async with database.read() as read:
        (count,) = await read.fetch_one(
            "SELECT count(*) FROM skipped_row WHERE loop = 'tests'"
        ) or (0,)
    assert count == isolation.MOST_LISTED


async def test_the_gauge_counts_rows_that_are_bad_now(database: Database) -> None:
    LOOP.skip("now", ValueError())
    await isolation.flush(database)
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO skipped_row VALUES ('tests', 'past', 'ValueError', 1, now() - interval '1 "
            "day', now() - interval '1 day')"
        )

    async with database.read() as read:
        await isolation.look(read)
        records = await read.fetch("SELECT key FROM skipped_row WHERE loop = 'tests'")

    assert len(records) >= 2
    assert sample_value("skipped_rows", loop="tests") == len(records) - 1


async def test_staff_list_what_was_skipped(
    database: Database, broker: Broker, tokens: Tokens
) -> None:
    LOOP.skip("staff/1", ValueError())
    servicer = DeadLetterServicer(database, tokens.verifier(), broker, "sample")

    async with grpc_server(
        partial(pb_grpc.add_DeadLetterServiceServicer_to_server, servicer)
    ) as peer:
        stub = peer.stub(pb_grpc.DeadLetterServiceStub)
        reply = await peer.ask(
            stub.ListSkippedRows,
            pb.ListSkippedRowsRequest(loop="tests"),
            authorization=tokens.staff("dead_letters.read"),
        )

    assert ("staff/1", "ValueError") in [(row.key, row.error) for row in reply.skipped_rows]


async def test_rows_that_cannot_be_read_leave_the_others_readable(database: Database) -> None:
    good, bad = uuid7(), uuid7()
    async with database.tx() as tx:
        for id, at in ((good, "2026-01-01"), (bad, "20000-01-01")):
            await tx.run(
                "INSERT INTO timer VALUES (%s, 'k', %s, '{}', %s, 0, now(), '{}')",
                [id, str(id), at],
            )

    async with database.read() as read:
        found = await find_readable(
            read,
            ScheduledTimer,
            select(ScheduledTimer).where(ScheduledTimer.kind == "k"),
            loop=LOOP,
        )

    assert [note.id for note in found] == [good]
    assert str(bad) in [row.key for row in await listed(database, "tests")]


# One odd value of each column that a timer's row can hold.
BAD_TIMERS = {
    "payload": [
        "'[]'", "'null'", "'\"text\"'", "'7'", "jsonb_build_object('n', repeat('9', "
                                               "5000)::numeric)"],
    "headers": ["'[]'", "'null'", "'{\"baggage\": 7}'", "'{\"traceparent\": []}'"],
    "due_at": ["'-infinity'", "'4713-01-01 BC'", "'0001-01-01 BC'"],
    "attempts": ["2147483647", "-2147483648"],
    "key": ["''", "repeat('x', 5000)", "E'line\\nline'"],
    "leased_until": ["'-infinity'", "'4713-01-01 BC'"],
}  # fmt: skip
TIMER_COLUMNS = {
    "payload": "'{}'",
    "headers": "'{}'",
    "due_at": "now()",
    "attempts": "0",
    "key": "gen_random_uuid()::text",
    "leased_until": "now()",
}


@pytest.mark.parametrize(
    ("column", "value"),
    [(column, value) for column, values in BAD_TIMERS.items() for value in values],
)
async def test_a_bad_timer_keeps_no_other_from_firing(
    database: Database, column: str, value: str
) -> None:
    fired = list[str]()

    async def remind(timer: timers.Timer) -> None:
        UUID(timer.key)
        fired.append(timer.key)

    row = {**TIMER_COLUMNS, column: value}
    async with database.tx() as tx:
        await tx.run(
            f"INSERT INTO timer (id, kind, {', '.join(row)}) VALUES (gen_random_uuid(), 'remind', "
            f"{', '.join(row.values())})"
        )  # type: ignore[arg-type]
    good = [str(uuid7()) for _ in range(25)]
    async with database.tx() as tx:
        for key in good:
            await timers.schedule(tx, "remind", key, tx.now)

    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: set(good) <= set(fired))


async def test_a_timer_that_cannot_be_read_is_counted_and_listed(database: Database) -> None:
    before = skipped_total("timers")
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO timer VALUES (gen_random_uuid(), 'remind', 'bad', '[]', now(), 0, now(), "
            "'{}')"
        )

    async def remind(timer: timers.Timer) -> None:
        raise AssertionError

    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(lambda: skipped_total("timers") > before)

    assert ("remind/bad", "ValidationError") in [
        (row.key, row.error) for row in await listed(database, "timers")
    ]


async def test_a_timer_that_fails_again_and_again_is_listed(database: Database) -> None:
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO timer VALUES (gen_random_uuid(), 'remind', 'often', '{}', now(), %s, "
            "now(), '{}')",
            [timers.LISTED_FROM_ATTEMPTS],
        )

    async def remind(timer: timers.Timer) -> None:
        raise KeyError

    async def is_listed() -> bool:
        return ("remind/often", "KeyError") in [
            (row.key, row.error) for row in await listed(database, "timers")
        ]

    async with running(timers.TimerRunner(database, {"remind": remind}).run):
        await eventually(is_listed)


async def relay_of(database: Database, broker: Broker) -> Relay:
    async with database.read() as read:
        name = await read.fetch_one("SELECT current_database()")
    assert name is not None
    return Relay(database, superuser_url(name[0]), broker)


PAGE = PageChanged.DESCRIPTOR.full_name
BAD_EVENTS: dict[str, list[Any]] = {
    "headers": [[], None, "text", {"ce-time": 7}, {"name with space": "x"}, {"": "x"},
    {"x": "line\r\nInjected: y"}, {"x": None}, {"é": "x"}],
    "type": ["", " ", "a b", "events.*", ">", ".", "a..b", "é", "x" * 5_000],
    # Bytes beyond what the broker takes.
    "payload": [1, 0, -20],
    "key": ["line\nline", "\r"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [(column, value) for column, values in BAD_EVENTS.items() for value in values],
    ids=lambda value: (
        str(value)[:20] if isinstance(value, str) else f"{type(value).__name__} {value!s:.12}"
    ),
)
async def test_an_event_that_cannot_be_published_blocks_neither_other_keys_nor_its_own(
    database: Database, broker: Broker, column: str, value: Any
) -> None:
    seen, key, before = list[str](), "one-key", skipped_total("relay")

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    row = {
        "type": PAGE,
        "payload": b"",
        "key": key,
        "headers": {"ce-time": "2026-01-01T00:00:00+00:00"},
        column: value,
    }
    if column == "payload":
        row["payload"] = b"x" * (broker.client.max_payload + value)
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO outbox (event_id, type, key, payload, headers, created_at) VALUES (%s, "
            "%s, %s, %s, %s::jsonb, clock_timestamp())",
            [uuid7(), row["type"], row["key"], row["payload"], json.dumps(row["headers"])],
        )
        await tx.emit(PageChanged(slug="same key"), key=row["key"] if column != "key" else key)
        await tx.emit(PageChanged(slug="other key"), key="other")

    async with (
        running(migrated(Consumer("sample", database, broker, {PageChanged: on_page}))),
        running((await relay_of(database, broker)).run),
    ):
        await eventually(lambda: {"same key", "other key"} <= set(seen), within=10)

    assert skipped_total("relay") == before + 1
    assert (
        len(
            [
                row
                for row in await listed(database, "relay")
                if row.error in ("Unpublishable", "MaxPayloadError")
            ]
        )
        >= 1
    )
    async with database.read() as read:
        assert await read.fetch("SELECT count(*) FROM outbox") == [(1,)], (
            "an event that cannot be published is not lost"
        )


BAD_HEADERS: list[dict[str, str]] = [
    {},
    {"ce-type": PAGE},
    {"ce-type": PAGE, "ce-id": "7", "ce-time": "2026-01-01T00:00:00+00:00"},
    {"ce-type": PAGE, "ce-id": "01a0b1c2-0000-7000-8000-000000000000", "ce-time": "yesterday"},
    {
        "ce-type": PAGE,
        "ce-id": "01a0b1c2-0000-7000-8000-000000000000",
        "ce-time": "0001-01-01T00:00:00+14:00",
    },
    {"ce-id": "01a0b1c2-0000-7000-8000-000000000000", "ce-time": "2026-01-01T00:00:00+00:00"},
]


@pytest.mark.parametrize("headers", BAD_HEADERS)
async def test_a_message_without_an_event_s_headers_is_buried_and_the_others_are_handled(
    database: Database, broker: Broker, headers: dict[str, str]
) -> None:
    seen = list[str]()

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        seen.append(event.slug)

    consumer = Consumer("sample", database, broker, {PageChanged: on_page}, max_attempts=2)
    await consumer.create()
    await broker.jetstream.publish(f"events.{PAGE}", b"", headers=headers or None)
    good = {"ce-type": PAGE, "ce-id": str(uuid7()), "ce-time": "2026-01-01T00:00:00+00:00"}
    await broker.jetstream.publish(
        f"events.{PAGE}", PageChanged(slug="good").SerializeToString(), headers=good
    )

    async with running(consumer.run):
        await eventually(lambda: "good" in seen)
        letters = await eventually(lambda: list_letters(broker, "sample"))

    assert [letter.error for letter in letters] == ["UnreadableEvent"]


async def test_a_message_that_the_dead_letters_do_not_take_is_listed_and_holds_up_nothing(
    database: Database, broker: Broker
) -> None:
    seen = list[str]()

    async def on_page(tx: Tx, event: PageChanged, envelope: Envelope) -> None:
        if event.slug != "good":
            raise ValueError
        seen.append(event.slug)

    consumer = Consumer("sample", database, broker, {PageChanged: on_page}, max_attempts=1)
    await consumer.create()
    large = PageChanged(slug="x" * (broker.client.max_payload - 250)).SerializeToString()
    for payload in (large, PageChanged(slug="good").SerializeToString()):
        headers = {"ce-type": PAGE, "ce-id": str(uuid7()), "ce-time": "2026-01-01T00:00:00+00:00"}
        await broker.jetstream.publish(f"events.{PAGE}", payload, headers=headers)

    async def is_listed() -> bool:
        return "EVENTS/1" in [row.key for row in await listed(database, "events")]

    async with running(consumer.run):
        await eventually(lambda: seen == ["good"])
        await eventually(is_listed)


async def test_odd_rows_keep_the_backlog_s_gauges_going(database: Database) -> None:
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO timer VALUES (gen_random_uuid(), 'k', 'a', '{}', '-infinity', 0, now(), "
            "'{}')"
        )
        await tx.run(
            "INSERT INTO timer VALUES (gen_random_uuid(), 'k', 'b', '{}', now() - interval '60 s', "
            "0, now(), '{}')"
        )
        await tx.run(
            "INSERT INTO outbox (event_id, type, key, payload, headers, created_at)"
            " VALUES (gen_random_uuid(), 't', 'k', '', '{}', '-infinity'), (gen_random_uuid(), "
            "'t', 'k', '', '{}', 'infinity')"
        )

    await Backlog("sample", database, None, []).look()

    assert sample_value("timers_oldest_due_seconds") >= 60
    assert REGISTRY.get_sample_value("outbox_oldest_seconds") == 0


@pytest.mark.parametrize(
    "error",
    [
        psycopg.DatabaseError(), psycopg.InternalError(), psycopg.OperationalError(),
        psycopg.NotSupportedError(), psycopg.InterfaceError(),
        psycopg.errors.AdminShutdown(), psycopg.errors.InFailedSqlTransaction(), ConnectionHeld(),
        TimeoutError(), ConnectionResetError(),
    ],
)  # fmt: skip
def test_a_failure_of_the_database_is_no_row_s_fault(error: Exception) -> None:
    assert not isolation.is_of_a_row(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.NumericValueOutOfRange(),
        psycopg.errors.CheckViolation(),
        ValueError(),
        KeyError(),
    ],
)
def test_a_value_that_cannot_be_handled_is_a_row_s_fault(error: Exception) -> None:
    assert isolation.is_of_a_row(error)
