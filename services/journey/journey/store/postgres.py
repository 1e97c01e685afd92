"""Touchpoints of the database, in batches of whole people."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chassis.data.database import Database
from journey.people.model import Person
from journey.store.batch import ArrowTexts, Batch, Texts
from journey.store.merge import merge
from journey.store.person import find_of_person
from journey.store.rows import BLOCKS, MOST_ROWS, find_blocks, passes_of, read_rows
from journey.store.store import BUCKETS, StoredTouchpoint, Wanted

ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
# For the table of people, which is hashed beside each statement's blocks.
WORK_MEM: Final = "SET LOCAL work_mem = '96MB'"


class PostgresStore:
    """The touchpoints of the service's database.

    A pass over the table yields one batch; a large table has several, each of some buckets' people.
    """

    def __init__(
        self, database: Database, *, blocks_at_once: int = BLOCKS, most_rows: int = MOST_ROWS
    ) -> None:
        self._database = database
        self._blocks_at_once, self._most_rows = blocks_at_once, most_rows

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch."""
        names = sorted(wanted.columns)
        async with self._database.tx() as tx:
            await tx.run(ONE_SNAPSHOT)
            await tx.run(WORK_MEM)
            blocks = await find_blocks(tx, wanted)
            for buckets in passes_of(
                blocks.rows, most_rows=self._most_rows, within_seconds=wanted.within_seconds
            ):
                part = await read_rows(
                    tx, wanted, blocks, buckets, blocks_at_once=self._blocks_at_once
                )
                batch = await asyncio.to_thread(merge, [part] if part else [], names)
                if batch is not None:
                    yield replace(batch, read_share=buckets.stop / BUCKETS)

    async def list_of_person(self, person: Person) -> list[StoredTouchpoint]:
        """Returns a person's touchpoints in their order."""
        async with self._database.read() as read:
            return await find_of_person(read, person)


def texts_of(column: pa.ChunkedArray) -> Texts:
    """Returns a column of texts; null is the empty text."""
    encoded = pc.fill_null(column.combine_chunks(), "").dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Texts(codes, ArrowTexts(encoded.dictionary))
