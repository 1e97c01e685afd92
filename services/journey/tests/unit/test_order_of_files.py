"""The order of a file's rows, and finding the groups that have a person."""

from __future__ import annotations

import random
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest

from journey.history.files.order import (
    by_person,
    first_keys_in,
    first_keys_of,
    groups_with,
    told_of,
)
from journey.store.ids import Ids, column_of, keys_of, share_before


def table_of(people: list[UUID]) -> pa.Table:
    ids = pa.array([one.bytes for one in people], pa.binary(16))
    numbers = pa.array(range(len(people)))
    return pa.table({"person_id": pa.ExtensionArray.from_storage(pa.uuid(), ids), "n": numbers})


def test_the_keys_of_ids_spell_the_ids() -> None:
    draw = random.Random(3)
    people = [UUID(bytes=draw.randbytes(16)) for _ in range(50)]

    ids = Ids(*keys_of(column_of(table_of(people), "person_id")))

    assert [*ids] == [ids[place] for place in range(50)] == [str(one) for one in people]


def test_the_first_people_of_the_order_are_a_sample_of_ids_made_in_the_order_of_time() -> None:
    draw = random.Random(4)
    ids = [UUID(int=time << 80 | 7 << 76 | 2 << 62 | draw.getrandbits(62)) for time in range(4000)]
    key, _ = keys_of(column_of(table_of(ids), "person_id"))

    first = np.argsort(key)[:1000]

    assert share_before(int(key[first[-1]])) == pytest.approx(0.25, abs=0.03)
    early = np.count_nonzero(first < 2000)
    assert early == pytest.approx(500, abs=60)


@pytest.mark.parametrize("seed", range(20))
def test_rows_in_the_order_of_people_keep_each_person_s_order(seed: int) -> None:
    draw = random.Random(seed)
    people = [UUID(bytes=draw.randbytes(16)) for _ in range(5)]
    rows = table_of([draw.choice(people) for _ in range(60)])

    ordered = by_person(rows)

    key, rest = keys_of(column_of(ordered, "person_id"))
    places = [*zip(key.tolist(), rest.tolist(), strict=True)]
    assert places == sorted(places)
    for one in people:
        of_one = [row["n"] for row in ordered.to_pylist() if row["person_id"] == one]
        assert of_one == sorted(of_one)
    assert len(ordered) == 60
    assert by_person(ordered).equals(ordered)


def test_a_file_tells_the_key_with_which_each_group_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("journey.history.files.order.ROWS_A_GROUP", 10)
    draw = random.Random(5)
    rows = by_person(table_of([UUID(bytes=draw.randbytes(16)) for _ in range(35)]))
    key, _ = keys_of(column_of(rows, "person_id"))

    told = told_of([first_keys_in(rows.slice(0, 20)), first_keys_in(rows.slice(20))])
    firsts = first_keys_of({name.encode(): text.encode() for name, text in told.items()})

    assert firsts is not None
    assert firsts.tolist() == key[::10].tolist()
    for place in range(35):
        assert place // 10 in groups_with(firsts, key[place : place + 1])
    assert first_keys_of(None) is None


def test_a_person_over_several_groups_is_found_in_each() -> None:
    firsts = np.array([1, 5, 5, 9], dtype=np.uint64)

    found = {key: groups_with(firsts, np.array([key], dtype=np.uint64)) for key in (0, 1, 4, 5, 9)}

    assert found == {0: [], 1: [0], 4: [0], 5: [0, 1, 2], 9: [2, 3]}
