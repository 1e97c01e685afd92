"""Merging: people are whole and in order, whatever their runs are."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from journey.store.batch import where_code
from journey.store.merge import Part, merge

NAMES = ("kind",)


def a_part(rows: list[tuple[int, int, int]]) -> Part:
    """A part of (key, rest, time) rows, whose text tells the row."""
    key, rest, at = (np.array(column) for column in zip(*rows, strict=True))
    texts = pa.array([str(row) for row in rows]).dictionary_encode()
    return Part(
        key.astype(np.uint64),
        rest.astype(np.uint64),
        at.astype(np.int64),
        pa.table({"kind": texts}),
    )


@pytest.mark.parametrize("seed", range(40))
def test_people_are_whole_and_in_order_whether_their_runs_are_long_or_short(seed: int) -> None:
    draw = random.Random(seed)
    # Some people share their key: what decides between them is the rest.
    people = [(draw.randrange(6) << 60, draw.randrange(4)) for _ in range(8)]
    most = draw.choice([1, 2, 12])
    parts, at = [], 0
    for _ in range(draw.randrange(1, 5)):
        rows = []
        for person in sorted(draw.sample(people, draw.randrange(1, 8))):
            for _ in range(draw.randint(1, most)):
                at += 1
                rows.append((*person, at))
        parts.append(rows)

    batch = merge([a_part(rows) for rows in parts], NAMES)

    assert batch is not None
    expected = sorted((row for rows in parts for row in rows), key=lambda row: row)
    assert batch.texts["kind"].take(np.arange(len(batch))) == [str(row) for row in expected]
    whose = [row[:2] for row in expected]
    begins = [
        place for place in range(len(whose)) if place == 0 or whose[place] != whose[place - 1]
    ]
    assert batch.starts.tolist() == [*begins, len(whose)]


@pytest.mark.parametrize("count", [0, 1, 5, 9, 12])
def test_codes_are_chosen_alike_whether_few_or_many_are(count: int) -> None:
    codes = np.arange(12, dtype=np.int32).repeat(3)
    chosen = np.arange(12) < count

    assert where_code(chosen, codes).tolist() == [code < count for code in codes.tolist()]
