"""Touchpoints of the database: a COPY whose blocks become batches."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Literal
from pyarrow import csv

from chassis.data.database import Database
from chassis.data.tx import Read
from journey.people.model import Person
from journey.store.batch import MISSING, Batch, Numbers, Texts
from journey.store.store import MOST_OF_ONE, NUMBERS, PROPERTY, StoredTouchpoint, Wanted
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON, Touchpoint

# Of CSV that becomes one batch, and its people are whole.
BLOCK_BYTES: Final = 8 * 1024 * 1024


class PostgresStore:
    """The touchpoints of the service's database."""

    def __init__(self, database: Database, *, block_bytes: int = BLOCK_BYTES) -> None:
        self._database, self._block_bytes = database, block_bytes

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch."""
        names = sorted(wanted.columns)
        # Bytes would be copied whole for each of the rows, which come one by one.
        left = bytearray()
        async with self._database.tx() as tx:
            await tx.run("SET LOCAL work_mem = '96MB'")
            connection = await tx.connected()
            async with connection.cursor() as cursor:
                async with cursor.copy(_query(wanted, names)) as copy:
                    async for block in copy:
                        left += block
                        if len(left) < self._block_bytes:
                            continue
                        if cut := _end_of_people(left):
                            yield await asyncio.to_thread(batch_of, bytes(left[:cut]), names)
                            del left[:cut]
        if left:
            yield await asyncio.to_thread(batch_of, bytes(left), names)

    async def list_of_person(self, person: Person) -> list[StoredTouchpoint]:
        """Returns a person's touchpoints in their order."""
        async with self._database.read() as read:
            return await find_of_person(read, person)


async def find_of_person(read: Read, person: Person) -> list[StoredTouchpoint]:
    """Returns a person's touchpoints of the database, in their order."""
    query = SQL(
        "SELECT {columns} FROM {source} WHERE {mine} "
        "ORDER BY t.occurred_at DESC, t.sequence DESC, t.id DESC LIMIT {most}"
    ).format(
        columns=SQL(", ").join(sql.Identifier("t", name) for name in Touchpoint._fields),
        source=SQL(FROM_TOUCHPOINT),
        mine=of_person(person),
        most=Literal(MOST_OF_ONE),
    )
    rows = await read.answer(query)
    return [StoredTouchpoint.from_columns(row, row["properties"]) for row in reversed(rows)]


def of_person(person: Person) -> Composed:
    """Returns the condition that a touchpoint `t` is a person's, so that indexes find it."""
    return SQL(
        "((t.customer_id = {id} OR t.visitor_id = ANY({handles}) OR t.guest_id = ANY({handles})) "
        "AND {person} = {id})"
    ).format(id=Literal(person.id), handles=Literal(list(person.handles)), person=SQL(PERSON))


def _query(wanted: Wanted, names: Sequence[str]) -> Composed:
    columns = [
        SQL(PERSON),
        SQL("(extract(epoch FROM t.occurred_at) * 1000000)::bigint"),
        *map(_column, names),
    ]
    tests: list[Composable] = []
    if wanted.since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(wanted.since)))
    if wanted.until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(wanted.until)))
    if wanted.kinds:
        tests.append(SQL("t.kind = ANY({})").format(Literal(sorted(wanted.kinds))))
    return SQL(
        "COPY (SELECT {columns} FROM {source} {where} "
        "ORDER BY 1, t.occurred_at, t.sequence, t.id) TO STDOUT (FORMAT csv)"
    ).format(
        columns=SQL(", ").join(columns),
        source=SQL(FROM_TOUCHPOINT),
        where=SQL("WHERE {}").format(SQL(" AND ").join(tests)) if tests else SQL(""),
    )


def _column(name: str) -> Composable:
    if name.startswith(PROPERTY):
        return SQL("coalesce(t.properties ->> {}, '')").format(Literal(name.removeprefix(PROPERTY)))
    return sql.Identifier("t", name)


def _end_of_people(block: bytearray) -> int:
    """Returns where the last person of a block begins; 0 where there is one person only.

    No value holds a line break: texts are cleaned before they are stored.
    """
    end = block.rfind(b"\n", 0, len(block))
    begin = block.rfind(b"\n", 0, end) + 1
    last = block[begin : block.find(b",", begin)]
    low, high = 0, begin
    # The lines are in the order of people: halves the block until the last person's first line.
    while low < high:
        middle = block.rfind(b"\n", 0, (low + high) // 2) + 1
        middle = max(middle, low)
        if block[middle : block.find(b",", middle)] == last:
            high = middle
        else:
            low = block.find(b"\n", middle) + 1
    return low


def batch_of(block: bytes, names: Sequence[str]) -> Batch:
    """Returns the batch of lines of CSV: person, microseconds, and columns by name."""
    types: dict[str, pa.DataType] = {"person": pa.string(), "at": pa.int64()}
    types |= {name: pa.int64() if name in NUMBERS else pa.string() for name in names}
    table = csv.read_csv(
        pa.BufferReader(block),
        read_options=csv.ReadOptions(column_names=["person", "at", *names], use_threads=False),
        convert_options=csv.ConvertOptions(
            column_types=types, strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    ).combine_chunks()
    person = table["person"].combine_chunks().dictionary_encode()
    codes = person.indices.to_numpy(zero_copy_only=False)
    return Batch(
        person.dictionary.to_pylist(),
        starts_of(codes),
        table["at"].to_numpy().astype(np.int64),
        {name: texts_of(table[name]) for name in names if name not in NUMBERS},
        {name: _numbers(table[name]) for name in names if name in NUMBERS},
    )


def starts_of(people: Numbers) -> Numbers:
    """Returns where each person begins in a column of people, and its length at the end."""
    changes = np.flatnonzero(people[1:] != people[:-1]) + 1
    return np.concatenate([[0], changes, [len(people)]]).astype(np.int64)


def texts_of(column: pa.ChunkedArray) -> Texts:
    """Returns a column of texts; null is the empty text."""
    encoded = pc.fill_null(column.combine_chunks(), "").dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Texts(codes, encoded.dictionary.to_pylist())


def _numbers(column: pa.ChunkedArray) -> Numbers:
    filled = pc.fill_null(column.combine_chunks(), int(MISSING))
    found: Numbers = filled.to_numpy(zero_copy_only=False).astype(np.int64)
    return found
