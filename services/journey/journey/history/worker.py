"""The loop that keeps history: one process of all replicas does it at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

import psycopg

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from journey.history.compact import MOST_FILES, compact, rehome_strays
from journey.history.erase import erase_pending
from journey.history.files.table import HistoryTable
from journey.history.move import move_touchpoints, open_history
from journey.history.scan import JoinedStore
from journey.settings import Settings
from journey.store.postgres import PostgresStore
from journey.store.store import JourneyStore

log = telemetry.log("history")
_LOCK: Final = 0x50_4A_48_49
# Files that no snapshot needs stay this long, for scans that still read them.
KEPT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Round:
    """Counts of one round: touchpoints moved, erased and put under another person; files."""

    moved: int = 0
    erased: int = 0
    rehomed: int = 0
    merged_files: int = 0
    deleted_files: int = 0


def table_of(database: Database, settings: Settings) -> HistoryTable | None:
    """Returns the table of files; None where the settings name no location."""
    if not settings.history_location:
        return None
    return HistoryTable(settings.history_location, str(database.pool.conninfo))


def store_of(database: Database, table: HistoryTable | None) -> JourneyStore:
    """Returns the store of all touchpoints."""
    return PostgresStore(database) if table is None else JoinedStore(database, table)


async def keep_history(database: Database, table: HistoryTable, settings: Settings) -> None:
    """Runs rounds until cancelled, through absences of database and files."""

    async def run_once() -> None:
        before = start_of_day(database.clock.now() - timedelta(days=settings.history_after_days))
        done = await run_round(database, table, before=before)
        if done is not None and done != Round():
            log.info("history kept", **{name: getattr(done, name) for name in Round.__slots__})

    await run_periodically(run_once, every_seconds=settings.history_seconds, name="history")


def start_of_day(at: datetime) -> datetime:
    """Returns midnight of a time's day, in UTC."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


async def run_round(
    database: Database,
    table: HistoryTable,
    *,
    before: datetime,
    most_files: int = MOST_FILES,
    keeps: timedelta = KEPT,
) -> Round | None:
    """Erases, moves, rehomes, compacts and deletes old files.

    Returns None where another process does it. Safe to kill at any line: the next round begins
    with the snapshot that holds.
    """
    async with _only_one(database) as is_mine:
        if not is_mine:
            return None
        await open_history(database, table)
        return Round(
            erased=await erase_pending(database, table),
            moved=await move_touchpoints(database, table, before=before),
            rehomed=await rehome_strays(database, table),
            merged_files=await compact(database, table, most_files=most_files),
            deleted_files=await asyncio.to_thread(table.expire, keeps=keeps),
        )


@asynccontextmanager
async def _only_one(database: Database) -> AsyncIterator[bool]:
    """Takes the advisory lock on a connection of its own; yields whether it is this process's."""
    connection = await psycopg.AsyncConnection.connect(str(database.pool.conninfo), autocommit=True)
    async with connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        record = await cursor.fetchone()
        yield bool(record and record[0])
