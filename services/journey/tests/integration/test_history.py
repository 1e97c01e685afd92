"""History in files: the same touchpoints from either half and across the seam."""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.transforms import IdentityTransform, MonthTransform

from chassis.testing import fresh_database
from journey.consents.withdraw import record_account_consent, withdraw_consent
from journey.errors import QuestionTooLarge
from journey.history.compact import compact
from journey.history.files.schema import SCHEMA
from journey.history.files.table import HistoryTable
from journey.history.move import move_touchpoints
from journey.history.scan import HistoryStore, JoinedStore
from journey.history.worker import run_round
from journey.people.model import (
    find_customers,
    get_person_of_customer,
    get_person_of_handle,
)
from journey.questions.calendar import Interval
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.questions.trends import Trend
from journey.store.postgres import PostgresStore
from journey.store.store import NUMBERS, TEXTS, StoredTouchpoint, Wanted
from journey.touchpoints.model import Touchpoint
from services.journey.tests.integration.test_store import read_all
from services.journey.tests.journey_world import World, a_touchpoint, a_world, an_id, at

EVERYTHING = TEXTS | NUMBERS | {"property:term", "property:a b"}
DAY = 86_400
PROPERTIES = ["{}", '{"term": "shoe, red"}', '{"term": "", "a b": "\\"Ä\\"\\n"}', '{"n": 1}', "[]"]


@pytest.fixture
async def table(world: World, tmp_path: Path) -> AsyncIterator[HistoryTable]:
    table = HistoryTable(str(tmp_path / "history"), str(world.database.pool.conninfo))
    yield table
    table.close()


def a_story(draw: random.Random, *, count: int) -> list[Touchpoint]:
    """Touchpoints of a few people: visitors, guests and customers, alone and together."""

    def somebody() -> dict[str, str]:
        number = draw.randrange(8)
        who = {
            "visitor": f"v{number}",
            "guest": f"g{draw.choice([number, number, 9])}",
            "customer": f"c{draw.choice([number % 5, number % 5, 7])}",
        }
        return {name: who[name] for name in draw.choice(KINDS_OF_PEOPLE)}

    return [
        a_touchpoint(
            draw.choice(["search", "product.view", "order.placed"]),
            seconds=draw.choice([draw.randrange(9) * DAY / 2, draw.randrange(60 * DAY)]),
            channel=draw.choice(["web", "", 'a "b", c']),
            subject=draw.choice(["", "Ä,1", "x"]),
            sequence=draw.randrange(3),
            amount_minor=draw.choice([None, 0, 1999]),
            duration_ms=draw.choice([None, 5]),
            trace_id=draw.choice([None, an_id("trace")]),
            properties=draw.choice(PROPERTIES),
            **somebody(),
        )
        for _ in range(count)
    ]


