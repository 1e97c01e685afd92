"""Scans over the files, and over the files and PostgreSQL as one history."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from chassis.rpc.errors import Unavailable
from journey.history.columns import TIME, column_of, texts_of_ids, words_of
from journey.history.merge import Order, Part, merge
from journey.history.model import BUCKETS
from journey.history.person import read_person
from journey.history.recent import RecentRows
from journey.history.table import HistoryFile, HistoryTable
from journey.history.view import HANDLES, View, erased, people_now, read_view
from journey.people.model import Person
from journey.store.batch import Batch
from journey.store.postgres import PostgresStore, find_of_person
from journey.store.store import MOST_OF_ONE, NUMBERS, PROPERTY, StoredTouchpoint, Wanted

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_IDS: Final = frozenset({"id", "trace_id"})


class HistoryRewritten(Unavailable):
    """Files that this scan reads were replaced while it ran; ask again."""


def _rewritten() -> HistoryRewritten:
    return HistoryRewritten("the history was rewritten meanwhile; ask again", retry_after_seconds=1)


def micros_of(time: datetime) -> int:
    """Returns microseconds since 1970, exactly."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class JoinedStore:
    """The touchpoints of the database and of the files as one history.

    One bucket of people at a time: their rows in files and in the database are one batch. People
    whose rows lie apart, because who they are changed after the move, come last.
    """

    def __init__(self, database: Database, table: HistoryTable) -> None:
        self._database, self._table = database, table

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch. Raises HistoryRewritten."""
        async with self._database.tx() as tx:
            # The snapshot of files and the rows of the database are of one moment.
            await tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await tx.run("SET LOCAL statement_timeout = 0")
            view = await read_view(tx)
            if view is not None:
                recent = RecentRows(tx, wanted)
                scan = Scan(self._table, view, wanted)
                async with aclosing(recent), aclosing(scan.batches(recent)) as batches:
                    async for batch in batches:
                        yield batch
                return
        async with aclosing(PostgresStore(self._database).scan(wanted)) as batches:
            async for batch in batches:
                yield batch

    async def list_of_person(self, person: Person) -> list[StoredTouchpoint]:
        """Returns a person's touchpoints in their order. Raises HistoryRewritten."""
        async with self._database.tx() as tx:
            await tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            view = await read_view(tx)
            recent = await find_of_person(tx, person)
        if view is None:
            return recent
        try:
            old = await asyncio.to_thread(read_person, self._table, view, person)
        except FileNotFoundError:
            raise _rewritten() from None
        rows = sorted(
            [*old, *recent], key=lambda one: (one.row.occurred_at, one.row.sequence, one.row.id)
        )
        return rows[-MOST_OF_ONE:]


