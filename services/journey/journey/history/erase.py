"""Erasing touchpoints from the files: what consent or an undone import took back."""

import asyncio
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from journey.history.files.table import HistoryFile, HistoryTable
from journey.history.model import (
    Erasure,
    delete_erasures,
    find_state,
    list_erasures,
    store_snapshot,
)
from journey.history.scan import micros_of
from journey.history.view import HANDLES, erased


async def erase_pending(database: Database, table: HistoryTable) -> int:
    """Rewrites the files that hold what is to be erased; returns how many touchpoints left.

    Old snapshots have them until `HistoryTable.expire`. Call it under the lock of `worker`.
    """
    async with database.read() as read:
        state, rules = await find_state(read), await list_erasures(read)
    if state is None or not rules:
        return 0
    snapshot_id, count = await asyncio.to_thread(
        _erase, table, state.snapshot_id, list(rules.values())
    )
    async with database.tx() as tx:
        await store_snapshot(tx, snapshot_id)
        await delete_erasures(tx, rules)
    return count


def _erase(table: HistoryTable, snapshot_id: int, rules: Sequence[Erasure]) -> tuple[int, int]:
    at = table.load_at(snapshot_id)
    added, removed, count = [], [], 0
    for file in table.files_at(snapshot_id):
        if not _may_hold(file, rules):
            continue
        leaving = _count(table, file, rules)
        if not leaving:
            continue
        count += leaving
        removed.append(file.data)
        staying = (
            part.filter(pc.invert(erased(part, rules))) for part in table.parts_of(file.path)
        )
        added += table.write_file(at, staying)
    if not removed:
        return snapshot_id, 0
    return table.commit(at, added=added, removed=removed, properties={}), count


def _count(table: HistoryTable, file: HistoryFile, rules: Sequence[Erasure]) -> int:
    """Returns how many of a file's touchpoints are to be erased."""
    parts = table.parts_of(file.path, [*HANDLES, "occurred_at"])
    return sum(pc.sum(erased(part, rules).cast(pa.int64())).as_py() or 0 for part in parts)


def _may_hold(file: HistoryFile, rules: Sequence[Erasure]) -> bool:
    """Returns whether a rule reaches into the file's time."""
    return any(
        (rule.since is None or file.last_at >= micros_of(rule.since))
        and (rule.before is None or file.first_at < micros_of(rule.before))
        for rule in rules
    )