KINDS_OF_PEOPLE = [
    ("visitor",), ("visitor",), ("visitor", "guest"), ("visitor", "customer"), ("guest",),
    ("customer",), ("visitor", "guest", "customer"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_across_a_seam_the_joined_store_yields_what_postgresql_alone_yields(
    world: World, table: HistoryTable, seed: int
) -> None:
    draw = random.Random(seed)
    await world.record_touchpoints(*a_story(draw, count=draw.choice([40, 400])))
    rows = len(await world.rows())
    wanted = Wanted(
        frozenset(draw.sample(sorted(EVERYTHING), draw.randrange(len(EVERYTHING)))),
        since=draw.choice([None, at(draw.randrange(30 * DAY))]),
        until=draw.choice([None, at(30 * DAY + draw.randrange(30 * DAY))]),
        kinds=draw.choice([frozenset(), frozenset({"search", "order.placed"})]),
    )
    expected = await read_all(PostgresStore(world.database), wanted)

    before = at(draw.randrange(70 * DAY))
    moved = await move_touchpoints(world.database, table, before=before, most_rows=50)
    left = await world.rows()
    found = await read_all(JoinedStore(world.database, table), wanted)

    assert (moved > 0) == (len(left) < rows)
    assert all(row.occurred_at >= before for row in left)
    assert found == expected


async def test_a_history_of_files_alone_yields_all_that_was_moved(
    world: World, table: HistoryTable
) -> None:
    await world.record_touchpoints(*a_story(random.Random(1), count=200))
    wanted = Wanted(frozenset(EVERYTHING))
    expected = await read_all(PostgresStore(world.database), wanted)

    await move_touchpoints(world.database, table, before=at(90 * DAY))
    found = await read_all(HistoryStore(world.database, table), wanted)

    assert await world.rows() == []
    assert found == expected


SPEC_OF_MONTHS = PartitionSpec(
    PartitionField(1, 1000, IdentityTransform(), "bucket"),
    PartitionField(
        SCHEMA.find_field("occurred_at").field_id, 1001, MonthTransform(), "occurred_month"
    ),
)


@pytest.mark.parametrize("compacted", [1, 100])
async def test_files_of_an_earlier_release_give_the_same_answers(
    world: World, table: HistoryTable, monkeypatch: pytest.MonkeyPatch, compacted: int
) -> None:
    await world.record_touchpoints(*a_story(random.Random(6), count=300))
    wanted = Wanted(frozenset(EVERYTHING))
    plain = PostgresStore(world.database)
    expected = await read_all(plain, wanted)
    async with world.database.read() as read:
        people = [await get_person_of_handle(read, an_id(f"v{number}")) for number in range(8)]
    journeys = {person.id: await plain.list_of_person(person) for person in people}
    with monkeypatch.context() as earlier:
        # Its files told nothing of their groups, and were in the order of whole ids.
        earlier.setattr("journey.history.files.table.told_of", lambda firsts: {})
        earlier.setattr("journey.history.files.table.by_person", by_whole_ids)
        # They were partitioned by month.
        earlier.setattr("journey.history.files.table.SPEC", SPEC_OF_MONTHS)
        await move_touchpoints(world.database, table, before=at(20 * DAY), most_rows=100)

    await move_touchpoints(world.database, table, before=at(40 * DAY), most_rows=100)
    await compact(world.database, table, most_files=compacted)

    joined = JoinedStore(world.database, table)
    assert await read_all(joined, wanted) == expected
    for person in people:
        assert await joined.list_of_person(person) == journeys[person.id]


def by_whole_ids(rows: pa.Table) -> pa.Table:
    """Rows in the order of people's ids; each person's stay in theirs."""
    people = [id.bytes for id in rows["person_id"].to_pylist()]
    return rows.take(pa.array(sorted(range(len(rows)), key=people.__getitem__)))


@pytest.mark.parametrize("seconds", [0, 0.01, 0.05])
async def test_a_question_refused_in_the_middle_leaves_its_connection_to_others(
    world: World, table: HistoryTable, seconds: float
) -> None:
    await world.record_touchpoints(*a_story(random.Random(2), count=200))
    await move_touchpoints(world.database, table, before=at(30 * DAY))
    store = JoinedStore(world.database, table)

    with suppress(QuestionTooLarge):
        await ask(store, Filter(), Trend(Interval.MONTH, "UTC"), most_seconds=seconds)
    points = await ask(store, Filter(), Trend(Interval.MONTH, "UTC"))

    assert sum(point.counts.touchpoints for point in points) == 200


@dataclass(frozen=True)
class Step:
    """One thing that happens: touchpoints come, or a consent is taken back."""

    name: str
    rows: Sequence[Touchpoint] = ()
    who: str = ""
    seconds: int = 0

    async def happen(self, world: World, number: int) -> None:
        match self.name:
            case "record":
                await world.record_touchpoints(*self.rows)
            case "withdraw":
                async with world.database.tx() as tx:
                    await withdraw_consent(tx, an_id(self.who))
            case "refuse":
                async with world.database.tx() as tx:
                    await record_account_consent(
                        tx,
                        an_id(self.who),
                        {"analytics": False},
                        version=number,
                        at=at(self.seconds),
                    )


def steps_of(draw: random.Random) -> list[Step]:
    """A long story: touchpoints in any order of time, repeated ones, and consents taken back."""
    rows = a_story(draw, count=draw.choice([60, 200]))
    steps: list[Step] = []
    while rows:
        size = draw.randrange(1, 40)
        chunk, rows = rows[:size], rows[size:]
        again = draw.sample(chunk, draw.choice([0, len(chunk) // 2]))
        steps += [Step("record", chunk), Step("record", again)]
        if draw.random() < 0.2:
            steps.append(Step("withdraw", who=f"v{draw.randrange(8)}"))
        if draw.random() < 0.2:
            steps.append(
                Step("refuse", who=f"c{draw.randrange(5)}", seconds=draw.randrange(60 * DAY))
            )
    return steps


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Lets threads take turns so often that what they share without a lock breaks."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
async def test_files_are_merged_however_threads_take_turns(
    world: World, table: HistoryTable
) -> None:
    rows = a_story(random.Random(3), count=240)

    merged = 0
    for first in range(0, len(rows), 40):
        await world.record_touchpoints(*rows[first : first + 40])
        done = await run_round(
            world.database, table, before=at(70 * DAY), most_files=1, keeps=timedelta(0)
        )
        merged += done.merged_files if done else 0

    assert merged > 0
    assert await world.rows() == []


async def assert_that_people_are_alike(world: World, table: HistoryTable, twin: World) -> None:
    """Holds that each person's touchpoints are those of a twin that moved nothing to files."""
    joined, plain = JoinedStore(world.database, table), PostgresStore(twin.database)
    async with twin.database.read() as read:
        handles = await read.fetch(
            "SELECT DISTINCT unnest(ARRAY[visitor_id, guest_id, customer_id]) FROM touchpoint "
            "ORDER BY 1 LIMIT 6"
        )
    for id in [id for (id,) in handles if id is not None]:
        async with twin.database.read() as read:
            is_customer = id in await find_customers(read, [id])
            get_person = get_person_of_customer if is_customer else get_person_of_handle
            person = await get_person(read, id)
        found, expected = await joined.list_of_person(person), await plain.list_of_person(person)
        assert [alike(one) for one in found] == [alike(one) for one in expected]


def alike(one: StoredTouchpoint) -> tuple[object, ...]:
    return one.row._replace(received_at=at(0)), one.properties


@pytest.mark.parametrize("seed", range(8))
async def test_moves_between_any_steps_change_no_answer(
    world: World, table: HistoryTable, seed: int
) -> None:
    draw = random.Random(1000 + seed)
    steps = steps_of(draw)
    wanted = Wanted(frozenset(EVERYTHING))

    async with fresh_database("journey") as database, a_world(database) as twin:
        for number, step in enumerate(steps):
            await step.happen(world, number)
            await step.happen(twin, number)
            if draw.random() < 0.3:
                await run_round(
                    world.database,
                    table,
                    before=at(draw.randrange(70 * DAY)),
                    most_files=draw.choice([1, 4]),
                    keeps=timedelta(0),
                )
            if draw.random() < 0.2:
                expected = await read_all(PostgresStore(twin.database), wanted)
                found = await read_all(JoinedStore(world.database, table), wanted)
                assert found == expected
                await assert_that_people_are_alike(world, table, twin)
