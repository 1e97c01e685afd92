"""PostgreSQL: a pool, reads and transactions.

SQL is written by hand in the module that owns the table; `Row` only saves the typing of INSERT, UPDATE and SELECT of whole rows.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, LiteralString, TypeVar
from uuid import UUID

import psycopg
from google.protobuf.message import Message
from psycopg import _queries, sql
from psycopg.rows import AsyncRowFactory, dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic_core import to_json

from chassis import telemetry
from chassis.clock import Clock, uuid7
from chassis.errors import Unavailable, VersionMismatch
from chassis.rows import Row, bump, statement, update_by_position

R = TypeVar("R", bound="Row")
T = TypeVar("T")
Params = Sequence[Any] | Mapping[str, Any] | None
Query = LiteralString | bytes | sql.Composed
# How long a call waits for a connection of the pool, and how long once the database is known to be away.
WAIT_SECONDS: Final = 2.0
AWAY_SECONDS: Final = 0.3
# psycopg reads the placeholders of a statement with many of them anew each time, because an ORM's vary. These are few and always the same,
# and reading one takes as long as running it.
_queries.MAX_CACHED_STATEMENT_PARAMS, _queries.MAX_CACHED_STATEMENT_LENGTH = 500, 32_768


class DatabaseUnavailable(Unavailable):
    """The database is away or out of connections; nothing was changed, or the whole transaction was."""


class ConnectionHeld(RuntimeError):
    """A task waits, sleeps, asks a peer or takes a second connection while it holds one: a defect, because the pool runs dry of it."""


class _Hold:
    """Says whether the connection is still out. Tasks that are made meanwhile see the same object, and so its end."""

    __slots__ = ("is_active",)

    def __init__(self) -> None:
        self.is_active = True


_hold: ContextVar[_Hold | None] = ContextVar("connection_hold", default=None)
_does_work: ContextVar[bool] = ContextVar("does_work", default=False)


_is_strict = True
_told: set[str] = set()


def refuse_held_connections(is_strict: bool) -> None:
    """Says whether `require_no_connection` raises, as in development and tests, or logs each purpose once, as in production."""
    global _is_strict
    _is_strict = is_strict


def require_no_connection(purpose: str) -> None:
    """Raises ConnectionHeld where the running task, or the one that made it, has a connection out. `purpose` says what it was about to do.

    In production a defect that no test met costs a connection and a line in the log, not an answer.
    """
    hold = _hold.get()
    if hold is None or not hold.is_active:
        return
    message = f"{purpose} while a connection is out; leave the block of `read` or `tx` first"
    if _is_strict:
        raise ConnectionHeld(message)
    if purpose not in _told:
        _told.add(purpose)
        telemetry.log("db").error("a connection is held", purpose=purpose, stack_info=True)


async def pause(seconds: float) -> None:
    """Sleeps. Raises ConnectionHeld where a connection is out."""
    require_no_connection("sleep")
    await asyncio.sleep(seconds)


def use_work_connections() -> None:
    """Lets the running task take the connections that are kept back from calls: for sagas, timers, consumers and other background work."""
    _does_work.set(True)


class Read:
    """Statements on one connection, each on its own: no BEGIN. The first one takes it out of the pool. `now` is business time."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]],
        clock: Clock,
        disconnect: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._connect, self._disconnect = connect, disconnect
        self._connected: psycopg.AsyncConnection[Any] | None = None
        self.clock = clock
        self.now: datetime = clock.now()

    async def _execute(
        self, query: Query, params: Params = None, row_factory: AsyncRowFactory[Any] = tuple_row, *, prepare: bool = True
    ) -> psycopg.AsyncCursor[Any]:
        connection = self._connected or await self.connected()
        return await connection.cursor(row_factory=row_factory).execute(query, params, prepare=prepare)

    async def give_back(self) -> None:
        """Gives the connection back; the next statement takes one again. Call it before waiting, or before another one reads."""
        if self._connected is not None and self._disconnect is not None:
            self._connected = None
            await self._disconnect()

    async def connected(self) -> psycopg.AsyncConnection[Any]:
        """The connection, for who works with it directly."""
        return self._connected or await self._take(autocommit=True)

    async def _take(self, *, autocommit: bool) -> psycopg.AsyncConnection[Any]:
        connection = self._connected = await self._connect()
        if connection.autocommit is not autocommit:
            await connection.set_autocommit(autocommit)
        return connection

    async def fetch(self, query: LiteralString, params: Params = None) -> list[tuple[Any, ...]]:
        """All records as tuples, by a statement that the server keeps prepared."""
        return await (await self._execute(query, params)).fetchall()

    async def fetch_one(self, query: LiteralString, params: Params = None) -> tuple[Any, ...] | None:
        """The first record, or None."""
        return await (await self._execute(query, params)).fetchone()

    async def fetch_dicts(self, query: LiteralString, params: Params = None) -> list[dict[str, Any]]:
        """All records as dicts by column name."""
        return await (await self._execute(query, params, dict_row)).fetchall()

    async def answer(self, query: sql.Composed) -> list[dict[str, Any]]:
        """All records of a composed query as dicts. It has no parameters, so that a percent sign in a literal means nothing."""
        return await (await self._execute(query, None, dict_row, prepare=False)).fetchall()

    async def find(self, row: type[R], rest: LiteralString = "", params: Params = None) -> list[R]:
        """Rows of a table; `rest` is what follows FROM: `find(Order, "WHERE owner_id = %s ORDER BY id", [owner])`."""
        query = statement(row, "select") + rest.encode()
        cursor = await self._execute(query, params, dict_row)
        return [row.load(record) for record in await cursor.fetchall()]

    async def find_one(self, row: type[R], rest: LiteralString = "", params: Params = None) -> R | None:
        """The first row, or None."""
        found = await self.find(row, rest, params)
        return found[0] if found else None

    async def get(self, row: type[R], id: UUID) -> R | None:
        """The row whose `id` it is, or None."""
        return await self.find_one(row, "WHERE id = %s", [id])


