"""Compaction: few files for each bucket and year, each row under its person of now."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from journey.history.files.columns import NAMES
from journey.history.files.order import sorted_rows
from journey.history.files.schema import with_schema
from journey.history.files.stripes import ROWS_AT_ONCE, read_stripes
from journey.history.files.table import HistoryFile, HistoryTable
from journey.history.model import (
    HistoryState,
    Stray,
    delete_strays,
    find_state,
    list_strays,
    store_snapshot,
)
from journey.history.view import HANDLES, people_now
from journey.store.ids import bytes_of, column_of

# Files of one bucket and year, or month, that are left alone.
MOST_FILES: Final = 4
# Rows that are merged at once: a row takes about half a kilobyte.
_MERGED_AT_ONCE: Final = 100_000


async def rehome_strays(database: Database, table: HistoryTable) -> int:
    """Rewrites files so that rows lie under their people of now; returns how many rows moved.

    Call it under the lock of `worker`.
    """
    async with database.read() as read:
        state, strays = await find_state(read), await list_strays(read)
    if state is None or not strays:
        return 0
    snapshot_id, count = await asyncio.to_thread(_rehome, table, state.snapshot_id, strays)
    async with database.tx() as tx:
        await store_snapshot(tx, snapshot_id)
        await delete_strays(tx, strays)
    return count


async def compact(database: Database, table: HistoryTable, *, most_files: int = MOST_FILES) -> int:
    """Merges files where there are many for a bucket and year; returns how many files it merged.

    A year that is over, or that has few rows, is one file; of others each month is one. Call it
    under the lock of `worker`.
    """
    async with database.read() as read:
        state = await find_state(read)
    if state is None:
        return 0
    snapshot_id, count = await asyncio.to_thread(_compact, table, state, most_files)
    if count:
        async with database.tx() as tx:
            await store_snapshot(tx, snapshot_id)
    return count


def _compact(table: HistoryTable, state: HistoryState, most_files: int) -> tuple[int, int]:
    at = table.load_at(state.snapshot_id)
    moved_before = state.moved_before
    over = moved_before.year if moved_before is not None else 0
    added, removed = [], []
    for files in _groups(table.files_at(state.snapshot_id), over):
        if len(files) > most_files:
            added += table.write_file(at, _merged(table, files))
            removed += [file.data for file in files]
    if not removed:
        return state.snapshot_id, 0
    return table.commit(at, added=added, removed=removed, properties={}), len(removed)


def _groups(files: Sequence[HistoryFile], over: int) -> Iterator[list[HistoryFile]]:
    """Yields the files that may be merged; years before `over` are over."""
    for (_, year), group in groupby(sorted(files, key=_year_of), key=_year_of):
        of_year = list(group)
        if year < over or sum(file.rows for file in of_year) <= ROWS_AT_ONCE:
            yield of_year
        else:
            of_year.sort(key=lambda file: file.first_at)
            for _, of_month in groupby(of_year, key=lambda file: file.first_month):
                yield list(of_month)


def _year_of(file: HistoryFile) -> tuple[int, int]:
    return file.bucket, file.first_month[0]


def _merged(table: HistoryTable, files: Sequence[HistoryFile]) -> Iterator[pa.Table]:
    """Yields the rows of files in the order of people, some people at a time."""
    stripes = read_stripes(
        files,
        lambda file: table.open(file.path, NAMES),
        table.readers,
        rows_at_once=_MERGED_AT_ONCE,
    )
    for tables, _ in stripes:
        if tables:
            yield sorted_rows(with_schema(pa.concat_tables(tables).unify_dictionaries()))


def _rehome(table: HistoryTable, snapshot_id: int, strays: Sequence[Stray]) -> tuple[int, int]:
    at = table.load_at(snapshot_id)
    known = {stray.handle_id: stray for stray in strays}
    stored = pa.array({stray.stored_person_id.bytes for stray in strays}, pa.binary(16))
    added, removed, moved = [], [], list[pa.Table]()
    for file in table.files_at(snapshot_id):
        if not _any_moves(table, file, stored, known):
            continue
        removed.append(file.data)
        added += table.write_file(at, _staying(table.parts_of(file.path), stored, known, moved))
    if not moved:
        return snapshot_id, 0
    rows = sorted_rows(pa.concat_tables(moved))
    added += table.write(at, rows)
    return table.commit(at, added=added, removed=removed, properties={}), len(rows)


def _staying(
    parts: Iterable[pa.Table],
    stored: pa.Array,
    known: Mapping[UUID, Stray],
    moved: list[pa.Table],
) -> Iterator[pa.Table]:
    """Yields the rows that are still their people's, and adds the others to `moved`."""
    for part in parts:
        leaving, people = _moving(part, stored, known)
        moved.append(_under(with_schema(part.filter(leaving)), people))
        yield part.filter(pc.invert(leaving))


def _any_moves(
    table: HistoryTable, file: HistoryFile, stored: pa.Array, known: Mapping[UUID, Stray]
) -> bool:
    """Returns whether any row of a file is another person's now."""
    of_people = table.parts_of(file.path, ["person_id"])
    if not any(pc.any(_are_of(part, stored)).as_py() for part in of_people):
        return False
    suspects = table.parts_of(file.path, ["person_id", *HANDLES, "occurred_at"])
    return any(len(_moving(part, stored, known)[1]) for part in suspects)


def _are_of(rows: pa.Table, people: pa.Array) -> pa.Array:
    return pc.is_in(column_of(rows, "person_id").storage, value_set=people)


def _moving(
    rows: pa.Table, stored: pa.Array, known: Mapping[UUID, Stray]
) -> tuple[pa.Array, pa.Array]:
    """Returns which rows are another person's now than `stored`, and those people's ids."""
    places = np.flatnonzero(_are_of(rows, stored).to_numpy(zero_copy_only=False))
    leaving = np.zeros(len(rows), dtype=np.bool_)
    suspects = rows.take(pa.array(places))
    now = people_now(suspects, known)
    changed = pc.not_equal(now, column_of(suspects, "person_id").storage)
    leaving[places] = changed.to_numpy(zero_copy_only=False)
    return pa.array(leaving), now.filter(changed)


def _under(rows: pa.Table, people: pa.Array) -> pa.Table:
    """Returns rows under other people, and in their buckets."""
    last = np.frombuffer(bytes_of(people), dtype=np.uint8)[15::16] & 15
    ids = pa.ExtensionArray.from_storage(pa.uuid(), people)
    for name, column in {"bucket": pa.array(last, pa.int32()), "person_id": ids}.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, rows.schema.field(place), column)
    return rows
