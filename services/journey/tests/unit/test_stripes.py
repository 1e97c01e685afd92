"""Stripes: whole people, each row once, whatever the groups of the files are."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from journey.history.stripes import ReadGroups, read_stripes
from journey.history.table import HistoryFile
from journey.store.ids import bytes_of, column_of
from journey.store.merge import Bound

Person = bytes


@dataclass(frozen=True)
class File:
    """A file of people in order, a row each time that they are named, in groups."""

    groups: list[list[Person]]

    @property
    def rows(self) -> int:
        return sum(map(len, self.groups))


def table_of(people: list[Person]) -> pa.Table:
    ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array(people, pa.binary(16)))
    return pa.table({"person_id": ids})


def read(file: Any, group: int | None) -> pa.Table:
    people = file.groups[group] if group is not None else [p for one in file.groups for p in one]
    return table_of(people)


def people_of(table: pa.Table) -> list[Person]:
    raw = bytes_of(column_of(table, "person_id"))
    return [raw[begin : begin + 16] for begin in range(0, len(raw), 16)]


def place_of(person: Person) -> tuple[int, int]:
    """The place of a person, in numbers of Python: the two bits of the variant come last."""
    last = int.from_bytes(person[8:])
    return (last << 2 & 2**64 - 1) | last >> 62, int.from_bytes(person[:8])


def a_file(draw: random.Random, people: list[Person]) -> File:
    rows = sorted((draw.choice(people) for _ in range(draw.randrange(60))), key=place_of)
    size = draw.choice([1, 3, 7, 100])
    return File([rows[begin : begin + size] for begin in range(0, len(rows), size)])


@pytest.mark.parametrize("seed", range(60))
def test_stripes_have_each_row_once_and_people_whole(seed: int) -> None:
    draw = random.Random(seed)
    # Few last halves: the first half decides too.
    people = [draw.randbytes(8) + bytes(8 * [draw.randrange(3)]) for _ in range(12)]
    files = [a_file(draw, people) for _ in range(draw.randrange(1, 5))]
    reads = ReadGroups(lambda file: len(cast("File", file).groups), read)

    with ThreadPoolExecutor(2) as threads:
        stripes = list(
            read_stripes(cast("list[HistoryFile]", files), reads, threads, rows_at_once=0)
        )

    found = [[p for table in tables for p in people_of(table)] for tables, _ in stripes]
    assert sorted(p for stripe in found for p in stripe) == sorted(
        p for file in files for group in file.groups for p in group
    )
    seen: set[Person] = set()
    for stripe, (_, bound) in zip(found, stripes, strict=True):
        assert not seen & set(stripe)
        seen |= set(stripe)
        if bound is not None:
            assert all(place_of(person) < (bound.key, bound.rest) for person in stripe)
    assert stripes[-1][1] is None


def test_files_of_few_rows_are_read_whole() -> None:
    file = File([[b"a" * 16], [b"b" * 16]])
    reads = ReadGroups(lambda _: 2, read)

    with ThreadPoolExecutor(1) as threads:
        stripes = list(read_stripes(cast("list[HistoryFile]", [file]), reads, threads))

    ((tables, bound),) = stripes
    assert bound is None
    assert [people_of(table) for table in tables] == [[b"a" * 16, b"b" * 16]]


def test_a_bound_is_after_all_ids_before_it() -> None:
    high = np.array([1, 1, 1, 2, 2**63 + 1], dtype=np.uint64)
    low = np.array([1, 5, 2**64 - 1, 0, 3], dtype=np.uint64)

    places = [Bound(*pair).place_in(high, low) for pair in [(1, 5), (1, 6), (2, 0), (2**63 + 1, 4)]]

    assert places == [1, 2, 3, 5]
