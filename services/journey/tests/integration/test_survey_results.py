from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY, generate_latest

from chassis.rpc.errors import Denied, DomainError, Invalid
from chassis.runtime.clock import uuid7
from journey.map_sharing.actions import put_map_sharing
from journey.map_sharing.model import Grant, MapRole
from services.journey.tests.journey_world import World, a_touchpoint, kinds
from services.journey.tests.surveys import (
    KIND,
    a_survey,
    a_text,
    answer,
    answered,
    asked,
    live,
    put,
)
from sojourn.common.v1.page_pb2 import Page
from sojourn.journey.v1 import questions_pb2 as questions
from sojourn.journey.v1 import saved_questions_pb2 as saved
from sojourn.journey.v1 import surveys_pb2 as pb


async def results(world: World, **request: Any) -> pb.SurveyResults:
    asked_for = pb.GetSurveyResultsRequest(**{"slug": "after-delivery", **request})
    return await world.ask(world.survey_staff.GetSurveyResults, asked_for, world.staff)


async def texts(world: World, **request: Any) -> pb.ListSurveyTextsResponse:
    asked_for = pb.ListSurveyTextsRequest(**{"slug": "after-delivery", **request})
    token = world.tokens.staff("feedback.texts.read")
    return await world.ask(world.survey_staff.ListSurveyTexts, asked_for, token)


def counted(counts: Any) -> dict[str, int]:
    return {one.answer: one.count for one in counts}


async def test_nps_is_promoters_less_detractors_with_its_margin(world: World) -> None:
    await put(world, a_survey())
    for score in (10, 9, 9, 8, 7, 6, 0):
        await answered(world, score)

    found = await results(world)

    # Points of 100, 0 and -100: their mean and 1.96 of its standard errors.
    mean = 100 / 7
    variance = (3 * (100 - mean) ** 2 + 2 * mean**2 + 2 * (-100 - mean) ** 2) / 7
    assert (found.total.answers, found.total.score) == (7, pytest.approx(mean))
    assert found.total.margin_of_error == pytest.approx(1.96 * math.sqrt(variance / 7))
    assert counted(found.total.scores) == {"0": 1, "6": 1, "7": 1, "8": 1, "9": 2, "10": 1}
    assert (found.counts.asked, found.counts.answered) == (7, 7)


@pytest.mark.parametrize(
    ("type", "scores", "value"),
    [
        (pb.SURVEY_TYPE_CSAT, (5, 4, 4, 3, 1), 60.0),
        (pb.SURVEY_TYPE_CES, (7, 7, 4, 2), 5.0),
    ],
)
async def test_csat_is_the_share_of_4_and_5_and_ces_the_mean(
    world: World, type: int, scores: tuple[int, ...], value: float
) -> None:
    await put(world, a_survey(type=type))
    for score in scores:
        await answered(world, score)

    assert (await results(world)).total.score == pytest.approx(value)


async def test_without_answers_there_is_no_margin_and_without_a_score_no_score(
    world: World,
) -> None:
    await put(world, a_survey())
    await put(world, a_survey("free", type=pb.SURVEY_TYPE_FREE, questions=[a_text()]))

    scored, free = await results(world), await results(world, slug="free")

    assert (scored.total.score, scored.total.margin_of_error) == (0, 0)
    assert scored.total.HasField("score")
    assert not free.total.HasField("score")


async def test_answers_to_questions_are_counted_in_the_order_of_the_question(world: World) -> None:
    choices = [pb.SurveyChoice(id=id, text={"en": id}) for id in ("red", "blue", "green")]
    questions = [
        a_text("some", type=pb.QUESTION_TYPE_MULTIPLE_CHOICE, choices=choices),
        a_text("scale", type=pb.QUESTION_TYPE_SCALE, lowest=1, highest=3),
        a_text(),
    ]
    await put(world, a_survey(questions=questions))
    for chosen, number in ((["blue", "red"], 3), (["blue"], 3), ([], 1)):
        await live(world, name := f"{chosen}")
        values = [
            pb.QuestionAnswer(question="some", choices=chosen),
            pb.QuestionAnswer(question="scale", number=number),
            pb.QuestionAnswer(question="why", text="because"),
        ]
        await answer(world, (await asked(world, name)).token, 9, *values)

    found = await results(world)

    assert [(one.question, counted(one.answers)) for one in found.total.questions] == [
        ("some", {"red": 1, "blue": 2}),
        ("scale", {"1": 1, "3": 2}),
    ]


async def test_results_are_broken_down_by_a_column_of_the_touchpoint(world: World) -> None:
    await put(world, a_survey())
    for score, channel, source, page in (
        (10, "de", "newsletter", "a"),
        (0, "us", "ads", "a"),
        (9, "de", "ads", "b"),
    ):
        await answered(
            world, score, channel=channel, utm_source=source, properties=f'{{"page":"{page}"}}'
        )

    async def scores(by: str, **more: Any) -> dict[str, float]:
        found = await results(world, by=by, **more)
        return {one.value: one.tally.score for one in found.segments}

    assert await scores("channel") == {"de": 100, "us": -100}
    assert await scores("utm_source") == {"newsletter": 100, "ads": 0}
    assert await scores("property:page") == {"a": 0, "b": 100}
    assert await scores("medium") == {"page": pytest.approx(100 / 3)}
    with pytest.raises(Invalid) as refusal:
        await scores("colour")
    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("INVALID_QUESTION", "by")


