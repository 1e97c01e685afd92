"""Surveys for tests: a survey with usual parts, and callers who are asked and answer."""

from __future__ import annotations

from typing import Any

from chassis.runtime.clock import uuid7
from services.journey.tests.journey_world import World, a_touchpoint, an_id
from sojourn.journey.v1 import surveys_pb2 as pb

KIND = "order.delivered"
DAY = 86_400


def a_survey(slug: str = "after-delivery", **facts: Any) -> pb.Survey:
    trigger = facts.pop("trigger", {})
    return pb.Survey(
        **{
            "slug": slug,
            "name": slug,
            "type": pb.SURVEY_TYPE_NPS,
            "state": pb.SURVEY_STATE_ACTIVE,
            "trigger": pb.SurveyTrigger(**{"kind": KIND, **trigger}),
            **facts,
        }
    )


def a_text(id: str = "why", **facts: Any) -> pb.SurveyQuestion:
    return pb.SurveyQuestion(
        **{"id": id, "type": pb.QUESTION_TYPE_TEXT, "text": {"en": "Why?", "de": "Warum?"}, **facts}
    )


async def put(world: World, survey: pb.Survey, *, version: int = 0) -> pb.Survey:
    request = pb.PutSurveyRequest(survey=survey, expected_version=version)
    return await world.ask(world.survey_staff.PutSurvey, request, world.staff)


async def put_rules(world: World, **rules: int) -> pb.SurveyRules:
    message = pb.SurveyRules(**{"days_between": 30, "most_per_year": 4, "answer_days": 30, **rules})
    request = pb.PutSurveyRulesRequest(rules=message)
    return await world.ask(world.survey_staff.PutSurveyRules, request, world.staff)


async def now_seconds(world: World) -> float:
    """Returns the time of the service's clock, as `at` counts it."""
    from services.journey.tests.journey_world import START

    return (world.database.clock.now() - START).total_seconds()


async def live(world: World, visitor: str = "V", *, ago: float = 60, **facts: Any) -> None:
    """Records the touchpoint after which surveys are asked."""
    seconds = await now_seconds(world) - ago
    row = a_touchpoint(facts.pop("kind", KIND), visitor=visitor, seconds=seconds, **facts)
    await world.record_touchpoints(row)


async def due(world: World, visitor: str = "V", token: str = "", *, locale: str = "") -> list[str]:
    request = pb.ListDueSurveysRequest(visitor_id=str(an_id(visitor)), locale=locale)
    reply = await world.ask(world.survey_answers.ListDueSurveys, request, token)
    return [one.slug for one in reply.surveys]


async def asked(
    world: World, visitor: str = "V", slug: str = "after-delivery", token: str = ""
) -> pb.AskedSurvey:
    request = pb.AskSurveyRequest(slug=slug, visitor_id=str(an_id(visitor)))
    return await world.ask(world.survey_answers.AskSurvey, request, token)


async def answer(
    world: World, token: str, score: int | None = 9, *answers: pb.QuestionAnswer, locale: str = "en"
) -> pb.AnswerSurveyResponse:
    request = pb.AnswerSurveyRequest(token=token, score=score, answers=answers, locale=locale)
    return await world.ask(world.survey_answers.AnswerSurvey, request)


async def answered(
    world: World, score: int | None = 9, text: str = "", *, visitor: str = "", **facts: Any
) -> str:
    """Lets somebody new be asked and answer; returns their token."""
    name = visitor or str(uuid7())
    await live(world, name, **facts)
    token = (await asked(world, name)).token
    values = [pb.QuestionAnswer(question="why", text=text)] if text else []
    await answer(world, token, score, *values)
    return token
