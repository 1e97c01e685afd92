import asyncio
import contextvars
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import UUID

import pytest
from ledger_sample import Entry, Kind
from psycopg.errors import UniqueViolation
from sqlmodel import select

from chassis.data.connections import (
    ConnectionHeld,
    pause,
    refuse_held_connections,
    use_work_connections,
)
from chassis.data.database import WAIT_SECONDS, Database, DatabaseUnavailable
from chassis.data.migrations import upgrade
from chassis.data.tx import Tx
from chassis.rpc.deadlines import set_deadline
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, fresh_database, superuser_url
from sojourn.catalog.v1.events_pb2 import PageChanged


def an_entry(amount_minor: int = 100) -> Entry:
    return Entry(
        id=uuid7(),
        kind=Kind.DEBIT,
        labels={"de": "Größe"},
        amount_minor=amount_minor,
        at=datetime(2026, 1, 2, tzinfo=UTC),
    )


async def test_a_row_comes_back_as_it_was_written(database: Database) -> None:
    entry = an_entry()

    async with database.tx() as tx:
        await tx.insert(entry)
    async with database.read() as read:
        found = await read.get(Entry, entry.id)

    assert found == entry
    assert isinstance(found.kind, Kind)


async def test_the_slower_of_two_writers_is_refused(database: Database) -> None:
    entry = an_entry()
    async with database.tx() as tx:
        await tx.insert(entry)
    async with database.read() as read:
        slow = await read.get(Entry, entry.id)
    assert slow is not None

    entry.amount_minor = 200
    async with database.tx() as tx:
        await tx.update(entry)

    with pytest.raises(VersionMismatch):
        async with database.tx() as tx:
            await tx.update(slow)


async def test_a_rolled_back_transaction_leaves_neither_row_nor_event(database: Database) -> None:
    entry = an_entry()

    async def fail() -> None:
        async with database.tx() as tx:
            await tx.insert(entry)
            await tx.emit(PageChanged(slug="a"), key=entry.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    async with database.read() as read:
        assert await read.get(Entry, entry.id) is None
        assert await read.fetch("SELECT 1 FROM outbox") == []


async def test_a_transaction_of_nothing_but_what_waits_is_one_statement(database: Database) -> None:
    first, second = an_entry(), an_entry()

    async with database.tx() as tx:
        tx.deferred.insert(first, second)
    async with database.read() as read:
        assert {row.id for row in await read.all(select(Entry))} == {first.id, second.id}
        assert (await read.connected()).autocommit

    async def fail() -> None:
        async with database.tx() as tx:
            tx.deferred.insert(an_entry())
            tx.deferred.insert(first)

    with pytest.raises(UniqueViolation):
        await fail()
    async with database.read() as read:
        assert await read.fetch("SELECT count(*) FROM entry") == [(2,)]


async def test_one_that_only_opens_takes_no_connection(database: Database) -> None:
    def requested() -> int:
        return database.pool.get_stats().get("requests_num", 0)

    before = requested()
    async with AsyncExitStack() as stack:
        for _ in range(50):
            await stack.enter_async_context(database.tx())
            await stack.enter_async_context(database.read())

        assert requested() == before


async def test_what_is_gathered_is_handled_together_and_within_the_transaction(
    database: Database,
) -> None:
    handled: list[list[UUID]] = []

    async def insert_all(tx: Tx, entries: list[Entry]) -> None:
        handled.append([entry.id for entry in entries])
        await tx.insert(*entries)
        await tx.emit(PageChanged(slug="a"), key=entries[0].id)

    async def work(*entries: Entry, is_lost: bool = False) -> None:
        async with database.tx() as tx:
            for entry in entries:
                tx.gather(entry, insert_all, named="entries")
            if is_lost:
                raise ZeroDivisionError

    entries = an_entry(), an_entry()
    await work(*entries)
    with pytest.raises(ZeroDivisionError):
        await work(an_entry(), is_lost=True)

    assert handled == [[entry.id for entry in entries]]
    async with database.read() as read:
        assert await read.fetch(
            "SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM outbox)"
        ) == [(2, 1)]


async def test_a_locked_row_is_written_back_with_the_commit(database: Database) -> None:
    entry = an_entry()
    async with database.tx() as tx:
        await tx.insert(entry)

    async with database.tx() as tx:
        locked = await tx.lock(Entry, entry.id)
        assert locked is not None
        locked.amount_minor, locked.note = 300, "later"
        tx.deferred.update(locked)

    async with database.read() as read:
        assert await read.get(Entry, entry.id) == locked
    assert locked.version == 2


async def test_migrating_twice_and_from_a_newer_revision_changes_nothing(
    database: Database,
) -> None:
    async with database.tx() as tx:
        name = await tx.fetch_one("SELECT current_database()")
        assert name is not None
    url = superuser_url(name[0])

    assert upgrade(url, "ledger_sample") == "0001"
    async with database.tx() as tx:
        await tx.run("UPDATE alembic_version SET version_num = '0999'")

    assert upgrade(url, "ledger_sample") == "0999"


async def test_what_takes_away_waits_until_it_is_asked_for(database: Database) -> None:
    async with database.read() as read:
        name = await read.fetch_one("SELECT current_database()")
        assert name is not None
    url = superuser_url(name[0])

    async def columns() -> set[str]:
        async with database.read() as read:
            found = await read.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'entry'"
            )
        return {row[0] for row in found}

    upgrade(url, "ledger_sample")
    assert "note" in await columns()

    assert upgrade(url, "ledger_sample", contract=True) == "0001"
    assert "note" not in await columns()
    assert upgrade(url, "ledger_sample", contract=True) == "0001"


