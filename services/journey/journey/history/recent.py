"""The rows of PostgreSQL for a scan, bucket by bucket, from one COPY."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from typing import Final, LiteralString

import pyarrow as pa
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from chassis.data.tx import Read
from journey.history.columns import TIMES, UUIDS, hex_of, read_csv
from journey.history.model import BUCKET_OF, BUCKETS
from journey.store.store import PROPERTY, Wanted
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON

_FIRST: Final = ("bucket", "person_id", "occurred_at", "sequence", "id")
_BLOCK_BYTES: Final = 1024 * 1024
_LONGEST_MARK: Final = len(b"\n15,")
_BUCKET: Final[LiteralString] = BUCKET_OF.format(person=PERSON)


class RecentRows:
    """The wanted touchpoints of the database. Ask for the buckets in their order."""

    def __init__(self, read: Read, wanted: Wanted) -> None:
        self._read, self._wanted = read, wanted
        self._names = [*_FIRST, *sorted(wanted.columns - set(_FIRST))]
        self._blocks: AsyncGenerator[bytearray, None] | None = None
        self._left = bytearray()
        self._is_ended = False

    async def aclose(self) -> None:
        """Ends the COPY."""
        if self._blocks is not None:
            await self._blocks.aclose()

    async def of_bucket(self, bucket: int) -> pa.Table | None:
        """Returns the rows of a bucket's people, in order; None if there are none."""
        searched = 0
        while (end := self._end_of(bucket, searched)) is None:
            if self._blocks is None:
                self._blocks = self._copied()
            searched = max(len(self._left) - _LONGEST_MARK, 0)
            block = await anext(self._blocks, None)
            if block is None:
                self._is_ended = True
            else:
                self._left += block
        lines, self._left = bytes(self._left[:end]), self._left[end:]
        return await asyncio.to_thread(read_csv, lines, self._names) if lines else None

    def _end_of(self, bucket: int, searched: int) -> int | None:
        """Returns where the bucket's lines end; None where more must be read to know."""
        if self._left and not self._left.startswith(b"%d," % bucket):
            return 0
        for later in range(bucket + 1, BUCKETS):
            if (found := self._left.find(b"\n%d," % later, searched)) >= 0:
                return found + 1
        return len(self._left) if self._is_ended else None

    async def _copied(self) -> AsyncGenerator[bytearray, None]:
        await self._read.fetch("SELECT set_config('work_mem', '96MB', true)")
        connection = await self._read.connected()
        async with AsyncExitStack() as stack:
            cursor = await stack.enter_async_context(connection.cursor())
            copy = await stack.enter_async_context(cursor.copy(_query(self._wanted, self._names)))
            block = bytearray()
            async for row in copy:
                block += row
                if len(block) >= _BLOCK_BYTES:
                    yield block
                    block = bytearray()
            yield block


def _query(wanted: Wanted, names: Sequence[str]) -> Composed:
    tests: list[Composable] = []
    if wanted.since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(wanted.since)))
    if wanted.until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(wanted.until)))
    if wanted.kinds:
        tests.append(SQL("t.kind = ANY({})").format(Literal(sorted(wanted.kinds))))
    return SQL(
        "COPY (SELECT {columns} FROM {source} {where} "
        "ORDER BY {bucket}, {person}, t.occurred_at, t.sequence, t.id) TO STDOUT (FORMAT csv)"
    ).format(
        columns=SQL(", ").join(map(_column, names)),
        source=SQL(FROM_TOUCHPOINT),
        where=SQL("WHERE {}").format(SQL(" AND ").join(tests)) if tests else SQL(""),
        bucket=SQL(_BUCKET),
        person=SQL(PERSON),
    )


def _column(name: str) -> Composable:
    if name == "bucket":
        return SQL(_BUCKET)
    if name == "person_id":
        return SQL(hex_of(PERSON))
    if name.startswith(PROPERTY):
        return SQL("coalesce(t.properties ->> {}, '')").format(Literal(name.removeprefix(PROPERTY)))
    column = Identifier("t", name)
    if name in TIMES:
        return SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(column)
    return SQL("replace({}::text, '-', '')").format(column) if name in UUIDS else column
