"""Stripes: a part of the people of some buckets at a time, of all their files.

The files are in the order of people, so that the memory of a scan does not grow with a bucket.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Final, Protocol

import pyarrow as pa

from journey.history.files.table import HistoryFile
from journey.store.ids import Words, key_at_share, place_in_order, place_of_key

# Of the files that are read beside each other: what one stripe of them has.
ROWS_AT_ONCE: Final = 250_000


class RowsOfFile(Protocol):
    """An open file whose rows lie in groups, each with the key with which it begins.

    A file without such keys is read whole: its groups are None.
    """

    @property
    def first_keys(self) -> Words | None: ...

    def read(self, groups: range | None) -> pa.Table: ...


def read_stripes(
    files: Sequence[HistoryFile],
    open_file: Callable[[HistoryFile], RowsOfFile],
    threads: Executor,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[tuple[list[pa.Table], int | None]]:
    """Yields rows of some people, file by file, and the key before which theirs are.

    The last stripe has no such key. Keys are random: equal parts of them hold equally many people.
    """
    count = -(-sum(file.rows for file in files) // rows_at_once)
    if count <= 1:
        yield list(threads.map(lambda file: open_file(file).read(None), files)), None
        return
    sources = [_Source(file, open_file) for file in files]
    for number in range(1, count + 1):
        bound = key_at_share(number / count) if number < count else None
        taken = threads.map(_Source.take_before, sources, [bound] * len(sources))
        yield [rows for rows in taken if len(rows)], bound


class _Source:
    """A file, and its rows that were read and not taken."""

    def __init__(self, file: HistoryFile, open_file: Callable[[HistoryFile], RowsOfFile]) -> None:
        self._file, self._open_file = file, open_file
        self._opened: RowsOfFile | None = None
        self._next = 0
        self._left: list[pa.Table] = []
        self._is_read = False

    def take_before(self, bound: int | None) -> pa.Table:
        """Returns the rows of people before a key, or all that are left, and forgets them."""
        self._read_until(bound)
        rows = pa.concat_tables(self._left)
        if bound is None:
            self._left = []
            return rows
        end = place_in_order(bound, rows["person_id"])
        self._left = [rows.slice(end)]
        return rows.slice(0, end)

    def _read_until(self, bound: int | None) -> None:
        """Reads the groups that begin before a key, or all that were not read."""
        if self._is_read:
            return
        if self._opened is None:
            self._opened = self._open_file(self._file)
        firsts = self._opened.first_keys
        if firsts is None:
            self._left = [self._opened.read(None)]
            self._is_read = True
            return
        end = len(firsts) if bound is None else place_of_key(bound, firsts)
        if end > self._next or not self._left:
            self._left.append(self._opened.read(range(self._next, end)))
            self._next = end
        self._is_read = end == len(firsts)
