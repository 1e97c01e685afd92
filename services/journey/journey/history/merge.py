"""Merging touchpoints of several sources into batches of whole people.

Each part is in the order of person, time, `sequence` and id. People are merged by their runs, so
that no row is compared where the parts do not overlap in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from journey.history.columns import Words, column_of, texts_from_words
from journey.store.batch import MISSING, Batch, Mask, Numbers, Texts
from journey.store.store import NUMBERS


@dataclass(frozen=True, slots=True)
class Order:
    """The order of touchpoints of one person and time: `sequence`, then the id."""

    sequence: Numbers
    high: Words
    low: Words


@dataclass(frozen=True, slots=True)
class Part:
    """Touchpoints of one source: their people's ids, times in microseconds, and columns.

    Texts of `columns` are dictionaries. `order` is needed where parts overlap in time.
    """

    high: Words
    low: Words
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
        return Part(self.high[chosen], self.low[chosen], self.at[chosen], columns, order)


def merge(parts: Sequence[Part], names: Sequence[str]) -> Batch | None:
    """Returns the batch of the parts' touchpoints; None if there are none."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return None
    high = np.concatenate([part.high for part in parts])
    low = np.concatenate([part.low for part in parts])
    at = np.concatenate([part.at for part in parts])
    index, people, starts = _order_by_person(high, low, [len(part) for part in parts])
    at = at[index]
    orders = [part.order for part in parts if part.order is not None]
    if len(orders) == len(parts):
        index = _order_by_time(index, at, starts, _joined(orders))
        at = np.concatenate([part.at for part in parts])[index]
    table = pa.concat_tables([part.columns for part in parts]).unify_dictionaries()
    return Batch(
        texts_from_words(*people),
        starts,
        at,
        {name: _texts(column_of(table, name), index) for name in names if name not in NUMBERS},
        {name: _numbers(column_of(table, name), index) for name in names if name in NUMBERS},
    )


def _order_by_person(
    high: Words, low: Words, lengths: Sequence[int]
) -> tuple[Numbers, tuple[Words, Words], Numbers]:
    """Returns the rows in the order of people, the people, and where each begins."""
    changes = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    changes[np.cumsum(lengths[:-1], dtype=np.int64) - 1] = True
    begins = np.concatenate([[0], np.flatnonzero(changes) + 1]).astype(np.int64)
    sizes = np.diff(np.append(begins, len(high)))
    # Stable: runs of one person stay in the order of the parts.
    order = np.lexsort((low[begins], high[begins]))
    begins, sizes = begins[order], sizes[order]
    ends = np.cumsum(sizes)
    index = np.repeat(begins - (ends - sizes), sizes) + np.arange(len(high))
    run_high, run_low = high[begins], low[begins]
    is_new = np.concatenate(
        [[True], (run_high[1:] != run_high[:-1]) | (run_low[1:] != run_low[:-1])]
    )
    starts = np.append((ends - sizes)[is_new], len(high)).astype(np.int64)
    return index, (run_high[is_new], run_low[is_new]), starts


def _order_by_time(index: Numbers, at: Numbers, starts: Numbers, order: Order) -> Numbers:
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


def _texts(column: pa.DictionaryArray, index: Numbers) -> Texts:
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Texts(codes[index], column.dictionary.to_pylist())


def _numbers(column: pa.Array, index: Numbers) -> Numbers:
    found = column.cast(pa.int64()).fill_null(int(MISSING)).to_numpy(zero_copy_only=False)
    chosen: Numbers = found[index]
    return chosen
