"""The worked example of surveys in docs/journeys.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chassis.rpc.documents import fill
from services.journey.tests.journey_world import World, an_id
from services.journey.tests.surveys import DAY, asked, live
from sojourn.journey.v1 import surveys_pb2 as pb

PAGE = Path(__file__).parents[4] / "docs" / "journeys.md"
BLOCK = re.compile(r"```json\n(.*?)```", re.DOTALL)


async def test_the_survey_of_the_page_asks_half_of_all_and_opens_a_task(world: World) -> None:
    put, answer = map(json.loads, BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    kept = pb.PutSurveyRequest(survey={"slug": "after-delivery"})
    fill(kept, put)
    await world.ask(world.survey_staff.PutSurvey, kept, world.staff)
    people = [f"visitor {number}" for number in range(20)]
    for name in people:
        await live(world, name, ago=2 * DAY + 60)
    due = []
    for name in people:
        request = pb.ListDueSurveysRequest(visitor_id=str(an_id(name)))
        reply = await world.ask(world.survey_answers.ListDueSurveys, request)
        due += [name for _ in reply.surveys]

    given = pb.AnswerSurveyRequest(token=(await asked(world, due[0])).token)
    fill(given, answer)
    await world.ask(world.survey_answers.AnswerSurvey, given)
    (task,) = (
        await world.ask(world.follow_ups.ListFollowUps, pb.ListFollowUpsRequest(), world.staff)
    ).follow_ups
    (text,) = (
        await world.ask(
            world.survey_staff.ListSurveyTexts,
            pb.ListSurveyTextsRequest(slug="after-delivery"),
            world.tokens.staff("feedback.texts.read"),
        )
    ).texts

    assert 3 <= len(due) <= 17
    assert (task.score, task.visitor_id) == (3, str(an_id(due[0])))
    assert (text.question, text.sentiment) == ("why", pb.SENTIMENT_NEGATIVE)
