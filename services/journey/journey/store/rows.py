"""One person's touchpoints as a batch."""

from collections.abc import Iterable, Sequence

import numpy as np

from journey.store.batch import MISSING, Batch, Texts
from journey.store.store import NUMBERS, StoredTouchpoint


def batch_of_person(rows: Sequence[StoredTouchpoint], names: Iterable[str]) -> Batch:
    """Returns the batch of one person's touchpoints, which are in their order."""
    texts, numbers = {}, {}
    for name in names:
        if name in NUMBERS:
            values = [getattr(one.row, name) for one in rows]
            given = [MISSING if value is None else value for value in values]
            numbers[name] = np.array(given, dtype=np.int64)
        else:
            texts[name] = _texts([one.text(name) for one in rows])
    times = [int(one.row.occurred_at.timestamp() * 1_000_000) for one in rows]
    starts = np.array([0, len(rows)], dtype=np.int64)
    return Batch([""], starts, np.array(times, dtype=np.int64), texts, numbers)


def _texts(values: Sequence[str]) -> Texts:
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return Texts(np.array([codes[value] for value in values], dtype=np.int32), list(codes))
