"""Scans over the files, and over the files and PostgreSQL as one history."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from chassis.rpc.errors import Unavailable
from journey.history.files.columns import TIME, texts_of_ids
from journey.history.files.stripes import ROWS_AT_ONCE, read_stripes
from journey.history.files.table import HistoryFile, HistoryTable, OpenFile
from journey.history.person import read_person
from journey.history.recent import RecentRows
from journey.history.view import HANDLES, View, erased, people_now, read_view
from journey.people.model import Person
from journey.store.batch import Batch, Mask, Numbers, where_code
from journey.store.ids import Words, column_of, keys_of, share_before, words_of
from journey.store.merge import Order, Part, in_order, merge
from journey.store.person import find_of_person
from journey.store.postgres import ONE_SNAPSHOT, WORK_MEM, PostgresStore
from journey.store.store import (
    BUCKETS,
    MOST_OF_ONE,
    NUMBERS,
    PROPERTY,
    StoredTouchpoint,
    Wanted,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Groups of buckets that are read beside each other: the cores of a usual replica.
READERS: Final = 2
# Of each reader, read before they are asked for.
BATCHES_AHEAD: Final = 1
_IDS: Final = frozenset({"id", "trace_id"})


class HistoryRewritten(Unavailable):
    """Files that this scan reads were replaced while it ran; ask again."""


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
            await tx.run(ONE_SNAPSHOT)
            await tx.run(WORK_MEM)
            await tx.run("SET LOCAL statement_timeout = 0")
            view = await read_view(tx)
            if view is not None:
                recent = RecentRows(tx, wanted)
                scan = Scan(self._table, view, wanted)
                async with aclosing(scan.batches(recent)) as batches:
                    async for batch in batches:
                        yield batch
                return
        async with aclosing(PostgresStore(self._database).scan(wanted)) as batches:
            async for batch in batches:
                yield batch

    async def list_of_person(self, person: Person) -> list[StoredTouchpoint]:
        """Returns a person's touchpoints in their order. Raises HistoryRewritten."""
        async with self._database.tx() as tx:
            await tx.run(ONE_SNAPSHOT)
            view = await read_view(tx)
            if view is None:
                return await find_of_person(tx, person)
            # Files are read while the database answers.
            reading = asyncio.create_task(asyncio.to_thread(read_person, self._table, view, person))
            try:
                recent = await find_of_person(tx, person)
            finally:
                await asyncio.wait([reading])
        with _rewritten():
            old = await reading
        rows = [*old, *recent]
        rows.sort(key=lambda one: (one.row.occurred_at, one.row.sequence, one.row.id))
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


@dataclass(frozen=True, slots=True)
class _Read:
    """A batch, or none, and the share of the people read when it is there."""

    batch: Batch | None
    share: float


