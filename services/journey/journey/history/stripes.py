"""Stripes: the files of a bucket side by side, some people of all of them at a time.

The files are in the order of people, so that the memory of a scan does not grow with a bucket.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from journey.history.table import HistoryFile
from journey.store.ids import column_of, keys_of
from journey.store.merge import Bound

# Of buckets that are read whole.
ROWS_AT_ONCE: Final = 1_000_000


class ReadGroups(NamedTuple):
    """Reads of files: how many groups of rows a file has, and the rows of one, or of all."""

    count: Callable[[HistoryFile], int]
    read: Callable[[HistoryFile, int | None], pa.Table]


def read_stripes(
    files: Sequence[HistoryFile],
    reads: ReadGroups,
    threads: Executor,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[tuple[list[pa.Table], Bound | None]]:
    """Yields rows of some people, file by file, and who comes after them; None at the end."""
    if sum(file.rows for file in files) <= rows_at_once:
        yield list(threads.map(lambda file: reads.read(file, None), files)), None
        return
    sources = [_Source(file, reads) for file in files]
    while True:
        list(threads.map(_Source.fill, sources))
        ends = [source.last for source in sources if source.has_more]
        bound = min(ends) if ends else None
        taken = [source.take_before(bound) for source in sources if len(source.key)]
        if bound is not None and not any(map(len, taken)):
            # A person who fills whole groups.
            for source in sources:
                if source.has_more and source.last == bound:
                    source.extend()
            continue
        yield [rows for rows in taken if len(rows)], bound
        if bound is None:
            return


class _Source:
    """Rows of a file that were read and not taken."""

    def __init__(self, file: HistoryFile, reads: ReadGroups) -> None:
        self._file, self._reads = file, reads
        self._next, self._count = 0, reads.count(file)
        self._rows: list[pa.Table] = []
        self.key = self.rest = np.zeros(0, dtype=np.uint64)

    @property
    def has_more(self) -> bool:
        return self._next < self._count

    @property
    def last(self) -> Bound:
        return Bound(int(self.key[-1]), int(self.rest[-1]))

    def fill(self) -> None:
        """Reads on until there are rows, or no more groups."""
        while not len(self.key) and self.has_more:
            self.extend()

    def extend(self) -> None:
        """Reads one more group."""
        rows = self._reads.read(self._file, self._next)
        self._next += 1
        key, rest = keys_of(column_of(rows, "person_id"))
        self._rows.append(rows)
        self.key, self.rest = np.concatenate([self.key, key]), np.concatenate([self.rest, rest])

    def take_before(self, bound: Bound | None) -> pa.Table:
        """Returns the rows of people before the bound, or all, and forgets them."""
        end = len(self.key) if bound is None else bound.place_in(self.key, self.rest)
        rows = pa.concat_tables(self._rows)
        self._rows = [rows.slice(end)]
        self.key, self.rest = self.key[end:], self.rest[end:]
        return rows.slice(0, end)
