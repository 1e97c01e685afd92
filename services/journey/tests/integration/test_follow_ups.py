from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from services.journey.tests.journey_world import World, an_id
from services.journey.tests.surveys import a_survey, answer, answered, put
from sojourn.common.v1.page_pb2 import Page
from sojourn.journey.v1 import surveys_pb2 as pb


async def listed(world: World, **request: Any) -> pb.ListFollowUpsResponse:
    asked_for = pb.ListFollowUpsRequest(**request)
    return await world.ask(world.follow_ups.ListFollowUps, asked_for, world.staff)


async def update(world: World, id: str, **change: Any) -> pb.FollowUp:
    request = pb.UpdateFollowUpRequest(id=id, **change)
    return await world.ask(world.follow_ups.UpdateFollowUp, request, world.staff)


async def close(world: World, id: str, **change: Any) -> pb.FollowUp:
    request = pb.CloseFollowUpRequest(**{"id": id, "reason": "Sent a new part.", **change})
    return await world.ask(world.follow_ups.CloseFollowUp, request, world.staff)


async def test_a_score_at_or_below_the_survey_s_own_opens_a_task(world: World) -> None:
    await put(world, a_survey(follow_up_at=6))
    await put(world, a_survey("without", trigger={"kind": "order.placed"}))
    for score in (7, 6, 0):
        await answered(world, score, visitor=f"V{score}")

    found = await listed(world)

    assert [(one.score, one.visitor_id) for one in found.follow_ups] == [
        (6, str(an_id("V6"))),
        (0, str(an_id("V0"))),
    ]
    assert {one.state for one in found.follow_ups} == {pb.FOLLOW_UP_STATE_OPEN}


async def test_a_corrected_answer_stays_one_task_with_its_last_score(world: World) -> None:
    await put(world, a_survey(follow_up_at=6))
    token = await answered(world, 3)
    await answer(world, token, 10)

    (task,) = (await listed(world)).follow_ups

    assert (task.score, task.state) == (10, pb.FOLLOW_UP_STATE_OPEN)


async def test_staff_assign_note_and_close_a_task(world: World) -> None:
    await put(world, a_survey(follow_up_at=6))
    await answered(world, 3)
    (task,) = (await listed(world)).follow_ups
    colleague = str(uuid7())

    given = await update(world, task.id, assignee_id=colleague, note="Called: Geheimrat is angry.")
    noted = await update(world, task.id, note="Called back.")
    with pytest.raises(Stale):
        await close(world, task.id, expected_version=task.version)
    closed = await close(world, task.id, expected_version=noted.version)
    with pytest.raises(Refused) as refusal:
        await update(world, task.id, is_released=True)
    with pytest.raises(NotFound):
        await close(world, str(uuid7()))

    assert (given.assignee_id, noted.assignee_id) == (colleague, colleague)
    assert (closed.state, closed.note, closed.reason) == (
        pb.FOLLOW_UP_STATE_CLOSED,
        "Called back.",
        "Sent a new part.",
    )
    assert closed.HasField("closed_at")
    assert refusal.value.reason == "FOLLOW_UP_IS_CLOSED"
    async with world.database.read() as read:
        audit = await read.fetch("SELECT action, audit::text FROM audit ORDER BY at, id")
    assert [action for action, _ in audit[1:]] == [
        "update_follow_up",
        "update_follow_up",
        "close_follow_up",
    ]
    assert not any("Geheimrat" in text for _, text in audit)


async def test_tasks_are_filtered_and_paged_the_oldest_first(world: World) -> None:
    await put(world, a_survey(follow_up_at=6))
    for score in (1, 2, 3):
        await answered(world, score)
    tasks = (await listed(world)).follow_ups
    colleague = str(uuid7())
    await update(world, tasks[1].id, assignee_id=colleague)
    await close(world, tasks[2].id)

    first = await listed(world, state=pb.FOLLOW_UP_STATE_OPEN, page=Page(size=1))
    second = await listed(
        world,
        state=pb.FOLLOW_UP_STATE_OPEN,
        page=Page(size=1, token=first.next_page_token),
    )

    assert [one.score for one in (*first.follow_ups, *second.follow_ups)] == [1, 2]
    assert not second.next_page_token
    own = await listed(world, assignee_id=colleague)
    assert [one.score for one in own.follow_ups] == [2]
    assert not (await listed(world, survey_slug="another")).follow_ups


async def test_results_tell_how_long_tasks_took(world: World) -> None:
    await put(world, a_survey(follow_up_at=6))
    for score in (1, 2, 3):
        await answered(world, score)
    tasks = (await listed(world)).follow_ups
    for task in tasks[:2]:
        await close(world, task.id)
    async with world.database.tx() as tx:
        await tx.run(
            "UPDATE follow_up SET closed_at = opened_at + score * interval '1 hour'"
            " WHERE state = 'closed'"
        )

    request = pb.GetSurveyResultsRequest(slug="after-delivery")
    found = await world.ask(world.survey_staff.GetSurveyResults, request, world.staff)

    counts = found.follow_ups
    assert (counts.opened, counts.closed, counts.median_seconds_to_close) == (3, 2, 3_600)