async def test_results_are_broken_down_by_the_stages_of_a_map(world: World) -> None:
    await world.put_map("my-map", [kinds("product.view")], [kinds("order.placed", KIND)])
    await put(world, a_survey())
    await answered(world, 10)

    found = await results(world, by="stage", map="my-map")

    assert [(one.value, one.tally.answers) for one in found.segments] == [("stage-1", 1)]
    owner = uuid7()
    async with world.database.tx() as tx:
        grants = [Grant(owner, MapRole.OWN)]
        await put_map_sharing(
            tx, "my-map", MapRole.NONE, grants, actor_id=owner, expected_version=0
        )
    with pytest.raises(DomainError, match="map not found"):
        await results(world, by="stage", map="my-map")


async def test_results_are_broken_down_by_local_time(world: World) -> None:
    await put(world, a_survey())
    for number, score in enumerate((10, 0, 9)):
        await answered(world, score)
        async with world.database.tx() as tx:
            await tx.run(
                "UPDATE survey_answer SET given_at = '2026-01-30T23:30:00Z'::timestamptz"
                " + %s * interval '1 day' WHERE score = %s",
                [number, score],
            )

    async def begins(**request: Any) -> list[tuple[str, float]]:
        found = await results(world, **request)
        return [(one.begin, one.tally.score) for one in found.segments]

    month, day = pb.RESULTS_PERIOD_MONTH, pb.RESULTS_PERIOD_DAY
    assert await begins(period=month) == [("2026-01-01", 0), ("2026-02-01", 100)]
    assert await begins(period=day, time_zone="Europe/Berlin") == [
        ("2026-01-31", 100),
        ("2026-02-01", -100),
        ("2026-02-02", 100),
    ]
    with pytest.raises(Invalid):
        await begins(period=day, time_zone="Mars/Olympus")


async def test_texts_need_a_scope_of_their_own(world: World) -> None:
    await put(world, a_survey(questions=[a_text()]))
    request = pb.ListSurveyTextsRequest(slug="after-delivery")

    with pytest.raises(Denied) as refusal:
        await world.ask(world.survey_staff.ListSurveyTexts, request, world.staff)

    assert refusal.value.reason == "SCOPE_REQUIRED"


async def test_texts_are_paged_the_newest_first_and_filtered(world: World) -> None:
    await put(world, a_survey(questions=[a_text(), a_text("more")]))
    for score, text in ((9, "It is great"), (2, "Broken and late"), (5, "It came in a box")):
        await answered(world, score, text)
    await answered(world, 10)

    first = await texts(world, page=Page(size=2))
    second = await texts(world, page=Page(size=2, token=first.next_page_token))
    bad = await texts(world, sentiment=pb.SENTIMENT_NEGATIVE)
    low = await texts(world, score_at_most=5)
    other = await texts(world, question="more")

    assert [one.text for one in (*first.texts, *second.texts)] == [
        "It came in a box",
        "Broken and late",
        "It is great",
    ]
    assert [bool(page.next_page_token) for page in (first, second)] == [True, False]
    assert [(one.text, one.score, one.sentiment) for one in bad.texts] == [
        ("Broken and late", 2, pb.SENTIMENT_NEGATIVE)
    ]
    assert {one.text for one in low.texts} == {"Broken and late", "It came in a box"}
    assert not other.texts
    assert counted((await results(world)).total.sentiments) == {
        "positive": 1,
        "neutral": 1,
        "negative": 1,
    }


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that is logged, as operators see it."""
    written, before = io.StringIO(), structlog.get_config()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(**{**before, "logger_factory": structlog.PrintLoggerFactory(written)})
    yield written
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)


async def test_no_log_and_no_metric_has_a_text_or_a_token(world: World, logs: io.StringIO) -> None:
    await put(world, a_survey(questions=[a_text()]))
    token = await answered(world, 3, "Geheimrat was here")
    async with world.database.tx() as tx:
        await tx.run("ALTER TABLE survey_answer ADD CONSTRAINT broken CHECK (score > 3) NOT VALID")
    why = pb.QuestionAnswer(question="why", text="Geheimrat was here")
    with pytest.raises(Exception, match="internal"):
        await answer(world, token, 2, why)

    assert "CheckViolation" in logs.getvalue()
    seen = logs.getvalue() + generate_latest(REGISTRY).decode()
    assert [secret for secret in ("Geheimrat", token) if secret in seen] == []


async def test_results_of_segments_are_compared(world: World) -> None:
    await put(world, a_survey())
    for visitor, score, channel in (("Ana", 10, "de"), ("Ben", 0, "us"), ("Eve", 9, "de")):
        await answered(world, score, visitor=visitor, channel=channel)
    # Whoever searched, whenever and wherever that was.
    await world.record_touchpoints(a_touchpoint("search", visitor="Ben", seconds=-9_000))
    for slug, filter in (
        ("german", {"channels": ["de"]}),
        ("searching", {"conditions": [{"field": "kind", "any_of": ["search"]}]}),
        ("nobody", {"channels": ["mars"]}),
    ):
        await put_segment(world, slug, **filter)

    found = await results(world, compare_segments=["german", "searching", "nobody"])

    assert [(one.segment, one.tally.answers, one.tally.score) for one in found.compared] == [
        ("german", 2, 100),
        ("searching", 1, -100),
        ("nobody", 0, 0),
    ]
    assert found.total.answers == 3
    with pytest.raises(Invalid) as refusal:
        await results(world, compare_segments=["german", "unknown"])
    assert refusal.value.metadata["field"] == "compare_segments[1]"


async def put_segment(world: World, slug: str, **filter: Any) -> None:
    message = saved.PutSegmentRequest(
        slug=slug, name=slug, filter=questions.TouchpointFilter(**filter)
    )
    await world.ask(world.saved.PutSegment, message, world.staff)
