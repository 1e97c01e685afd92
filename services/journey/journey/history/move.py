"""Moving old touchpoints from PostgreSQL into the files.

Rows are written and committed to the table first. The transaction that then deletes them names the
new snapshot as the one that holds. A crash before it leaves a snapshot that no scan reads; the next
round goes back to the one that holds and moves the rows again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString

import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from chassis.data.tx import Read, Tx
from journey.history.files.columns import NAMES, hex_of, read_csv, select_of
from journey.history.files.table import HistoryTable
from journey.history.model import find_state, store_snapshot
from journey.store.ids import bytes_of, column_of
from journey.store.store import BUCKET_OF
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON

# Of one commit: bounds the memory of a move.
MOST_ROWS: Final = 100_000
_STEP: Final = timedelta(hours=1)
# Property of a snapshot that names the time whose touchpoints it brought.
MOVED: Final = "journey.moved"


@dataclass(frozen=True, slots=True)
class Span:
    """Time from `since` to before `until`."""

    since: datetime
    until: datetime

    def __str__(self) -> str:
        return f"{self.since.isoformat()}/{self.until.isoformat()}"


async def move_touchpoints(
    database: Database, table: HistoryTable, *, before: datetime, most_rows: int = MOST_ROWS
) -> int:
    """Moves all touchpoints before a time into the files; returns how many.

    Call it under the lock of `worker`.
    """
    await open_history(database, table)
    async with database.tx() as tx:
        await tx.run("SET LOCAL statement_timeout = 0")
        spans = await _spans(tx, before, most_rows)
    return sum([await _move_span(database, table, span) for span in spans])


async def open_history(database: Database, table: HistoryTable) -> int:
    """Makes the table where there is none; returns the snapshot that holds."""
    async with database.read() as read:
        state = await find_state(read)
    if state is not None:
        await asyncio.to_thread(table.load_at, state.snapshot_id)
        return state.snapshot_id
    snapshot_id = await asyncio.to_thread(table.create_empty)
    async with database.tx() as tx:
        await store_snapshot(tx, snapshot_id)
    return snapshot_id


async def _spans(read: Read, before: datetime, most_rows: int) -> list[Span]:
    """Returns spans of whole hours with about `most_rows` touchpoints each, the oldest first."""
    hours = await read.fetch(
        "SELECT date_trunc('hour', occurred_at), count(*) FROM touchpoint WHERE occurred_at < %s"
        " GROUP BY 1 ORDER BY 1",
        [before],
    )
    spans: list[Span] = []
    since, rows = None, 0
    for place, (hour, count) in enumerate(hours):
        since, rows = since or hour, rows + count
        if rows >= most_rows or place == len(hours) - 1:
            spans.append(Span(since, min(hour + _STEP, before)))
            since, rows = None, 0
    return spans


async def _move_span(database: Database, table: HistoryTable, span: Span) -> int:
    async with database.tx() as tx:
        await tx.run("SET LOCAL statement_timeout = 0")
        state = await find_state(tx)
        assert state is not None
        rows = await _read_rows(tx, span)
    if rows is None:
        return 0
    snapshot_id = await asyncio.to_thread(_append, table, state.snapshot_id, rows, span)
    async with database.tx() as tx:
        await tx.run("SET LOCAL statement_timeout = 0")
        await _delete_rows(tx, rows)
        await store_snapshot(tx, snapshot_id, moved_before=span.until)
    return len(rows)


async def _read_rows(tx: Tx, span: Span) -> pa.Table | None:
    await tx.run("SET LOCAL work_mem = '96MB'")
    connection = await tx.connected()
    block = bytearray()
    async with connection.cursor() as cursor:
        async with cursor.copy(_COPY.encode(), [span.since, span.until]) as copy:
            async for data in copy:
                block += data
    return await asyncio.to_thread(read_csv, bytes(block), NAMES) if block else None


def _append(table: HistoryTable, snapshot_id: int, rows: pa.Table, span: Span) -> int:
    """Adds rows that the files do not have yet; returns the snapshot."""
    new = _without_known(table, snapshot_id, rows)
    if not len(new):
        return snapshot_id
    at = table.load_at(snapshot_id)
    return table.commit(at, added=table.write(at, new), removed=(), properties={MOVED: str(span)})


def _without_known(table: HistoryTable, snapshot_id: int, rows: pa.Table) -> pa.Table:
    """Returns the rows whose ids are not in the files: an import may have been repeated."""
    times = pc.min_max(column_of(rows, "occurred_at").cast(pa.int64())).as_py()
    ids = column_of(rows, "id").storage
    known = [pa.array([], ids.type)]
    for file in table.files_at(snapshot_id):
        if file.first_at <= times["max"] and file.last_at >= times["min"]:
            for part in table.parts_of(file.path, ["id"]):
                of_part = column_of(part, "id").storage
                known.append(of_part.filter(pc.is_in(of_part, value_set=ids)))
    return rows.filter(pc.invert(pc.is_in(ids, value_set=pa.concat_arrays(known))))


async def _delete_rows(tx: Tx, rows: pa.Table) -> None:
    ids = bytes_of(column_of(rows, "id")).hex(",", 16)
    await tx.run(
        "DELETE FROM touchpoint t USING unnest(%s::uuid[]) AS moved (id) WHERE t.id = moved.id",
        [f"{{{ids}}}"],
    )


_PERSON: Final[LiteralString] = hex_of(PERSON)
_BUCKET: Final[LiteralString] = BUCKET_OF.format(person=PERSON)


def _columns(names: Sequence[str]) -> str:
    own = {"bucket": _BUCKET, "person_id": _PERSON}
    return ", ".join(own.get(name) or select_of(name) for name in names)


_COPY: Final = (
    f"COPY (SELECT {_columns(NAMES)} FROM {FROM_TOUCHPOINT}"
    " WHERE t.occurred_at >= %s AND t.occurred_at < %s"
    f" ORDER BY {PERSON}, t.occurred_at, t.sequence, t.id) TO STDOUT (FORMAT csv)"
)
