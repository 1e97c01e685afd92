"""The ledger file: SQLite in WAL mode, whose commit is on disk before the answer."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from simulator import clock
from simulator.storage import schema

T = TypeVar("T")


class LedgerTooNew(RuntimeError):
    """The file was written by a later version of this program."""


class Database:
    """One thread writes and another reads, so that neither blocks the event loop.

    The single writer is also what makes twins wait: two calls with one idempotency key run one
    after the other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-writer")
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-reader")
        self._writing: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Creates the file and its tables where they are missing. Raises LedgerTooNew."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writing = await _in(self._writer, self._connect_writer)
        self._reading = await _in(self._reader, self._connect_reader)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Returns the result of `work` once its transaction is on disk; an exception rolls it back.

        A cancelled caller doesn't cancel the transaction.
        """
        return await _in(self._writer, lambda: _in_transaction(_opened(self._writing), work))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Returns the result of `work` over one snapshot that includes every answered write."""
        return await _in(self._reader, lambda: _in_snapshot(_opened(self._reading), work))

    async def close(self) -> None:
        """Finishes the queued transactions, then closes the file. May be repeated."""
        if self._reading:
            await _in(self._reader, self._reading.close)
        if self._writing:
            await _in(self._writer, self._writing.close)
        self._reading = self._writing = None
        self._reader.shutdown()
        self._writer.shutdown()

    def _connect_writer(self) -> sqlite3.Connection:
        connection = _connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode only FULL syncs at every commit; NORMAL may lose the last ones with the power.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            connection.close()
            raise LedgerTooNew(
                f"the ledger has version {version}, this program knows {schema.VERSION}"
            )
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {schema.TABLES} PRAGMA user_version = {schema.VERSION}; COMMIT;"
            )
        connection.executescript(schema.ADDED)
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        return connection


def prove_writable(tx: sqlite3.Connection) -> None:
    """Rewrites one small row: the proof that the file takes writes."""
    tx.execute("INSERT OR REPLACE INTO heartbeat (id, at) VALUES (1, ?)", (clock.iso(clock.now()),))


async def _in(executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)


def _connect(path: Path) -> sqlite3.Connection:
    # autocommit, since transactions are opened by hand; the 5 s is for people who look into a live
    # file.
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=5, check_same_thread=False, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    return connection


def _opened(connection: sqlite3.Connection | None) -> sqlite3.Connection:
    if connection is None:
        raise RuntimeError("the ledger is closed")
    return connection


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        # A failed COMMIT (a full disk) may or may not have ended the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _in_snapshot(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("ROLLBACK")
