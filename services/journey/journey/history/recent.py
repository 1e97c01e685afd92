"""The rows of PostgreSQL for a scan, bucket by bucket."""

import asyncio

import numpy as np

from chassis.data.tx import Read
from journey.store.merge import Part
from journey.store.rows import Blocks, find_blocks, passes_of, read_rows
from journey.store.store import BUCKETS, Wanted


class RecentRows:
    """The wanted touchpoints of the database. Ask for the buckets in their order.

    Call it in a transaction of one snapshot.
    """

    def __init__(self, read: Read, wanted: Wanted) -> None:
        self._read, self._wanted = read, wanted
        self._blocks: Blocks | None = None
        self._passes: list[range] = []
        self._parts: list[Part | None] = []

    async def of_bucket(self, bucket: int) -> Part | None:
        """Returns the touchpoints of a bucket's people, in no order; None if there are none."""
        if self._blocks is None:
            self._blocks = await find_blocks(self._read, self._wanted)
            within = self._wanted.within_seconds
            self._passes = passes_of(self._blocks.rows, within_seconds=within)
        if not self._parts:
            buckets = self._passes.pop(0)
            part = await read_rows(self._read, self._wanted, self._blocks, buckets)
            if part is None:
                self._parts = [None] * len(buckets)
            else:
                self._parts = await asyncio.to_thread(_by_bucket, part, buckets)
        found = self._parts.pop(0)
        return found if found else None


def _by_bucket(part: Part, buckets: range) -> list[Part | None]:
    """Returns the touchpoints of each bucket."""
    bucket = (part.low & np.uint64(BUCKETS - 1)).astype(np.uint8)
    part = part.take(np.argsort(bucket, kind="stable"))
    ends = np.cumsum(np.bincount(bucket, minlength=BUCKETS))[buckets.start : buckets.stop].tolist()
    return [part.slice(begin, end) for begin, end in zip([0, *ends], ends, strict=False)]
