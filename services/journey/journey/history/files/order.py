"""The order of a file's rows, and the people with whom its groups of rows begin.

A file tells them in its own metadata, so that one person is found without reading the ids of all,
and a file of an earlier release, whose people were in another order, is known by telling none.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from journey.store.ids import Words, column_of, keys_of, words_of

# Of a file's group of rows, all of which are decoded to read one person.
ROWS_A_GROUP: Final = 32 * 1024
_FIRST_KEYS: Final = b"sojourn.first_keys"
_KEY: Final = ">u8"


def sorted_rows(rows: pa.Table) -> pa.Table:
    """Returns rows in the order of the files: person, time, `sequence`, id."""
    key, rest = keys_of(column_of(rows, "person_id"))
    high, low = words_of(column_of(rows, "id"))
    sequence = column_of(rows, "sequence").to_numpy()
    at = column_of(rows, "occurred_at").cast(pa.int64()).to_numpy()
    return rows.take(pa.array(np.lexsort((low, high, sequence, at, rest, key))))


def by_person(rows: pa.Table) -> pa.Table:
    """Returns rows in the order of people, each person's as they were."""
    key, rest = keys_of(column_of(rows, "person_id"))
    same = key[1:] == key[:-1]
    if ((key[1:] > key[:-1]) | (same & (rest[1:] >= rest[:-1]))).all():
        return rows
    return rows.take(pa.array(np.lexsort((rest, key))))


def first_keys_in(rows: pa.Table) -> Words:
    """Returns the key with which each group of rows, which are in the order of people, begins."""
    key, _ = keys_of(column_of(rows, "person_id"))
    return key[::ROWS_A_GROUP]


def told_of(firsts: Sequence[Words]) -> dict[str, str]:
    """Returns what a file tells of the keys with which its groups begin."""
    keys = np.concatenate([*firsts, np.zeros(0, dtype=np.uint64)])
    return {_FIRST_KEYS.decode(): keys.astype(_KEY).tobytes().hex()}


def first_keys_of(metadata: dict[bytes, bytes] | None) -> Words | None:
    """Returns the key with which each group begins; None where the file tells none."""
    found = (metadata or {}).get(_FIRST_KEYS)
    if found is None:
        return None
    return np.frombuffer(bytes.fromhex(found.decode()), dtype=_KEY).astype(np.uint64)


def groups_with(firsts: Words, keys: Words) -> list[int]:
    """Returns the groups that may have people of these keys, in their order."""
    found: set[int] = set()
    for key in keys:
        # A person may fill the end of a group and the begin of the next ones.
        begin = max(int(np.searchsorted(firsts, key, side="left")) - 1, 0)
        found |= {*range(begin, int(np.searchsorted(firsts, key, side="right")))}
    return sorted(found)
