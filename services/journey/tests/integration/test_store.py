"""Stores yield each touchpoint once, people whole, in order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from journey.estimates.sample import SamplingStore
from journey.store.batch import MISSING, Batch
from journey.store.postgres import PostgresStore
from journey.store.store import NUMBERS, TouchpointStore, Wanted
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World, a_touchpoint, at

COLUMNS = frozenset({"kind", "channel", "subject", "amount_minor", "property:term"})


@dataclass(frozen=True)
class Read:
    """A touchpoint as a store yields it."""

    person: str
    at: int
    columns: dict[str, Any]


def rows_of(batch: Batch) -> list[Read]:
    found = []
    for place, person in enumerate(batch.person.tolist()):
        texts = {name: column.values[column.codes[place]] for name, column in batch.texts.items()}
        numbers = {name: int(column[place]) for name, column in batch.numbers.items()}
        found.append(Read(batch.people[person], int(batch.at[place]), texts | numbers))
    return found


async def read_all(store: TouchpointStore, wanted: Wanted) -> list[Read]:
    """Returns what a store yields, by person; each person must be in one batch."""
    found: list[Read] = []
    seen: set[str] = set()
    async for batch in store.scan(wanted):
        assert not seen & set(batch.people)
        seen |= set(batch.people)
        found += rows_of(batch)
    return sorted(found, key=lambda row: row.person)


def as_read(row: Touchpoint) -> Read:
    columns = {
        "kind": row.kind,
        "channel": row.channel,
        "subject": row.subject,
        "amount_minor": int(MISSING) if row.amount_minor is None else row.amount_minor,
        "property:term": "shoe, red" if "term" in row.properties else "",
    }
    return Read(str(row.visitor_id), round(row.occurred_at.timestamp() * 1_000_000), columns)


async def a_history(world: World, *, seed: int, count: int = 300) -> list[Touchpoint]:
    draw = random.Random(seed)
    rows = [
        a_touchpoint(
            draw.choice(["search", "product.view", "order.placed"]),
            seconds=draw.randrange(50),
            visitor=f"v{draw.randrange(12)}",
            channel=draw.choice(["web", "", 'a "b", c']),
            subject=draw.choice(["", "Ä,1", "x"]),
            sequence=draw.randrange(3),
            amount_minor=draw.choice([None, 0, 1999]),
            properties=draw.choice(["{}", '{"term": "shoe, red"}']),
        )
        for _ in range(count)
    ]
    await world.record_touchpoints(*rows)
    return sorted(
        rows, key=lambda row: (str(row.visitor_id), row.occurred_at, row.sequence, row.id)
    )


@pytest.mark.parametrize(("blocks_at_once", "most_rows"), [(1, 1), (2, 100), (8192, 2_000_000)])
async def test_a_store_yields_every_touchpoint_once_and_people_whole(
    world: World, blocks_at_once: int, most_rows: int
) -> None:
    rows = await a_history(world, seed=most_rows)
    store = PostgresStore(world.database, blocks_at_once=blocks_at_once, most_rows=most_rows)

    found = await read_all(store, Wanted(COLUMNS))

    assert found == [as_read(row) for row in rows]


async def test_a_scan_is_narrowed_by_time_and_kind(world: World) -> None:
    rows = await a_history(world, seed=7)
    wanted = Wanted(COLUMNS, since=at(10), until=at(30), kinds=frozenset({"search"}))

    found = await read_all(PostgresStore(world.database), wanted)

    chosen = [row for row in rows if at(10) <= row.occurred_at < at(30) and row.kind == "search"]
    assert found == [as_read(row) for row in chosen]


async def test_a_scan_in_a_hurry_ends_with_a_sample_of_whole_people(world: World) -> None:
    rows = [
        a_touchpoint("search", seconds=number, visitor=f"v{number % 100}") for number in range(400)
    ]
    await world.record_touchpoints(*rows)
    sampling = SamplingStore(PostgresStore(world.database), within_seconds=1e-9)
    everything = SamplingStore(PostgresStore(world.database), within_seconds=60)

    found = await read_all(sampling, Wanted(frozenset({"kind"})))
    all_rows = await read_all(everything, Wanted(frozenset({"kind"})))

    people = {row.person for row in found}
    assert 0 < sampling.read_share < 1
    assert found == [row for row in all_rows if row.person in people]
    assert all(int(person[-1], 16) < sampling.read_share * 16 for person in people)
    assert (everything.read_share, len(all_rows)) == (1, 400)


async def test_an_empty_history_has_no_batches(world: World) -> None:
    assert await read_all(PostgresStore(world.database), Wanted(COLUMNS | NUMBERS)) == []


def test_a_scan_names_columns_that_exist() -> None:
    with pytest.raises(ValueError, match="no such column: kin"):
        Wanted(frozenset({"kin"}))
