"""Reads and transactions on a connection of the service's own database."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString, TypeVar, TypeVarTuple, overload
from uuid import UUID

import psycopg
from google.protobuf.message import Message
from psycopg import AsyncRawCursor, sql
from psycopg.rows import AsyncRowFactory, dict_row, tuple_row
from pydantic_core import to_json
from sqlalchemy import ColumnElement
from sqlalchemy.sql import Executable
from sqlmodel.sql.expression import Select, SelectOfScalar

from chassis import telemetry
from chassis.data import statements
from chassis.data.deferred import Deferred, bump
from chassis.data.outbox import INSERT_EVENTS, SYNTHETIC_HEADER
from chassis.data.rows import Row, key_of, table_of
from chassis.data.statements import Params, Prepared
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import Clock, uuid7

R = TypeVar("R", bound=Row)
T = TypeVar("T")
Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]
Ts = TypeVarTuple("Ts")


class Read:
    """Statements on one connection, each on its own: no BEGIN.

    The first one takes it out of the pool. `now` is business time.
    """

    def __init__(
        self,
        connect: Connect,
        clock: Clock,
        disconnect: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._connect, self._disconnect = connect, disconnect
        self._connected: psycopg.AsyncConnection[Any] | None = None
        self.clock = clock
        self.now: datetime = clock.now()

    @overload
    async def all(self, query: SelectOfScalar[T] | Prepared[T], /, **values: Any) -> list[T]: ...

    @overload
    async def all(self, query: Select[*Ts], /, **values: Any) -> list[tuple[*Ts]]: ...

    async def all(self, query: Any, /, **values: Any) -> list[Any]:
        """Returns all results: rows of a table, values, or tuples of them, as the query selects.

        `values` are its named parameters.
        """
        prepared, params = _bound(query, values)
        cursor = await self._run(prepared.query, params)
        return [prepared.load(record) for record in await cursor.fetchall()]

    @overload
    async def one(self, query: SelectOfScalar[T] | Prepared[T], /, **values: Any) -> T | None: ...

    @overload
    async def one(self, query: Select[*Ts], /, **values: Any) -> tuple[*Ts] | None: ...

    async def one(self, query: Any, /, **values: Any) -> Any:
        """Returns the first result, or None."""
        prepared, params = _bound(query, values)
        record = await (await self._run(prepared.query, params)).fetchone()
        return None if record is None else prepared.load(record)

    async def get(self, row: type[R], /, *key: Any) -> R | None:
        """Returns the row of a primary key, or None."""
        return await self._row(row, key, locks=False)

    async def fetch(self, query: LiteralString, params: Params = None) -> list[tuple[Any, ...]]:
        """Returns all records of literal SQL as tuples. The server keeps the statement prepared."""
        return await (await self._run(*statements.positioned(query, params))).fetchall()

    async def fetch_one(
        self, query: LiteralString, params: Params = None
    ) -> tuple[Any, ...] | None:
        """Returns the first record of literal SQL, or None."""
        return await (await self._run(*statements.positioned(query, params))).fetchone()

    async def answer(self, query: sql.Composed) -> list[dict[str, Any]]:
        """Returns all records of a composed query as dicts.

        It has no parameters: a percent sign in a literal means nothing.
        """
        return await (
            await self._run(query.as_bytes(None), None, dict_row, prepare=False)
        ).fetchall()

    async def give_back(self) -> None:
        """Gives the connection back; the next statement takes one again.

        Call it before waiting, or before another one reads.
        """
        if self._connected is not None and self._disconnect is not None:
            self._connected = None
            await self._disconnect()

    async def connected(self) -> psycopg.AsyncConnection[Any]:
        """Returns the connection, for COPY."""
        return self._connected or await self._take(autocommit=True)

    async def _run(
        self,
        query: bytes,
        params: Sequence[Any] | None,
        row_factory: AsyncRowFactory[Any] = tuple_row,
        *,
        prepare: bool = True,
    ) -> AsyncRawCursor[Any]:
        connection = self._connected or await self.connected()
        return await AsyncRawCursor(connection, row_factory=row_factory).execute(
            query, params, prepare=prepare
        )

    async def _row(self, row: type[R], key: Sequence[Any], *, locks: bool) -> R | None:
        record = await (
            await self._run(statements.select_of(row, locks=locks).query, list(key))
        ).fetchone()
        return None if record is None else row.load(record)

    async def _take(self, *, autocommit: bool) -> psycopg.AsyncConnection[Any]:
        connection = self._connected = await self._connect()
        if connection.autocommit is not autocommit:
            await connection.set_autocommit(autocommit)
        return connection


class Tx(Read):
    """One transaction.

    Made by `Database.tx()` or `Call.tx()`; only they commit.

    It begins with its first statement. One that has none but deferred writes is that one statement
    alone, in one round trip.
    """

    def __init__(self, connect: Connect, clock: Clock, source: str) -> None:
        super().__init__(connect, clock)
        self._source = source
        self.deferred = Deferred()
        self.has_emitted = self.has_scheduled = False
        self._emitted: list[tuple[UUID, str, str, bytes, str]] = []
        self._gathered: dict[
            Hashable, tuple[Callable[[Tx, list[Any]], Awaitable[None]], list[Any]]
        ] = {}

    async def connected(self) -> psycopg.AsyncConnection[Any]:
        """Returns the connection, for COPY. The driver sends BEGIN before the first statement."""
        return self._connected or await self._take(autocommit=False)

    async def get(self, row: type[R], /, *key: Any) -> R | None:
        """Returns the row of a primary key, or None.

        Raises DeferredConflict where its write waits for the commit.
        """
        self.deferred.require_unwritten(row, key)
        return await self._row(row, key, locks=False)

    async def lock(self, row: type[R], /, *key: Any) -> R | None:
        """Returns the row of a primary key, locked until the end of the transaction, or None.

        Raises DeferredConflict.
        """
        self.deferred.require_unwritten(row, key)
        return await self._row(row, key, locks=True)

    async def execute(self, statement: Executable | Prepared[Any], /, **values: Any) -> int:
        """Runs an INSERT, UPDATE or DELETE; returns how many rows it touched.

        `values` are its named parameters.
        """
        prepared, params = _bound(statement, values)
        return (await self._run(prepared.query, params)).rowcount

    async def run(self, query: LiteralString, params: Params = None) -> int:
        """Runs literal SQL; returns how many rows it touched."""
        return (await self._run(*statements.positioned(query, params))).rowcount

    async def insert(self, *rows: Row) -> None:
        """Inserts rows, pipelined where there are several of one table."""
        if len(rows) == 1:
            statement = statements.insert_of(type(rows[0]))
            await self._run(statement.query, statement.bind(rows[0]))
            return
        connection = await self.connected()
        for kind in dict.fromkeys(type(row) for row in rows):
            statement = statements.insert_of(kind)
            values = [statement.bind(row) for row in rows if type(row) is kind]
            await AsyncRawCursor(connection).executemany(statement.query, values)

    async def insert_new(self, row: Row) -> bool:
        """Inserts a row unless one of its key or of another unique constraint is there.

        Returns whether it did.
        """
        statement = statements.insert_of(type(row), ignores_conflict=True)
        return (await self._run(statement.query, statement.bind(row))).rowcount == 1

    async def insert_returning(self, row: Row, *expressions: ColumnElement[Any]) -> tuple[Any, ...]:
        """Inserts a row; returns expressions over it, which see other tables before the insert."""
        statement = statements.insert_of(type(row), expressions)
        record: tuple[Any, ...] | None = await (
            await self._run(statement.query, statement.bind(row))
        ).fetchone()
        assert record is not None
        return record

    async def update(self, row: Row) -> None:
        """Writes a row back by its key.

        Its version is bumped first. Raises VersionMismatch if it changed meanwhile or is gone.
        """
        self.deferred.require_unwritten(
            type(row), [getattr(row, name) for name in key_of(type(row))]
        )
        bump(row)
        statement = statements.update_of(type(row), is_checked=True)
        if (await self._run(statement.query, statement.bind(row))).rowcount != 1:
            raise VersionMismatch(f"{table_of(type(row)).name} changed meanwhile")

    async def update_returning(
        self, row: Row, *expressions: ColumnElement[Any]
    ) -> tuple[Any, ...] | None:
        """Writes a row back as `update` does; returns expressions over it.

        Returns None where `update` raises VersionMismatch.
        """
        bump(row)
        statement = statements.update_of(type(row), is_checked=True, returning=expressions)
        record: tuple[Any, ...] | None = await (
            await self._run(statement.query, statement.bind(row))
        ).fetchone()
        return record

    async def delete(self, row: Row) -> None:
        """Deletes a row by its key; one that is gone is passed over."""
        statement = statements.delete_of(type(row))
        await self._run(statement.query, statement.bind(row))

    async def upsert_many(
        self,
        row: type[R],
        rows: Sequence[R],
        *,
        conflict: Iterable[str] = (),
        update: Iterable[str] | None = None,
    ) -> int:
        """Inserts many rows in one statement; those in conflict are written over.

        Returns how many were inserted or written.

        `conflict` are the columns of a unique constraint, the primary key unless told; `update` are
        the columns that are written over, all others unless told. Two rows in conflict with each
        other are refused by the database.
        """
        if not rows:
            return 0
        changed = None if update is None else tuple(update)
        statement = statements.upsert_many_of(row, tuple(conflict) or key_of(row), changed)
        return (await self._run(statement.query, statement.bind_many(rows))).rowcount

    async def emit(self, event: Message, *, key: UUID | str, synthetic: bool = False) -> UUID:
        """Writes an event to the outbox; it is published after the commit, in order per key.

        Returns the event's id.

        Call it where the row of the aggregate `key` is written in this transaction: that row's lock
        is what orders the events. Pass `synthetic` from that row: its events are published where no
        consumer hears them.
        """
        event_id = uuid7()
        headers = {"ce-time": self.now.isoformat(), "ce-source": self._source, **telemetry.inject()}
        if synthetic:
            headers[SYNTHETIC_HEADER] = "true"
        self._emitted.append(
            (
                event_id,
                event.DESCRIPTOR.full_name,
                str(key),
                event.SerializeToString(),
                to_json(headers).decode(),
            )
        )
        self.has_emitted = True
        return event_id

    def gather(
        self, item: T, run: Callable[["Tx", list[T]], Awaitable[None]], *, named: Hashable
    ) -> None:
        """Adds an item to a batch of this transaction; `run` handles it before the commit."""
        self._gathered.setdefault(named, (run, []))[1].append(item)

    async def flush(self) -> None:
        """Runs now what was gathered and what was deferred."""
        if last := await self._last_statement():
            await self._run(*last)

    async def commit(self) -> None:
        """Runs what was gathered and deferred, and commits.

        Only who opened the transaction calls this.
        """
        last = await self._last_statement()
        if self._connected is None:
            if last:
                # Alone it needs no BEGIN and no COMMIT.
                await self._take(autocommit=True)
                await self._run(*last)
            return
        if last:
            await self._run(*last)
        await self._connected.commit()

    async def _last_statement(self) -> tuple[bytes, list[Any]] | None:
        while self._gathered:
            _, (run, items) = self._gathered.popitem()
            await run(self, items)
        if self._emitted:
            self.deferred.run(
                INSERT_EVENTS, [list(column) for column in zip(*self._emitted, strict=True)]
            )
            self._emitted = []
        return self.deferred.take()


def _bound(statement: Any, values: dict[str, Any]) -> tuple[Prepared[Any], list[Any]]:
    if isinstance(statement, Prepared):
        return statement, statement.bind(
            {**statement.values, **values} if statement.values else values
        )
    prepared, own = statements.compiled(statement)
    return prepared, prepared.bind({**own, **values})