@dataclass(slots=True)
class _Reader:
    """A queue of what one task has read, None at the end, and the share taken out of it."""

    ahead: asyncio.Queue[_Read | Exception | None]
    share: float = 0.0


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
        """Yields the batches of the buckets, and one of the people set aside.

        Several readers work beside each other, each on its own buckets, and read a batch ahead of
        the caller. Batches come in one order, whichever reader is faster.
        """
        files = await asyncio.to_thread(self._chosen_files)
        self._is_ordered = not len(self._view.late) and not any(map(_overlap, files))
        groups = self._groups_of_buckets(files, await recent.rows_a_bucket() if recent else 0)
        readers = [_Reader(asyncio.Queue(BATCHES_AHEAD)) for _ in range(READERS)]
        tasks = [
            asyncio.create_task(self._read_ahead(groups[number::READERS], files, recent, reader))
            for number, reader in enumerate(readers)
        ]
        try:
            working = [*readers]
            while working:
                reader = working.pop(0)
                found = await reader.ahead.get()
                if isinstance(found, Exception):
                    raise found
                if found is None:
                    continue
                working.append(reader)
                reader.share = found.share
                if found.batch is not None:
                    yield replace(found.batch, read_share=sum(one.share for one in readers))
            last = await asyncio.to_thread(merge, self._aside, self._names)
            if last is not None:
                yield last
        finally:
            for task in tasks:
                task.cancel()
            # The connection is the tasks' until they end.
            await asyncio.wait(tasks)

    def _groups_of_buckets(
        self, files: Sequence[Sequence[HistoryFile]], recent_rows: int
    ) -> list[range]:
        """Returns the buckets in groups: several are read at once where they hold few rows."""
        groups, rows = [range(1)], 0
        for bucket in range(BUCKETS):
            own = recent_rows + sum(file.rows for file in files[bucket])
            if bucket and rows + own > ROWS_AT_ONCE:
                groups.append(range(bucket, bucket))
                rows = 0
            groups[-1] = range(groups[-1].start, bucket + 1)
            rows += own
        return groups

    async def _read_ahead(
        self,
        groups: Sequence[range],
        files: Sequence[Sequence[HistoryFile]],
        recent: RecentRows | None,
        reader: "_Reader",
    ) -> None:
        done = 0
        try:
            for buckets in groups:
                rows = None if recent is None else await recent.of_buckets(buckets)
                own = [file for bucket in buckets for file in files[bucket]]
                stripes = self._batches_of(own, rows)
                while (found := await asyncio.to_thread(next, stripes, None)) is not None:
                    share = (done + found.share * len(buckets)) / BUCKETS
                    await reader.ahead.put(_Read(found.batch, share))
                done += len(buckets)
        except Exception as error:
            await reader.ahead.put(error)
        else:
            await reader.ahead.put(None)

    def _batches_of(self, files: Sequence[HistoryFile], recent: Part | None) -> Iterator["_Read"]:
        """Yields the batches of some buckets: of their files, and of their rows in PostgreSQL."""
        left = None if recent is None else in_order(self._without_aside(recent))
        for tables, bound in read_stripes(files, self._open, self._table.readers):
            parts = [part_of(rows, self._names, self._chosen(rows)) for rows in tables]
            if left is not None:
                part, left = left.cut(bound) if bound is not None else (left, None)
                parts.append(part)
            share = 1.0 if bound is None else share_before(bound)
            yield _Read(merge(parts, self._names), share)

    def _chosen_files(self) -> list[list[HistoryFile]]:
        """Returns the files by bucket that may have touchpoints of the asked time."""
        found: list[list[HistoryFile]] = [[] for _ in range(BUCKETS)]
        for file in self._table.files_at(self._view.snapshot_id):
            is_early = self._until is not None and file.first_at >= self._until
            is_late = self._since is not None and file.last_at < self._since
            if not is_early and not is_late:
                found[file.bucket].append(file)
        return found

    def _open(self, file: HistoryFile) -> "_ScannedFile":
        with _rewritten():
            return _ScannedFile(self, file, self._table.open(file.path, self._columns()))

    def without_aside(self, file: HistoryFile, rows: pa.Table, groups: range | None) -> pa.Table:
        """Returns the rows of some groups of a file that are not of people set aside."""
        aside = self._are_aside(rows)
        if aside is None:
            return rows
        # Only files with people set aside pay for these columns.
        with _rewritten():
            more = self._table.open(file.path, self._columns(handles=True)).read(groups)
        more = more.filter(pa.array(aside))
        chosen = self._chosen(more)
        self._set_aside(more if chosen is None else more.filter(pa.array(chosen)))
        return rows.filter(pa.array(~aside))

    def _are_aside(self, rows: pa.Table) -> Mask | None:
        """Returns which rows are of people set aside; None if no row is."""
        if not self._view.aside:
            return None
        found = self._view.is_aside(*keys_of(column_of(rows, "person_id")))
        return found if found.any() else None

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

    def _chosen(self, rows: pa.Table) -> Mask | None:
        """Returns which rows are wanted, not erased, and not in PostgreSQL too; None for all."""
        tests = []
        at = rows["occurred_at"]
        if self._wanted.since is not None:
            tests.append(pc.greater_equal(at, pa.scalar(self._wanted.since, TIME)))
        if self._wanted.until is not None:
            tests.append(pc.less(at, pa.scalar(self._wanted.until, TIME)))
        if self._view.erasures:
            tests.append(pc.invert(erased(rows, self._view.erasures)))
        if len(self._view.late):
            ids = column_of(rows, "id").storage
            tests.append(pc.invert(pc.is_in(ids, value_set=self._view.late)))
        chosen: Mask | None = None
        if self._wanted.kinds:
            chosen = _is_of_kind(column_of(rows, "kind"), self._wanted.kinds)
        for test in tests:
            fits = test.to_numpy(zero_copy_only=False)
            chosen = fits if chosen is None else chosen & fits
        return chosen

    def _without_aside(self, part: Part) -> Part:
        aside = self._view.is_aside(part.key, part.rest)
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
        self._aside.append(part_of(rows, self._names, None))