async def test_many_rows_are_inserted_and_written_over(database: Database) -> None:
    first, second = an_entry(), an_entry()
    async with database.tx() as tx:
        assert await tx.upsert_many(Entry, [first, second]) == 2

    changed = second.copy_row(labels={"fr": "Taille"}, amount_minor=300)
    async with database.tx() as tx:
        assert await tx.upsert_many(Entry, [changed], update=["labels"]) == 1

    async with database.read() as read:
        assert await read.get(Entry, first.id) == first
        assert await read.get(Entry, second.id) == second.copy_row(labels={"fr": "Taille"})


async def test_a_statement_of_many_parameters_runs_as_it_is_numbered_once(
    database: Database,
) -> None:
    query, values = f"SELECT {' + '.join(['%s::int'] * 400)}, '100 %%'", [1] * 400

    async with database.read() as read:
        assert await read.fetch_one(query, values) == (400, "100 %")
        assert await read.fetch_one(
            "SELECT %(b)s::int - %(a)s::int - %(b)s::int", {"a": 1, "b": 2}
        ) == (-1,)


async def test_a_second_connection_is_refused_while_one_is_out(database: Database) -> None:
    async with database.read() as read:
        await read.fetch("SELECT 1")

        with pytest.raises(ConnectionHeld):
            async with database.tx() as tx:
                await tx.fetch("SELECT 1")


async def test_a_connection_that_was_given_back_leaves_room_for_another_and_is_taken_again(
    database: Database,
) -> None:
    async with database.read() as read:
        await read.fetch("SELECT 1")
        await read.give_back()
        async with database.read() as other:
            assert await other.fetch("SELECT 2") == [(2,)]
        await pause(0.001)
        assert await read.fetch("SELECT 3") == [(3,)]


async def test_in_production_a_held_connection_is_told_and_costs_no_answer(
    database: Database,
) -> None:
    refuse_held_connections(is_strict=False)
    try:
        async with database.read() as read:
            await read.fetch("SELECT 1")
            async with database.read() as other:
                assert await other.fetch("SELECT 2") == [(2,)]
    finally:
        refuse_held_connections(is_strict=True)


async def test_nobody_sleeps_while_a_connection_is_out(database: Database) -> None:
    async with database.tx() as tx:
        await pause(0.001)
        await tx.fetch("SELECT 1")

        with pytest.raises(ConnectionHeld):
            await pause(0.001)
        with pytest.raises(ConnectionHeld):
            await asyncio.sleep(0.001)
    await pause(0.001)


async def test_a_task_that_is_made_while_a_connection_is_out_may_wait_once_it_is_back(
    database: Database,
) -> None:
    is_back = asyncio.Event()

    async def wait_then_pause() -> str:
        await is_back.wait()
        await pause(0.001)
        return "paused"

    async with database.read() as read:
        await read.fetch("SELECT 1")
        task = asyncio.create_task(wait_then_pause())
    is_back.set()

    assert await task == "paused"


async def test_work_has_connections_while_calls_hold_all_of_theirs() -> None:
    async with fresh_database("ledger_sample", pool_size=6) as database:
        release = asyncio.Event()

        async def call() -> None:
            async with database.read() as read:
                await read.fetch("SELECT 1")
                await release.wait()

        async def work() -> list[tuple[int]]:
            use_work_connections()
            async with database.tx() as tx:
                return await tx.fetch("SELECT 2")

        # Three times the pool: four hold a connection, the others wait for one.
        calls = [asyncio.create_task(call()) for _ in range(18)]
        await eventually(lambda: database.pool.get_stats()["pool_size"] >= 4)

        assert (
            await asyncio.gather(*(asyncio.create_task(work()) for _ in range(10))) == [[(2,)]] * 10
        )

        release.set()
        assert not [
            error for error in await asyncio.gather(*calls, return_exceptions=True) if error
        ]


async def test_a_pool_of_one_connection_serves_a_command() -> None:
    async with fresh_database("ledger_sample", pool_size=1) as database:
        async with database.read() as read:
            assert await read.fetch("SELECT 1") == [(1,)]
        async with database.tx() as tx:
            assert await tx.fetch("SELECT 2") == [(2,)]


async def test_who_waits_for_a_connection_leaves_a_caller_time_for_its_answer() -> None:
    async with fresh_database("ledger_sample", pool_size=1) as database, database.read() as read:
        await read.fetch("SELECT 1")

        async def call() -> None:
            set_deadline(WAIT_SECONDS)
            async with asyncio.timeout(WAIT_SECONDS), database.read() as waiting:
                await waiting.fetch("SELECT 2")

        with pytest.raises(DatabaseUnavailable):
            await asyncio.create_task(call(), context=contextvars.Context())
