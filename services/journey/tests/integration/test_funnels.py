"""The funnel and the journey against a plain recomputation in Python, over random histories."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import fresh_database
from journey.funnels.model import MapNumbers, MapQuestion
from journey.funnels.queries import Behind, MapPeople, get_map_numbers, list_map_people
from journey.journeys.queries import get_journey
from journey.maps.model import Stage
from journey.maps.rules import Condition
from journey.people.model import get_person_of_customer, get_person_of_handle
from journey.questions.filters import Filter
from journey.store.postgres import PostgresStore
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World, a_world, at
from services.journey.tests.plain_funnels import (
    MAPS,
    VISITORS,
    Whose,
    acts_of,
    place,
    plainly,
    rows_of,
    visits,
    without_bots,
)


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[World]:
    async with fresh_database("journey") as database, a_world(database) as world:
        yield world


async def load(world: World, batches: list[list[Touchpoint]]) -> list[Touchpoint]:
    async with world.database.tx() as tx:
        await (await tx.connected()).execute(
            "TRUNCATE touchpoint, sighting, customer, person, consent"
        )
    for batch in batches:
        await world.record_touchpoints(*batch)
    return [row for batch in batches for row in batch]


questions = st.builds(
    lambda since, length, window, by, source, bots: MapQuestion(
        chosen=Filter(
            since=at(since) if since else None,
            until=at(since + length) if length else None,
            with_bots=bots,
        ),
        window=timedelta(seconds=window),
        by=by,
        begins=(Condition("utm_source", (source,)),) if source else (),
    ),
    st.integers(0, 4),
    st.integers(0, 9),
    st.integers(0, 6),
    st.sampled_from(["", "utm_source"]),
    st.sampled_from(["", "x"]),
    st.booleans(),
)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    batches=st.lists(st.lists(visits, max_size=9), max_size=3),
    name=st.sampled_from(sorted(MAPS)),
    question=questions,
)
async def test_a_funnel_is_what_a_plain_recomputation_says(
    shared: World, batches: list[list[Touchpoint]], name: str, question: MapQuestion
) -> None:
    rows = await load(shared, batches)

    assert await counted(shared, MAPS[name], question) == recomputed(rows, MAPS[name], question)


# So few people that some go all the way.
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(visits, min_size=12, max_size=24), question=questions)
async def test_a_funnel_of_five_stages_is_what_a_plain_recomputation_says(
    shared: World, rows: list[Touchpoint], question: MapQuestion
) -> None:
    few = [
        row._replace(visitor_id=VISITORS[number % 2], guest_id=None, customer_id=None)
        for number, row in enumerate(rows)
    ]
    await load(shared, [few])

    assert await counted(shared, MAPS["five stages"], question) == recomputed(
        few, MAPS["five stages"], question
    )


async def counted(
    world: World, stages: list[Stage], question: MapQuestion
) -> dict[str, list[tuple[int, timedelta]]]:
    numbers = await ask(world, stages, question)
    return {
        segment: [(one.people, one.median) for one in reached]
        for segment, reached in numbers.segments.items()
    }


async def ask(world: World, stages: list[Stage], question: MapQuestion) -> MapNumbers:
    # Batches of a few people.
    store = PostgresStore(world.database, most_rows=4)
    return await get_map_numbers(store, stages, question)


def recomputed(
    rows: list[Touchpoint], stages: list[Stage], question: MapQuestion
) -> dict[str, list[tuple[int, timedelta]]]:
    expected = plainly(rows, stages, question)
    return expected if question.by else {"": expected.get("", [(0, timedelta())] * len(stages))}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(visits, max_size=14), name=st.sampled_from(sorted(MAPS)))
async def test_statistics_of_kinds_are_what_a_plain_recomputation_says(
    shared: World, rows: list[Touchpoint], name: str
) -> None:
    await load(shared, [rows])

    found = (await ask(shared, MAPS[name], MapQuestion(with_touchpoints=True))).statistics

    whose = Whose(rows)
    expected = {}
    seen: set[UUID] = set()
    for number, stage in enumerate(MAPS[name]):
        fit = rows_of(stage.rules, without_bots(rows), whose)
        # A touchpoint stands in the first of its stages.
        fit = [row for row in fit if row.id not in seen]
        seen |= {row.id for row in fit}
        for kind in {row.kind for row in fit}:
            mine = [row for row in fit if row.kind == kind]
            times = sorted(row.duration_ms or 0 for row in mine)
            persons, errors = (
                len({whose.person(row) for row in mine}),
                sum(row.outcome == "error" for row in mine),
            )
            expected[number, kind] = (
                len(mine),
                persons,
                errors,
                times[-(-95 * len(times) // 100) - 1],
            )
    assert {
        (one.stage, one.kind): (one.touchpoints, one.people, one.errors, one.p95_ms)
        for one in found
    } == expected


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(visits, max_size=20), name=st.sampled_from(sorted(MAPS)), question=questions)
async def test_every_number_of_a_map_opens(
    shared: World, rows: list[Touchpoint], name: str, question: MapQuestion
) -> None:
    await load(shared, [rows])
    question, stages = replace(question, by="", with_touchpoints=True), MAPS[name]

    async def count(behind: Behind) -> int:
        asked = MapPeople(stages, question, behind, most=100)
        people = await list_map_people(PostgresStore(shared.database), question, asked)
        assert len(set(people)) == len(people) == asked.count
        return asked.count

    numbers = await ask(shared, stages, question)

    (reached,) = numbers.segments.values()
    for number, one in enumerate(reached):
        assert await count(Behind(number)) == one.people
        if number:
            assert await count(Behind(number, left=True)) == reached[number - 1].people - one.people
    for kind in numbers.statistics:
        assert await count(Behind(kind.stage, kind=kind.kind)) == kind.people
        failed = await count(Behind(kind.stage, kind=kind.kind, outcome="error"))
        assert min(1, kind.errors) <= failed <= kind.errors


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(visits, min_size=1, max_size=14),
    name=st.sampled_from(sorted(MAPS)),
    data=st.data(),
)
async def test_a_journey_is_what_a_plain_recomputation_says(
    shared: World, rows: list[Touchpoint], name: str, data: st.DataObject
) -> None:
    await load(shared, [rows])
    whose = Whose(rows)
    wanted = whose.person(data.draw(st.sampled_from(rows)))

    async with shared.database.read() as read:
        is_customer = wanted in whose.customers
        person = await (get_person_of_customer if is_customer else get_person_of_handle)(
            read, wanted
        )
    store = PostgresStore(shared.database)
    journey = await get_journey(store, person, MAPS[name]) if person.id == wanted else None

    # Of a shared browser's anonymous rest nobody can ask: its handle is the first customer's.
    if person.id != wanted:
        return
    mine = sorted(
        (row for row in acts_of(rows) if whose.person(row) == wanted),
        key=place,
    )
    if journey is None:
        assert mine == []
        return
    members = [{row.id for row in rows_of(stage.rules, rows, whose)} for stage in MAPS[name]]
    stages = [
        next((number for number, ids in enumerate(members) if row.id in ids), None) for row in mine
    ]
    assert [(one.row.id, one.stage) for one in journey.touchpoints] == [
        (row.id, stage) for row, stage in zip(mine, stages, strict=True)
    ]
    staged = [(row, stage) for row, stage in zip(mine, stages, strict=True) if stage is not None]
    for number, stay in enumerate(journey.stays):
        own = [row for row, stage in staged if stage == number]
        dwell = sum(
            (
                later.occurred_at - row.occurred_at
                for (row, stage), (later, _) in pairs(staged)
                if stage == number
            ),
            timedelta(),
        )
        assert (stay.touchpoints, stay.errors, stay.time) == (
            len(own),
            sum(row.outcome == "error" for row in own),
            dwell,
        )


def pairs(staged: list[Any]) -> Iterator[tuple[Any, Any]]:
    return itertools.pairwise(staged)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(visits, max_size=8), data=st.data())
async def test_who_is_who_does_not_depend_on_the_order(
    shared: World, rows: list[Touchpoint], data: st.DataObject
) -> None:
    numbered = [row._replace(subject=str(number)) for number, row in enumerate(rows)]
    shuffled = data.draw(st.permutations(numbered))
    await load(shared, [[row] for row in shuffled])

    whose = Whose(numbered)
    assert await shared.persons() == {row.subject: whose.person(row) for row in numbered}
