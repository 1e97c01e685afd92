"""Compaction: few files for each bucket and month, each row under its person of now."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from journey.history.model import Stray, delete_strays, find_state, list_strays, store_snapshot
from journey.history.order import sorted_rows
from journey.history.table import HistoryFile, HistoryTable
from journey.history.view import HANDLES, people_now
from journey.store.ids import bytes_of, column_of

# Files of one bucket and month that are left alone.
MOST_FILES: Final = 4


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
    """Merges the files of each bucket and month that has many; returns how many files it merged.

    Call it under the lock of `worker`.
    """
    async with database.read() as read:
        state = await find_state(read)
    if state is None:
        return 0
    snapshot_id, count = await asyncio.to_thread(_compact, table, state.snapshot_id, most_files)
    if count:
        async with database.tx() as tx:
            await store_snapshot(tx, snapshot_id)
    return count


def _compact(table: HistoryTable, snapshot_id: int, most_files: int) -> tuple[int, int]:
    at = table.load_at(snapshot_id)
    added, removed = [], []
    parts = sorted(table.files_at(snapshot_id), key=_part_of)
    for _, files in groupby(parts, key=_part_of):
        merged = list(files)
        if len(merged) <= most_files:
            continue
        rows = pa.concat_tables([table.read(file.path) for file in merged])
        added += table.write(at, sorted_rows(rows))
        removed += [file.data for file in merged]
    if not removed:
        return snapshot_id, 0
    return table.commit(at, added=added, removed=removed, properties={}), len(removed)


def _part_of(file: HistoryFile) -> tuple[int, int]:
    return file.bucket, file.month


def _rehome(table: HistoryTable, snapshot_id: int, strays: Sequence[Stray]) -> tuple[int, int]:
    at = table.load_at(snapshot_id)
    known = {stray.handle_id: stray for stray in strays}
    stored = pa.array({stray.stored_person_id.bytes for stray in strays}, pa.binary(16))
    added, removed, moved = [], [], []
    for file in table.files_at(snapshot_id):
        people = column_of(table.read(file.path, ["person_id"]), "person_id").storage
        places = np.flatnonzero(pc.is_in(people, value_set=stored).to_numpy(zero_copy_only=False))
        if not len(places):
            continue
        names = ["person_id", *HANDLES, "occurred_at"]
        suspects = table.read(file.path, names).take(pa.array(places))
        now = people_now(suspects, known)
        changed = pc.not_equal(now, people.take(pa.array(places))).to_numpy(zero_copy_only=False)
        if not changed.any():
            continue
        leaving = places[changed]
        stays = np.ones(len(people), dtype=np.bool_)
        stays[leaving] = False
        rows = table.read(file.path)
        moved.append(_under(rows.take(pa.array(leaving)), now.filter(pa.array(changed))))
        removed.append(file.data)
        if stays.any():
            added += table.write(at, rows.filter(pa.array(stays)))
    if not moved:
        return snapshot_id, 0
    rows = sorted_rows(pa.concat_tables(moved))
    added += table.write(at, rows)
    return table.commit(at, added=added, removed=removed, properties={}), len(rows)


def _under(rows: pa.Table, people: pa.Array) -> pa.Table:
    """Returns rows under other people, and in their buckets."""
    last = np.frombuffer(bytes_of(people), dtype=np.uint8)[15::16] & 15
    ids = pa.ExtensionArray.from_storage(pa.uuid(), people)
    for name, column in {"bucket": pa.array(last, pa.int32()), "person_id": ids}.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, rows.schema.field(place), column)
    return rows
