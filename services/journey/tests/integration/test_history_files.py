"""The files of history: what leaves them, a crash, and other readers."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse

import duckdb
import pyarrow.parquet as pq
import pytest

from chassis.rpc.errors import Unavailable
from journey.consents.withdraw import record_account_consent, withdraw_consent
from journey.history.files.table import HistoryTable
from journey.history.model import ErasedBy, Erasure, queue_erasures
from journey.history.move import move_touchpoints, open_history
from journey.history.scan import HistoryRewritten, HistoryStore, JoinedStore
from journey.history.worker import Round, run_round
from journey.store.store import Wanted
from services.journey.tests.integration.test_store import read_all
from services.journey.tests.journey_world import World, a_touchpoint, an_id, at

DAY = 86_400
LATER = at(100 * DAY)
NOW = timedelta(0)
WANTED = Wanted(frozenset({"kind", "subject", "id"}))


@pytest.fixture
async def table(world: World, tmp_path: Path) -> AsyncIterator[HistoryTable]:
    table = HistoryTable(str(tmp_path / "history"), str(world.database.pool.conninfo))
    yield table
    table.close()


async def run_a_round(world: World, table: HistoryTable, *, most_files: int = 4) -> Round:
    done = await run_round(world.database, table, before=LATER, most_files=most_files, keeps=NOW)
    assert done is not None
    return done


def files_of(table: HistoryTable) -> Iterator[Path]:
    """Every file of the table: data, manifests and metadata."""
    root = Path(urlparse(table.location).path)
    return (file for file in root.rglob("*") if file.is_file())


def ids_in_files(table: HistoryTable) -> set[bytes]:
    """Returns all ids of people in all data files on disk, whether a snapshot has them or not."""
    found: set[bytes] = set()
    for file in files_of(table):
        if file.suffix == ".parquet":
            rows = pq.read_table(file)
            for name in ("person_id", "visitor_id", "guest_id", "customer_id"):
                found |= {id.bytes for id in rows[name].to_pylist() if id is not None}
    return found


async def test_after_a_withdrawal_no_file_holds_the_visitor(
    world: World, table: HistoryTable
) -> None:
    await world.record_touchpoints(
        *(a_touchpoint(visitor="V", guest="G", seconds=n * DAY) for n in range(40)),
        *(a_touchpoint(visitor="other", seconds=n * DAY) for n in range(40)),
        a_touchpoint(guest="G", seconds=5),
    )
    await run_a_round(world, table)
    assert an_id("V").bytes in ids_in_files(table)

    async with world.database.tx() as tx:
        await withdraw_consent(tx, an_id("V"))
    at_once = await read_all(JoinedStore(world.database, table), WANTED)
    done = await run_a_round(world, table)

    assert {row.person for row in at_once} == {str(an_id("other"))}
    assert done.erased == 41
    assert ids_in_files(table) == {an_id("other").bytes}
    raw = b"".join(file.read_bytes() for file in files_of(table) if file.suffix != ".parquet")
    for name in ("V", "G"):
        assert an_id(name).bytes not in raw
        assert str(an_id(name)).encode() not in raw
    assert len(table.load().snapshots()) == 1


async def test_an_account_that_refuses_leaves_no_file_with_the_customer(
    world: World, table: HistoryTable
) -> None:
    await world.record_touchpoints(
        a_touchpoint(visitor="V", seconds=0),
        a_touchpoint(visitor="V", customer="C", seconds=5),
        a_touchpoint(customer="C", kind="order.placed", seconds=40 * DAY),
        a_touchpoint(visitor="W", seconds=5),
    )
    await run_a_round(world, table)

    async with world.database.tx() as tx:
        refusal = {"analytics": False}
        await record_account_consent(tx, an_id("C"), refusal, version=2, at=at(50 * DAY))
    done = await run_a_round(world, table)

    assert done.erased == 3
    assert ids_in_files(table) == {an_id("W").bytes}


async def test_an_undone_import_leaves_the_files(world: World, table: HistoryTable) -> None:
    await world.record_touchpoints(
        a_touchpoint(visitor="V", import_id=an_id("import")), a_touchpoint(visitor="V", seconds=1)
    )
    await run_a_round(world, table)

    async with world.database.tx() as tx:
        await queue_erasures(tx, [Erasure(ErasedBy.IMPORT, an_id("import"))])

    assert len(await read_all(JoinedStore(world.database, table), WANTED)) == 1
    assert (await run_a_round(world, table)).erased == 1


async def test_a_crash_after_the_files_and_before_the_database_moves_nothing_twice(
    world: World, table: HistoryTable
) -> None:
    rows = [a_touchpoint(visitor=f"v{n % 5}", seconds=n * DAY / 2) for n in range(60)]
    await world.record_touchpoints(*rows[:30])
    await run_a_round(world, table)
    await world.record_touchpoints(*rows[30:])
    expected = await read_all(JoinedStore(world.database, table), WANTED)
    holds = await open_history(world.database, table)
    current = table.load()
    copies = [file.data for file in table.files_at(holds)]
    lost = table.commit(current, added=(), removed=copies, properties={})

    after_crash = await read_all(JoinedStore(world.database, table), WANTED)
    done = await run_a_round(world, table)

    assert lost != holds
    assert after_crash == expected
    assert done.moved == 30
    found = await read_all(JoinedStore(world.database, table), WANTED)
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert await world.rows() == []


async def test_a_repeated_import_of_moved_touchpoints_adds_none(
    world: World, table: HistoryTable
) -> None:
    rows = [a_touchpoint(visitor=f"v{n % 5}", seconds=n * DAY) for n in range(40)]
    await world.record_touchpoints(*rows)
    await run_a_round(world, table)

    await world.record_touchpoints(*rows[:20], a_touchpoint(visitor="v1", seconds=7))
    before = await read_all(JoinedStore(world.database, table), WANTED)
    await run_a_round(world, table)
    after = await read_all(HistoryStore(world.database, table), WANTED)

    assert len(before) == 41
    assert sorted(after, key=repr) == sorted(before, key=repr)


@pytest.mark.parametrize(
    ("days", "most_rows", "files"),
    [
        # A year that is over is one file, however many rows it has.
        ([5, 10, 40, 41, 400], 1, 2),
        # One that is not is a file a month, unless it has few rows.
        ([5, 10, 40, 41, 42], 4, 2),
        ([5, 10, 40, 41, 42], 5, 1),
    ],
)
async def test_compaction_leaves_few_files_for_a_bucket(
    world: World,
    table: HistoryTable,
    monkeypatch: pytest.MonkeyPatch,
    days: list[int],
    most_rows: int,
    files: int,
) -> None:
    monkeypatch.setattr("journey.history.compact.ROWS_AT_ONCE", most_rows)
    for day in days:
        row = a_touchpoint(visitor="V", seconds=day * DAY)
        await world.record_touchpoints(row)
        await move_touchpoints(world.database, table, before=at(500 * DAY))
    before = await read_all(HistoryStore(world.database, table), WANTED)

    await run_a_round(world, table, most_files=1)

    assert len([file for file in files_of(table) if file.suffix == ".parquet"]) == files
    assert await read_all(HistoryStore(world.database, table), WANTED) == before


async def test_files_are_merged_changed_and_read_part_by_part(
    world: World, table: HistoryTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("order", "table"):
        monkeypatch.setattr(f"journey.history.files.{module}.ROWS_A_GROUP", 4)
    monkeypatch.setattr("journey.history.files.table._GROUPS_AT_ONCE", 2)
    monkeypatch.setattr("journey.history.compact._MERGED_AT_ONCE", 10)
    draw = random.Random(8)
    for _ in range(4):
        await world.record_touchpoints(
            *(
                a_touchpoint(visitor=f"v{draw.randrange(60)}", seconds=draw.randrange(90 * DAY))
                for _ in range(120)
            )
        )
        await move_touchpoints(world.database, table, before=LATER)
    before = await read_all(HistoryStore(world.database, table), WANTED)
    async with world.database.tx() as tx:
        await withdraw_consent(tx, an_id("v7"))

    done = await run_a_round(world, table, most_files=1)

    of_others = [row for row in before if row.person != str(an_id("v7"))]
    assert done.erased == len(before) - len(of_others) > 0
    assert done.merged_files > 0
    assert await read_all(HistoryStore(world.database, table), WANTED) == of_others


async def test_one_process_keeps_the_history_at_a_time(world: World, table: HistoryTable) -> None:
    async with world.database.tx() as tx:
        await tx.fetch("SELECT pg_advisory_xact_lock(%s)", [0x50_4A_48_49])
        connection = await tx.connected()
        assert connection is not None

        assert await run_round(world.database, table, before=LATER) is None


async def test_a_scan_whose_files_were_deleted_asks_to_ask_again(
    world: World, table: HistoryTable
) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V"))
    await run_a_round(world, table)
    for file in list(files_of(table)):
        if file.suffix == ".parquet":
            file.unlink()

    with pytest.raises(HistoryRewritten):
        await read_all(JoinedStore(world.database, table), WANTED)
    assert issubclass(HistoryRewritten, Unavailable)


async def test_duckdb_reads_the_files_and_agrees_with_postgresql(
    world: World, table: HistoryTable
) -> None:
    rows = [
        a_touchpoint(
            ["search", "order.placed"][n % 2],
            visitor=f"v{n % 7}",
            seconds=n * DAY / 3,
            amount_minor=n,
            properties='{"term": "red shoe"}' if n % 3 else "{}",
        )
        for n in range(90)
    ]
    await world.record_touchpoints(*rows)
    async with world.database.read() as read:
        expected = await read.fetch(
            "SELECT kind, count(*), count(DISTINCT visitor_id), sum(amount_minor)::bigint,"
            " count(*) FILTER (WHERE properties ->> 'term' = 'red shoe') FROM touchpoint"
            " GROUP BY kind ORDER BY kind"
        )

    await run_a_round(world, table)
    files = [urlparse(task.file.file_path).path for task in table.load().scan().plan_files()]
    of_docs = duckdb.execute(documented_query(), {"files": files}).fetchall()
    of_terms = duckdb.execute(
        "SELECT count(*) FILTER (WHERE properties['term'] = 'red shoe') FROM read_parquet($files)"
        " GROUP BY kind ORDER BY kind",
        {"files": files},
    ).fetchall()

    assert of_docs == [row[:4] for row in expected]
    assert of_terms == [row[4:] for row in expected]


def documented_query() -> str:
    """Returns the SQL that docs/history.md shows for DuckDB."""
    text = Path("docs/history.md").read_text()
    return text.partition("```sql\n")[2].partition("```")[0]
