"""Merging touchpoints of several sources into batches of whole people.

People are merged by their runs, so that rows of files, which are in the order of person and time,
are seldom compared, and none where the files do not overlap in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa

from journey.store.batch import MISSING, ArrowTexts, Batch, Codes, Mask, Numbers, Texts
from journey.store.ids import Ids, Words, column_of, place_of_key
from journey.store.store import NUMBERS

# Runs of one person's rows that have fewer on the average are not worth being moved as runs.
_LONG_RUN: Final = 4
V = TypeVar("V", Numbers, Codes)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of touchpoints of one person and time: `sequence`, then the id."""

    sequence: Numbers
    high: Words
    low: Words


@dataclass(frozen=True, slots=True)
class Part:
    """Touchpoints of one source: their people's keys, times in microseconds, and columns.

    Texts of `columns` are dictionaries. `order` is needed where a person's touchpoints are in no
    order, or parts overlap in time.
    """

    key: Words
    rest: Words
    at: Numbers
    columns: pa.Table
    order: Order | None = None

    def __len__(self) -> int:
        return len(self.at)

    def filter(self, chosen: Mask) -> "Part":
        """Returns the chosen touchpoints."""
        order = self.order and Order(
            self.order.sequence[chosen], self.order.high[chosen], self.order.low[chosen]
        )
        columns = self.columns.filter(pa.array(chosen))
        return Part(self.key[chosen], self.rest[chosen], self.at[chosen], columns, order)

    def slice(self, begin: int, end: int) -> "Part":
        """Returns the touchpoints from one place to before another."""
        order = self.order and Order(
            self.order.sequence[begin:end], self.order.high[begin:end], self.order.low[begin:end]
        )
        columns = self.columns.slice(begin, end - begin)
        return Part(self.key[begin:end], self.rest[begin:end], self.at[begin:end], columns, order)

    def take(self, index: Numbers) -> "Part":
        """Returns the touchpoints at some places, in their order."""
        order = self.order and Order(
            self.order.sequence[index], self.order.high[index], self.order.low[index]
        )
        columns = self.columns.take(pa.array(index))
        return Part(self.key[index], self.rest[index], self.at[index], columns, order)

    def cut(self, key: int) -> "tuple[Part, Part]":
        """Returns the touchpoints of people before a key, and the others; it is in order."""
        place = place_of_key(key, self.key)
        return self.slice(0, place), self.slice(place, len(self))


def merge(parts: Sequence[Part], names: Sequence[str]) -> Batch | None:
    """Returns the batch of the parts' touchpoints; None if there are none.

    The touchpoints of a person in a part that has no `order` must be in order already, as must
    those of several such parts one after the other.
    """
    parts = [part for part in parts if len(part)]
    if not parts:
        return None
    part = parts[0] if len(parts) == 1 else joined(parts)
    index, starts = order_of(part)
    first = starts[:-1] if index is None else index[starts[:-1]]
    return Batch(
        Ids(part.key[first], part.rest[first]),
        starts,
        _at(part.at, index),
        {name: _texts(part.columns, name, index) for name in names if name not in NUMBERS},
        {name: _numbers(part.columns, name, index) for name in names if name in NUMBERS},
    )


def joined(parts: Sequence[Part]) -> Part:
    """Returns the touchpoints of all parts, in the order of the parts."""
    orders = [part.order for part in parts if part.order is not None]
    return Part(
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.rest for part in parts]),
        np.concatenate([part.at for part in parts]),
        pa.concat_tables([part.columns for part in parts]).unify_dictionaries(),
        _joined(orders) if len(orders) == len(parts) else None,
    )


def in_order(part: Part) -> Part:
    """Returns a part, which has an `order`, in the order of person, time, `sequence` and id."""
    index = order_of(part)[0] if len(part) else None
    return part if index is None else part.take(index)


def order_of(part: Part) -> tuple[Numbers | None, Numbers]:
    """Returns a part's rows in the order of person and time, and where each person begins.

    None are the rows as they are.
    """
    index, starts = _order_by_person(part.key, part.rest)
    if part.order is not None:
        index = _order_by_time(index, _at(part.at, index), starts, part.order)
    return index, starts


def _at(values: V, index: Numbers | None) -> V:
    return values if index is None else values[index]


def _order_by_person(key: Words, rest: Words) -> tuple[Numbers | None, Numbers]:
    """Returns the rows in the order of people, each one's as they were; where each begins."""
    begins = _begins(key, rest)
    firsts = key[begins]
    if (firsts[1:] > firsts[:-1]).all():
        # Rows of one file are in this order.
        return None, np.append(begins, len(key))
    if len(begins) * _LONG_RUN > len(key):
        index = _sorted_ids(key, rest)
        return index, np.append(_begins(key[index], rest[index]), len(key))
    sizes = np.diff(np.append(begins, len(key)))
    order = _sorted_ids(key[begins], rest[begins])
    begins, sizes = begins[order], sizes[order]
    ends = np.cumsum(sizes)
    index = np.repeat(begins - (ends - sizes), sizes) + np.arange(len(key))
    starts = (ends - sizes)[_begins(key[begins], rest[begins])]
    return index, np.append(starts, len(key))


def _begins(key: Words, rest: Words) -> Numbers:
    """Returns where the rows of another person than the one before begin."""
    is_new = np.ones(len(key), dtype=np.bool_)
    np.not_equal(key[1:], key[:-1], out=is_new[1:])
    is_new[1:] |= rest[1:] != rest[:-1]
    return np.flatnonzero(is_new)


def _sorted_ids(key: Words, rest: Words) -> Numbers:
    """Returns the order of ids; equal ones stay as they are.

    Two ids seldom share their key: it alone is sorted, and both only where they do.
    """
    order = np.argsort(key, kind="stable")
    by_key, by_rest = key[order], rest[order]
    if ((by_key[1:] == by_key[:-1]) & (by_rest[1:] != by_rest[:-1])).any():
        return np.lexsort((rest, key))
    return order


def _order_by_time(
    index: Numbers | None, at: Numbers, starts: Numbers, order: Order
) -> Numbers | None:
    """Returns the rows with each person's in the order of time.

    Sorts only the people whose rows are not in order already.
    """
    person = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    is_wrong = (at[1:] <= at[:-1]) & (person[1:] == person[:-1])
    if not is_wrong.any():
        return index
    wrong = np.zeros(len(starts) - 1, dtype=np.bool_)
    wrong[person[1:][is_wrong]] = True
    places = np.flatnonzero(wrong[person])
    index = np.arange(len(at)) if index is None else index
    rows = index[places]
    keys = (order.low[rows], order.high[rows], order.sequence[rows], at[places], person[places])
    index = index.copy()
    index[places] = rows[np.lexsort(keys)]
    return index


def _joined(orders: Sequence[Order]) -> Order:
    return Order(
        np.concatenate([order.sequence for order in orders]),
        np.concatenate([order.high for order in orders]),
        np.concatenate([order.low for order in orders]),
    )


def _texts(table: pa.Table, name: str, index: Numbers | None) -> Texts:
    column = column_of(table, name)
    if len(column.dictionary) == 1:
        return Texts(np.zeros(len(column), dtype=np.int32), ArrowTexts(column.dictionary))
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Texts(_at(codes, index), ArrowTexts(column.dictionary))


def _numbers(table: pa.Table, name: str, index: Numbers | None) -> Numbers:
    column = column_of(table, name).cast(pa.int64())
    found = column.fill_null(int(MISSING)).to_numpy(zero_copy_only=False)
    return _at(found, index)
