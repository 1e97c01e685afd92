"""Stripes: whole people, each row once, whatever the groups of the files are."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from journey.history.files.stripes import RowsOfFile, read_stripes
from journey.history.files.table import HistoryFile
from journey.store.ids import Words, bytes_of, column_of, place_of_key

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


@dataclass(frozen=True)
class OpenFile:
    """A file as a scan opens it; one of an earlier release has no keys."""

    file: File
    has_keys: bool = True

    @property
    def first_keys(self) -> Words | None:
        if not self.has_keys:
            return None
        return np.array([key_of(group[0]) for group in self.file.groups], dtype=np.uint64)

    def read(self, groups: range | None) -> pa.Table:
        chosen = self.file.groups
        if groups is not None:
            chosen = chosen[groups.start : groups.stop]
        return table_of([person for group in chosen for person in group])


def opened(file: Any) -> RowsOfFile:
    return OpenFile(file)


def key_of(person: Person) -> int:
    return place_of(person)[0]


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
    # Some have one key: the first half of the id decides too.
    lasts = [draw.randbytes(8) for _ in range(8)]
    people = [draw.randbytes(8) + draw.choice(lasts) for _ in range(12)]
    files = [a_file(draw, people) for _ in range(draw.randrange(1, 5))]
    known = {id(file): draw.random() < 0.8 for file in files}

    def opened(file: Any) -> RowsOfFile:
        return OpenFile(file, has_keys=known[id(file)])

    with ThreadPoolExecutor(2) as threads:
        stripes = list(
            read_stripes(cast("list[HistoryFile]", files), opened, threads, rows_at_once=10)
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
            assert all(key_of(person) < bound for person in stripe)
    assert stripes[-1][1] is None


def test_files_of_few_rows_are_read_whole() -> None:
    file = File([[b"a" * 16], [b"b" * 16]])

    with ThreadPoolExecutor(1) as threads:
        stripes = list(read_stripes(cast("list[HistoryFile]", [file]), opened, threads))

    ((tables, bound),) = stripes
    assert bound is None
    assert [people_of(table) for table in tables] == [[b"a" * 16, b"b" * 16]]


def test_the_place_of_a_key_is_before_those_that_are_equal() -> None:
    keys = np.array([1, 1, 2, 2**63 + 1], dtype=np.uint64)

    assert [place_of_key(key, keys) for key in (0, 1, 2, 2**63 + 2)] == [0, 0, 2, 4]