class Tx(Read):
    """One transaction. Made by `Database.tx()` or `Call.tx()`; only they commit.

    It begins with its first statement. One that has none but what waits for the commit is that one statement alone, in one round trip.
    """

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]], clock: Clock, source: str) -> None:
        super().__init__(connect, clock)
        self._source = source
        self.has_emitted = self.has_scheduled = False
        self._emitted: list[tuple[UUID, str, str, bytes, str]] = []
        self._waiting: dict[Hashable, tuple[LiteralString, Sequence[Any]]] = {}
        self._gathered: dict[Hashable, tuple[Callable[[Tx, list[Any]], Awaitable[None]], list[Any]]] = {}

    async def connected(self) -> psycopg.AsyncConnection[Any]:
        """The connection, for who works with it directly. The driver sends BEGIN before the first statement."""
        return self._connected or await self._take(autocommit=False)

    async def lock(self, row: type[R], id: UUID) -> R | None:
        """The row whose `id` it is, locked until the end of the transaction, or None."""
        return await self.find_one(row, "WHERE id = %s FOR UPDATE", [id])

    async def run(self, query: LiteralString, params: Params = None) -> int:
        """Runs a prepared statement; returns how many rows it touched."""
        return (await self._execute(query, params)).rowcount

    async def run_many(self, query: LiteralString, params: Sequence[Sequence[Any] | Mapping[str, Any]]) -> None:
        """Runs a statement for each element of `params`, pipelined."""
        if params:
            await (await self.connected()).cursor().executemany(query, params)

    def later(self, query: LiteralString, params: Sequence[Any], *, once: Hashable = None) -> None:
        """Runs a statement with the commit, in one round trip with the others that wait for it. Of those with the same `once` the last counts.

        For what nothing in this transaction reads or writes otherwise: all that waits becomes one statement, which sees the rows as they are
        when the block ends. An error shows there too.
        """
        self._waiting[once if once is not None else object()] = (query, params)

    async def insert(self, *rows: Row) -> None:
        """Inserts rows, pipelined where there are several of one table in a row."""
        if len(rows) == 1:
            await self._execute(statement(type(rows[0]), "insert"), list(rows[0].dump().values()))
            return
        connection = await self.connected()
        for kind in dict.fromkeys(type(row) for row in rows):
            values = [list(row.dump().values()) for row in rows if type(row) is kind]
            await connection.cursor().executemany(statement(kind, "insert"), values)

    def insert_later(self, *rows: Row) -> None:
        """Inserts rows with the commit, as `later` says."""
        for row in rows:
            self.later(statement(type(row), "insert").decode(), list(row.dump().values()))

    async def update(self, row: Row) -> None:
        """Writes a row back by its key. A `version` field is bumped first; VersionMismatch if somebody else was faster or it is gone."""
        bump(row)
        cursor = await self._execute(statement(type(row), "update"), row.dump())
        if cursor.rowcount != 1:
            raise VersionMismatch(f"{row.table} changed meanwhile")

    def update_later(self, row: Row) -> None:
        """Writes a row back with the commit, as `later` says, once. For a row that nobody else can change until then: nothing is checked."""
        bump(row)
        values = row.dump()
        query, names = update_by_position(type(row))
        self.later(query, [values[name] for name in names], once=(row.table, *(values[name] for name in row.key)))

    async def delete(self, row: Row) -> None:
        """Deletes a row by its key; one that is gone is passed over."""
        await self._execute(statement(type(row), "delete"), {name: getattr(row, name) for name in row.key})

    async def emit(self, event: Message, *, key: UUID | str) -> UUID:
        """Writes an event to the outbox; it is published after the commit, in order per key. Returns the event's id.

        Call it where the row of the aggregate `key` is written in this transaction: that row's lock is what orders the events.
        """
        event_id = uuid7()
        headers = {"ce-time": self.now.isoformat(), "ce-source": self._source, **telemetry.inject()}
        self._emitted.append((event_id, event.DESCRIPTOR.full_name, str(key), event.SerializeToString(), to_json(headers).decode()))
        self.has_emitted = True
        return event_id

    def gather(self, item: T, run: Callable[["Tx", list[T]], Awaitable[None]], *, named: Hashable) -> None:
        """Lets `run` handle items together, once, right before the commit: all that were gathered under a name in this transaction."""
        self._gathered.setdefault(named, (run, []))[1].append(item)

    async def flush(self) -> None:
        """Runs now what was gathered and what waits for the commit."""
        if last := await self._last_statement():
            await self._execute(*last)

    async def commit(self) -> None:
        """Runs what was gathered and what waits, and commits. Only who opened it calls this."""
        last = await self._last_statement()
        if self._connected is None:
            if last:
                # Alone it needs no BEGIN and no COMMIT.
                await self._take(autocommit=True)
                await self._execute(*last)
            return
        if last:
            await self._execute(*last)
        await self._connected.commit()

    async def _last_statement(self) -> tuple[bytes, list[Any]] | None:
        while self._gathered:
            _, (run, items) = self._gathered.popitem()
            await run(self, items)
        if self._emitted:
            self.later(_EMIT, [list(column) for column in zip(*self._emitted, strict=True)])
            self._emitted = []
        if not self._waiting:
            return None
        statements, self._waiting = list(self._waiting.values()), {}
        return _together(tuple(query for query, _ in statements)), [value for _, params in statements for value in params]


