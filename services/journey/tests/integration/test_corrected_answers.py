"""Answers that are corrected after their touchpoint moved into the files of history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.runtime.clock import real_now
from journey.history.files.table import HistoryTable
from journey.history.move import move_touchpoints
from journey.history.scan import JoinedStore
from journey.history.worker import run_round
from journey.store.store import Wanted
from services.journey.tests.integration.test_store import read_all
from services.journey.tests.journey_world import World, an_id, at, order_placed
from services.journey.tests.surveys import DAY, a_survey, answer, answered, put
from sojourn.journey.v1 import journey_pb2 as pb

WANTED = Wanted(frozenset({"kind", "property:score"}))


@pytest.fixture
async def table(world: World, tmp_path: Path) -> AsyncIterator[HistoryTable]:
    table = HistoryTable(str(tmp_path / "history"), str(world.database.pool.conninfo))
    yield table
    table.close()


def pass_time(world: World, seconds: float) -> None:
    world.database.clock.shift_to((at(seconds) - real_now()).total_seconds())


async def run_a_round(world: World, table: HistoryTable, days: float) -> None:
    done = await run_round(
        world.database, table, before=at(days * DAY), most_files=4, keeps=timedelta(0)
    )
    assert done is not None


async def scores(world: World, table: HistoryTable) -> list[str]:
    rows = await read_all(JoinedStore(world.database, table), WANTED)
    return [
        row.columns["property:score"] for row in rows if row.columns["kind"] == "feedback.given"
    ]


async def answer_order(world: World, score: int) -> None:
    token = world.surveys.token_of(an_id("O"), an_id("C"))
    request = pb.RecordFeedbackRequest(token=token, score=score)
    await world.ask(world.touchpoints.RecordFeedback, request)


async def test_an_answer_about_an_order_is_counted_once_with_its_last_score(
    world: World, table: HistoryTable
) -> None:
    pass_time(world, 0)
    await world.hear(order_placed(), consent="granted", visitor="V")
    await answer_order(world, 3)
    await run_a_round(world, table, 50)
    assert [row.kind for row in await world.rows()] == []

    pass_time(world, 60 * DAY)
    await answer_order(world, 9)
    at_once = await scores(world, table)
    await run_a_round(world, table, 50)
    later = await scores(world, table)
    await answer_order(world, 10)
    await run_a_round(world, table, 100)

    assert (at_once, later, await scores(world, table)) == (["9"], ["9"], ["10"])


async def test_an_answer_to_a_survey_is_counted_once_with_its_last_score(
    world: World, table: HistoryTable
) -> None:
    pass_time(world, 0)
    await put(world, a_survey())
    token = await answered(world, 3)
    await run_a_round(world, table, 50)
    pass_time(world, 10 * DAY)
    await answer(world, token, 9)
    # A move that is under way does not take the new one for the old one.
    await move_touchpoints(world.database, table, before=at(50 * DAY))
    moved = await scores(world, table)
    await run_a_round(world, table, 50)

    assert (moved, await scores(world, table)) == (["9"], ["9"])


async def test_a_repeat_of_the_same_answer_changes_no_touchpoint(world: World) -> None:
    await put(world, a_survey())
    token = await answered(world, 3)
    before = await world.rows()

    await answer(world, token, 3)

    assert await world.rows() == before
