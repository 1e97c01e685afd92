"""The rows of PostgreSQL for a scan, bucket by bucket."""

import asyncio

import numpy as np

from chassis.data.tx import Read
from journey.store.ids import last_bytes_of
from journey.store.merge import Part, joined
from journey.store.rows import Blocks, find_blocks, passes_of, read_rows
from journey.store.store import BUCKETS, Wanted


class RecentRows:
    """The wanted touchpoints of the database, of some buckets at a time.

    Call it in a transaction of one snapshot.
    """

    def __init__(self, read: Read, wanted: Wanted) -> None:
        self._read, self._wanted = read, wanted
        self._blocks: Blocks | None = None
        self._passes: list[range] = []
        self._parts: dict[int, Part] = {}
        self._lock = asyncio.Lock()

    async def rows_a_bucket(self) -> int:
        """Returns about how many touchpoints a bucket has."""
        async with self._lock:
            return (await self._found_blocks()).rows // BUCKETS

    async def of_buckets(self, buckets: range) -> Part | None:
        """Returns the touchpoints of buckets' people, in no order; None if there are none.

        Ask for each bucket once; buckets near each other at nearly the same time.
        """
        async with self._lock:
            blocks = await self._found_blocks()
            while self._passes and self._passes[0].start < buckets.stop:
                part = await read_rows(self._read, self._wanted, blocks, self._passes[0])
                if part is not None:
                    self._parts |= await asyncio.to_thread(_by_bucket, part, self._passes[0])
                del self._passes[0]
            parts = [self._parts.pop(bucket) for bucket in buckets if bucket in self._parts]
        return (await asyncio.to_thread(joined, parts)) if parts else None

    async def _found_blocks(self) -> Blocks:
        if self._blocks is None:
            self._blocks = await find_blocks(self._read, self._wanted)
            within = self._wanted.within_seconds
            self._passes = passes_of(self._blocks.rows, within_seconds=within)
        return self._blocks


def _by_bucket(part: Part, buckets: range) -> dict[int, Part]:
    """Returns the touchpoints of each bucket that has some."""
    last = last_bytes_of(part.key).astype(np.uint8)
    bucket = last & np.uint8(BUCKETS - 1)
    part = part.take(np.argsort(bucket, kind="stable"))
    ends = np.cumsum(np.bincount(bucket, minlength=BUCKETS))[buckets.start : buckets.stop].tolist()
    begins = [0, *ends[:-1]]
    return {
        bucket: part.slice(begin, end)
        for bucket, begin, end in zip(buckets, begins, ends, strict=True)
        if end > begin
    }