_EMIT: Final = (
    "INSERT INTO outbox (event_id, type, key, payload, headers, created_at)"
    " SELECT event_id, type, key, payload, headers::jsonb, clock_timestamp()"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[]) WITH ORDINALITY"
    " AS e (event_id, type, key, payload, headers, n) ORDER BY n"
)


@functools.lru_cache(maxsize=256)
def _together(queries: tuple[LiteralString, ...]) -> bytes:
    """One statement that does what several do. They run on one snapshot: none sees what another did."""
    *first, last = queries
    if not first:
        return last.encode()
    return ("WITH " + ", ".join(f"w{number} AS ({query})" for number, query in enumerate(first)) + " " + last).encode()


class Database:
    """The pool of one service's own database."""

    def __init__(self, url: str, *, source: str, clock: Clock, pool_size: int = 10) -> None:
        self._source, self.clock = source, clock
        # A third of the connections is kept back for calls and a third for work: a call that waits for an order waits for work that needs a
        # connection, so that a crowd of calls must never hold all of them.
        most = pool_size - max(pool_size // 3, 1)
        self._free_for_calls, self._free_for_work = asyncio.Semaphore(most), asyncio.Semaphore(most)
        self.on_emit: list[Callable[[], None]] = []
        self.on_schedule: list[Callable[[], None]] = []
        self._is_away = False
        self.pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=WAIT_SECONDS,
            reconnect_timeout=1,
            kwargs={
                "autocommit": True,
                "connect_timeout": 5,
                "application_name": source,
                # A transaction that its process forgot must not hold locks; a dead peer must not hold connections.
                "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60s -c statement_timeout=30s -c lock_timeout=10s"
                # Every statement here is prepared and point-like: planning one anew costs more than a better plan would save.
                " -c plan_cache_mode=force_generic_plan",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
            },
            check=None,
        )

    async def open(self) -> None:
        """Opens the pool. Does not wait for the first connection: `ping` tells."""
        await self.pool.open()

    async def close(self) -> None:
        await self.pool.close(timeout=5)

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.pool.connection(timeout=2) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout, OSError):
            return False
        return True

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        """Autocommit reads on one connection. Raises DatabaseUnavailable."""
        async with AsyncExitStack() as stack:
            yield Read(lambda: stack.enter_async_context(self._connection()), self.clock, stack.aclose)

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end of the block and rolls back on an exception. Raises DatabaseUnavailable."""
        async with AsyncExitStack() as stack:
            tx = Tx(lambda: stack.enter_async_context(self._connection()), self.clock, self._source)
            # An exception rolls back: the pool sees to that.
            yield tx
            await tx.commit()
            self.committed(tx)

    def committed(self, tx: Tx) -> None:
        """Wakes the relay of this process, where the transaction emitted, and its timers, where it set one that is due."""
        for wake in (*(self.on_emit if tx.has_emitted else ()), *(self.on_schedule if tx.has_scheduled else ())):
            wake()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        require_no_connection("take a second connection")
        free = self._free_for_work if _does_work.get() else self._free_for_calls
        if free.locked():
            try:
                await asyncio.wait_for(free.acquire(), WAIT_SECONDS)
            except TimeoutError:
                raise DatabaseUnavailable("all connections are in use", retry_after_seconds=1) from None
        else:
            await free.acquire()
        try:
            async with self._pooled() as connection:
                yield connection
        finally:
            free.release()

    @asynccontextmanager
    async def _pooled(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        hold: _Hold | None = None
        try:
            # Who finds the database away answers soon, so that callers' deadlines have room for a clear 503.
            async with self.pool.connection(timeout=AWAY_SECONDS if self._is_away else WAIT_SECONDS) as connection:
                self._is_away = False
                hold = _Hold()
                _hold.set(hold)
                # Before Python 3.12 a task that is cancelled in the tick in which the pool hands over goes on as if it were not.
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise asyncio.CancelledError
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled):
                raise DatabaseUnavailable("the database is busy", retry_after_seconds=1) from error
            if getattr(error, "sqlstate", None) is None or isinstance(
                error, psycopg.errors.AdminShutdown | psycopg.errors.CrashShutdown | psycopg.errors.CannotConnectNow
            ):
                # Idle connections died with the server: replace them now, not one failure at a time.
                await self.pool.check()
            self._is_away = True
            raise DatabaseUnavailable("the database is away", retry_after_seconds=1) from error
        finally:
            if hold is not None:
                hold.is_active = False