@dataclass(frozen=True, slots=True)
class _ScannedFile:
    """A file that a scan reads, without the rows of people set aside."""

    scan: Scan
    file: HistoryFile
    opened: OpenFile

    @property
    def first_keys(self) -> Words | None:
        return self.opened.first_keys

    def read(self, groups: range | None) -> pa.Table:
        """Returns the rows of groups, or of all, in the order of people."""
        with _rewritten():
            rows = self.opened.read(groups)
        return self.scan.without_aside(self.file, rows, groups)


def _overlap(files: Sequence[HistoryFile]) -> bool:
    """Returns whether two files of a bucket, which are in the order of time, overlap in it."""
    return any(file.first_at <= before.last_at for before, file in pairwise(files))


def part_of(rows: pa.Table, names: Sequence[str], chosen: Mask | None) -> Part:
    """Returns the chosen rows of a file as a part; all of them without `chosen`."""
    places = None if chosen is None or chosen.all() else np.flatnonzero(chosen)
    key, rest = keys_of(column_of(rows, "person_id"), places)
    at = _at(column_of(rows, "occurred_at").cast(pa.int64()).to_numpy(), places)
    order = None
    if "sequence" in rows.column_names:
        sequence = column_of(rows, "sequence").to_numpy().astype(np.int64)
        words = words_of(column_of(rows, "id"))
        order = Order(_at(sequence, places), *(_at(word, places) for word in words))
    columns = {name: _wanted_column(rows, name, places) for name in names}
    table = pa.table(columns) if columns else pa.table({"at": at})
    return Part(key, rest, at, table, order)


def _at(values: Any, places: Numbers | None) -> Any:
    return values if places is None else values[places]


def _wanted_column(rows: pa.Table, name: str, places: Numbers | None) -> pa.Array:
    is_property = name.startswith(PROPERTY) and name not in rows.column_names
    found = column_of(rows, "properties" if is_property else name)
    if pa.types.is_dictionary(found.type):
        # Of the files: no text is missing, and no text is decoded for each touchpoint.
        codes = found.indices if places is None else found.indices.take(pa.array(places))
        texts = found.dictionary.cast(pa.string())
        # Codes of a dictionary need no check that they are in it.
        return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), texts, safe=False)
    if places is not None:
        found = found.take(pa.array(places))
    if name in NUMBERS:
        return found.cast(pa.int64())
    if name in _IDS:
        found = texts_of_ids(found)
    elif is_property:
        key = pa.scalar(name.removeprefix(PROPERTY), found.type.key_type)
        found = pc.map_lookup(found, query_key=key, occurrence="first")
    return pc.fill_null(found.cast(pa.string()), "").dictionary_encode()


def _is_of_kind(column: pa.Array, kinds: frozenset[str]) -> Mask:
    """Returns which rows have one of the kinds; asks each text of a dictionary once."""
    wanted = pa.array(sorted(kinds), pa.string())
    if not pa.types.is_dictionary(column.type):
        found: Mask = pc.is_in(column.cast(pa.string()), value_set=wanted).to_numpy(
            zero_copy_only=False
        )
        return found
    chosen = pc.is_in(column.dictionary.cast(pa.string()), value_set=wanted)
    return where_code(chosen.to_numpy(zero_copy_only=False), column.indices.to_numpy())


@contextmanager
def _rewritten() -> Iterator[None]:
    """Raises HistoryRewritten where a file is gone."""
    try:
        yield
    except FileNotFoundError:
        raise HistoryRewritten(
            "the history was rewritten meanwhile; ask again", retry_after_seconds=1
        ) from None