class HistoryStore:
    """The touchpoints of the files alone."""

    def __init__(self, database: Database, table: HistoryTable) -> None:
        self._database, self._table = database, table

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch. Raises HistoryRewritten."""
        async with self._database.read() as read:
            view = await read_view(read)
        if view is None:
            return
        async with aclosing(Scan(self._table, view, wanted).batches(None)) as batches:
            async for batch in batches:
                yield batch


class Scan:
    """One scan of the files at a view."""

    def __init__(self, table: HistoryTable, view: View, wanted: Wanted) -> None:
        self._table, self._view, self._wanted = table, view, wanted
        self._names = sorted(wanted.columns)
        self._since = micros_of(wanted.since) if wanted.since else None
        self._until = micros_of(wanted.until) if wanted.until else None
        self._aside: list[Part] = []
        # No two sources have touchpoints of one time: rows need not be compared.
        self._is_ordered = False

    async def batches(self, recent: RecentRows | None) -> AsyncGenerator[Batch, None]:
        """Yields a batch for each bucket that has touchpoints, and one of the people set aside."""
        files = await asyncio.to_thread(self._chosen_files)
        self._is_ordered = not len(self._view.late) and not any(map(_overlap, files))
        reading = asyncio.create_task(asyncio.to_thread(self._read_bucket, files[0]))
        try:
            for bucket in range(BUCKETS):
                parts = await reading
                if bucket + 1 < BUCKETS:
                    # The next bucket is read while the caller works with this one.
                    reading = asyncio.create_task(
                        asyncio.to_thread(self._read_bucket, files[bucket + 1])
                    )
                if recent is not None and (rows := await recent.of_bucket(bucket)) is not None:
                    part = await asyncio.to_thread(part_of, rows, self._names)
                    parts.append(self._without_aside(part))
                batch = await asyncio.to_thread(merge, parts, self._names)
                if batch is not None:
                    yield batch
        finally:
            reading.cancel()
        last = await asyncio.to_thread(merge, self._aside, self._names)
        if last is not None:
            yield last

    def _chosen_files(self) -> list[list[HistoryFile]]:
        """Returns the files by bucket that may have touchpoints of the asked time."""
        found: list[list[HistoryFile]] = [[] for _ in range(BUCKETS)]
        for file in self._table.files_at(self._view.snapshot_id):
            is_early = self._until is not None and file.first_at >= self._until
            is_late = self._since is not None and file.last_at < self._since
            if not is_early and not is_late:
                found[file.bucket].append(file)
        return found

    def _read_bucket(self, files: Sequence[HistoryFile]) -> list[Part]:
        return [part for file in files if (part := self._read_file(file)) is not None and len(part)]

    def _read_file(self, file: HistoryFile) -> Part | None:
        try:
            rows = self._table.read(file.path, self._columns())
            rows = self._filtered(rows)
            high, low = words_of(column_of(rows, "person_id"))
            aside = self._view.is_aside(high, low)
            part = part_of(rows, self._names)
            if not aside.any():
                return part
            if self._is_ordered or not self._view.needs_handles:
                # Only files with people set aside pay for these columns.
                rows = self._filtered(self._table.read(file.path, self._columns(handles=True)))
        except FileNotFoundError:
            raise _rewritten() from None
        self._set_aside(rows.filter(pa.array(aside)))
        return part.filter(~aside)

    def _columns(self, *, handles: bool = False) -> list[str]:
        names = dict.fromkeys(["person_id", "occurred_at"])
        if handles or not self._is_ordered:
            names |= dict.fromkeys(["sequence", "id"])
        for name in self._names:
            names["properties" if name.startswith(PROPERTY) else name] = None
        if self._wanted.kinds:
            names["kind"] = None
        if handles or self._view.needs_handles:
            names |= dict.fromkeys(HANDLES)
        return list(names)

    def _filtered(self, rows: pa.Table) -> pa.Table:
        """Returns the rows that are wanted, not erased, and not in PostgreSQL too."""
        tests = []
        at = rows["occurred_at"]
        if self._wanted.since is not None:
            tests.append(pc.greater_equal(at, pa.scalar(self._wanted.since, TIME)))
        if self._wanted.until is not None:
            tests.append(pc.less(at, pa.scalar(self._wanted.until, TIME)))
        if self._wanted.kinds:
            kinds = pa.array(sorted(self._wanted.kinds))
            tests.append(pc.is_in(rows["kind"].cast(pa.string()), value_set=kinds))
        if self._view.erasures:
            tests.append(pc.invert(erased(rows, self._view.erasures)))
        if len(self._view.late):
            ids = column_of(rows, "id").storage
            tests.append(pc.invert(pc.is_in(ids, value_set=self._view.late)))
        if not tests:
            return rows
        chosen = tests[0]
        for test in tests[1:]:
            chosen = pc.and_(chosen, test)
        return rows.filter(chosen)

    def _without_aside(self, part: Part) -> Part:
        aside = self._view.is_aside(part.high, part.low)
        if not aside.any():
            return part
        self._aside.append(part.filter(aside))
        return part.filter(~aside)

    def _set_aside(self, rows: pa.Table) -> None:
        """Keeps rows of the files whose people may have changed, under their people of now."""
        people = people_now(rows, self._view.strays)
        ids = pa.ExtensionArray.from_storage(pa.uuid(), people)
        place = rows.column_names.index("person_id")
        rows = rows.set_column(place, "person_id", ids)
        self._aside.append(sorted_part(part_of(rows, self._names)))


def _overlap(files: Sequence[HistoryFile]) -> bool:
    """Returns whether two files of a bucket, which are in the order of time, overlap in it."""
    return any(file.first_at <= before.last_at for before, file in pairwise(files))


def part_of(rows: pa.Table, names: Sequence[str]) -> Part:
    """Returns rows of the files, or of PostgreSQL in their types, as a part."""
    high, low = words_of(column_of(rows, "person_id"))
    at = column_of(rows, "occurred_at").cast(pa.int64()).to_numpy()
    order = None
    if "sequence" in rows.column_names:
        sequence = column_of(rows, "sequence").to_numpy().astype(np.int64)
        order = Order(sequence, *words_of(column_of(rows, "id")))
    columns = {name: _wanted_column(rows, name) for name in names}
    table = pa.table(columns) if columns else pa.table({"at": at})
    return Part(high, low, at, table, order)


def _wanted_column(rows: pa.Table, name: str) -> pa.Array:
    if name in NUMBERS:
        return column_of(rows, name).cast(pa.int64())
    if name in _IDS:
        texts = texts_of_ids(column_of(rows, name))
    elif name.startswith(PROPERTY) and name not in rows.column_names:
        maps = column_of(rows, "properties")
        key = pa.scalar(name.removeprefix(PROPERTY), maps.type.key_type)
        texts = pc.map_lookup(maps, query_key=key, occurrence="first")
    else:
        texts = column_of(rows, name)
    if pa.types.is_dictionary(texts.type):
        # Of the files: no text is missing, and no text is decoded for each touchpoint.
        values = texts.dictionary.cast(pa.string())
        return pa.DictionaryArray.from_arrays(texts.indices.cast(pa.int32()), values)
    return pc.fill_null(texts.cast(pa.string()), "").dictionary_encode()


def sorted_part(part: Part) -> Part:
    """Returns a part whose rows were in no order in the order of person and time."""
    assert part.order is not None
    order = part.order
    keys = (order.low, order.high, order.sequence, part.at, part.low, part.high)
    index = np.lexsort(keys)
    sorted_order = Order(order.sequence[index], order.high[index], order.low[index])
    columns = part.columns.take(pa.array(index))
    return Part(part.high[index], part.low[index], part.at[index], columns, sorted_order)
