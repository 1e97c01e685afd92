"""Rows of the database as columns that the server packs, some blocks of the table at a time.

A row that comes by itself costs the client 8 µs, whatever it holds; packed into one value for each
column and hundreds of thousands of rows, the client hardly sees them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from chassis.data.tx import Read
from journey.store.batch import MISSING, Numbers
from journey.store.ids import keys_of_bytes
from journey.store.merge import Order, Part, joined
from journey.store.store import BUCKET_OF, BUCKETS, NUMBERS, PROPERTY, Wanted
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON

# Of the table, for one statement: 64 MB, up to 360,000 touchpoints.
BLOCKS: Final = 8192
# Touchpoints that are held at once, about 100 bytes each.
MOST_ROWS: Final = 2_000_000
# Of short touchpoints 44.
ROWS_A_BLOCK: Final = 40
# What a busy server packs.
ROWS_A_SECOND: Final = 500_000
# Microseconds from 1970, of which the server counts from 2000.
_EPOCH: Final = 946_684_800_000_000
# No text that is kept has it.
_SEPARATOR: Final = "\x1f"
_IDS: Final = frozenset({"id", "trace_id"})


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of the table that may hold wanted touchpoints."""

    first: int
    end: int

    @property
    def rows(self) -> int:
        """About how many touchpoints they hold."""
        return (self.end - self.first) * ROWS_A_BLOCK


def passes_of(rows: int, *, most_rows: int = MOST_ROWS, within_seconds: float = 0) -> list[range]:
    """Returns the buckets of each pass over the table, so that a pass holds few enough rows.

    A scan that may end early has a pass for each bucket where one pass would take longer.
    """
    count = 1
    while count < BUCKETS and count * most_rows < rows:
        count *= 2
    if within_seconds and rows > within_seconds * ROWS_A_SECOND:
        count = BUCKETS
    size = BUCKETS // count
    return [range(begin, begin + size) for begin in range(0, BUCKETS, size)]


async def find_blocks(read: Read, wanted: Wanted) -> Blocks:
    """Returns the blocks of the wanted time: rows come in nearly the order of their times."""
    if wanted.since is None and wanted.until is None:
        found = await read.fetch("SELECT pg_relation_size('touchpoint') / 8192")
        return Blocks(0, int(found[0][0]))
    ends = await read.answer(
        SQL(
            "SELECT min(t.ctid)::text AS first, max(t.ctid)::text AS last FROM touchpoint t {}"
        ).format(_where(_tests(wanted)))
    )
    if ends[0]["first"] is None:
        return Blocks(0, 0)
    first, last = (int(ends[0][name][1:].partition(",")[0]) for name in ("first", "last"))
    return Blocks(first, last + 1)


async def read_rows(
    read: Read,
    wanted: Wanted,
    blocks: Blocks,
    buckets: range,
    *,
    blocks_at_once: int = BLOCKS,
) -> Part | None:
    """Returns the wanted touchpoints of some buckets' people, in no order; None for none.

    Call it in a transaction of one snapshot.
    """
    names = sorted(wanted.columns)
    parts: list[asyncio.Task[Part]] = []
    connection = await read.connected()
    for begin in range(blocks.first, blocks.end, blocks_at_once):
        end = min(begin + blocks_at_once, blocks.end)
        query = _query(wanted, names, range(begin, end), buckets)
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(query)
            record = await cursor.fetchone()
        if record is not None and record[0] is not None:
            # The server packs the next ones meanwhile.
            parts.append(asyncio.create_task(asyncio.to_thread(_part_of, record, names)))
    found = [await part for part in parts]
    return await asyncio.to_thread(joined, found) if found else None


def _query(wanted: Wanted, names: Sequence[str], blocks: range, buckets: range) -> Composed:
    tests = [
        *_tests(wanted),
        SQL("t.ctid >= {} AND t.ctid < {}").format(
            Literal(f"({blocks.start},0)"), Literal(f"({blocks.stop},0)")
        ),
    ]
    if len(buckets) < BUCKETS:
        bucket = SQL(BUCKET_OF.format(person=PERSON))
        tests.append(
            SQL("{} BETWEEN {} AND {}").format(
                bucket, Literal(buckets.start), Literal(buckets.stop - 1)
            )
        )
    columns = [
        _packed(SQL("uuid_send({})").format(SQL(PERSON))),
        _packed(SQL("timestamptz_send(t.occurred_at)")),
        _packed(SQL("int4send(t.sequence)")),
        _packed(SQL("uuid_send(t.id)")),
        *map(_column, names),
    ]
    return SQL("SELECT {} FROM {} {}").format(
        SQL(", ").join(columns), SQL(FROM_TOUCHPOINT), _where(tests)
    )


def _tests(wanted: Wanted) -> list[Composable]:
    tests: list[Composable] = []
    if wanted.since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(wanted.since)))
    if wanted.until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(wanted.until)))
    if wanted.kinds:
        tests.append(SQL("t.kind = ANY({})").format(Literal(sorted(wanted.kinds))))
    return tests


def _where(tests: Sequence[Composable]) -> Composable:
    return SQL("WHERE {}").format(SQL(" AND ").join(tests)) if tests else SQL("")


def _packed(value: Composable) -> Composed:
    return SQL("string_agg({}, ''::bytea)").format(value)


def _column(name: str) -> Composable:
    column: Composable = Identifier("t", name)
    if name in NUMBERS:
        missing = Literal(str(int(MISSING)))
        return _packed(SQL("int8send(coalesce({}::bigint, {}::bigint))").format(column, missing))
    if name in _IDS:
        column = SQL("coalesce({}::text, '')").format(column)
    elif name.startswith(PROPERTY):
        value = SQL("t.properties ->> {}").format(Literal(name.removeprefix(PROPERTY)))
        column = SQL("translate(coalesce({}, ''), {}, ' ')").format(value, Literal(_SEPARATOR))
    return SQL("convert_to(string_agg({}, {}), 'UTF8')").format(column, Literal(_SEPARATOR))


def _part_of(record: Sequence[bytes], names: Sequence[str]) -> Part:
    person, at, sequence, id = record[:4]
    key, rest = keys_of_bytes(person)
    order = Order(np.frombuffer(sequence, dtype=">i4").astype(np.int64), *_words(id))
    columns = {
        name: pa.array(_integers(packed)) if name in NUMBERS else _texts(packed, len(key))
        for name, packed in zip(names, record[4:], strict=True)
    }
    moments = _integers(at) + _EPOCH
    return Part(key, rest, moments, pa.table(columns or {"at": moments}), order)


def _integers(packed: bytes) -> Numbers:
    return np.frombuffer(packed, dtype=">i8").astype(np.int64)


def _words(packed: bytes) -> "tuple[np.ndarray, np.ndarray]":
    pairs = np.frombuffer(packed, dtype=">u8").reshape(-1, 2)
    return pairs[:, 0].astype(np.uint64), pairs[:, 1].astype(np.uint64)


def _texts(packed: bytes, count: int) -> pa.DictionaryArray:
    """Returns texts that separators part."""
    raw = np.frombuffer(packed, dtype=np.uint8)
    ends = np.flatnonzero(raw == ord(_SEPARATOR))
    offsets = np.zeros(count + 1, dtype=np.int32)
    offsets[1:-1] = ends - np.arange(count - 1)
    text = raw[raw != ord(_SEPARATOR)]
    offsets[-1] = len(text)
    found = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))
    return found.dictionary_encode()
