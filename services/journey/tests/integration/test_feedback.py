from __future__ import annotations

import pytest

from chassis.rpc.errors import Invalid
from journey.feedback.survey_tokens import SurveyTokens
from services.journey.tests.journey_world import World, an_id, order_placed
from sojourn.journey.v1 import journey_pb2 as pb


async def answer(
    world: World, order: str, score: int, *, owner: str = "", comment: str = ""
) -> pb.RecordFeedbackResponse:
    token = world.surveys.token_of(an_id(order), an_id(owner) if owner else None)
    return await world.ask(
        world.touchpoints.RecordFeedback,
        pb.RecordFeedbackRequest(token=token, score=score, comment=comment),
    )


async def score(world: World, channel: str = "") -> pb.RecommendationScore:
    return await world.ask(
        world.journeys.GetRecommendationScore,
        pb.GetRecommendationScoreRequest(channel=channel),
        world.staff,
    )


async def test_an_answer_is_kept_once_for_an_order_and_a_repeat_replaces_it(world: World) -> None:
    await world.hear(order_placed(), consent="granted", visitor="V")

    first = await answer(world, "O", 3, comment="late")
    second = await answer(world, "O", 9)

    assert (first.is_replaced, second.is_replaced, second.score, second.order_id) == (
        False,
        True,
        9,
        str(an_id("O")),
    )
    given = [row for row in await world.rows() if row.kind == "feedback.given"]
    assert [(row.guest_id, row.subject, row.properties) for row in given] == [
        (an_id("C"), str(an_id("O")), {"score": "9", "group": "promoter"})
    ]
    async with world.database.read() as read:
        assert await read.fetch("SELECT score, comment, channel FROM feedback") == [
            (9, "", "default")
        ]


async def test_an_answer_without_consent_is_kept_without_a_touchpoint(world: World) -> None:
    await answer(world, "O", 10)
    await answer(world, "O2", 0, owner="C")

    assert await world.rows() == []
    assert (await score(world)).answers == 2


async def test_the_score_is_promoters_minus_detractors(world: World) -> None:
    assert (await score(world)).score == 0
    for number, points in enumerate([10, 9, 9, 8, 7, 6, 0]):
        await answer(world, f"O{number}", points)

    found = await score(world)

    assert (found.answers, found.promoters, found.passives, found.detractors) == (7, 3, 2, 2)
    assert found.score == pytest.approx(100 / 7)
    assert (await score(world, "elsewhere")).answers == 0


async def test_what_is_no_answer_is_refused(world: World) -> None:
    good, forged = (
        world.surveys.token_of(an_id("O")),
        SurveyTokens("another's secret").token_of(an_id("O")),
    )
    requests = {
        ("INVALID_SURVEY_TOKEN", ""): pb.RecordFeedbackRequest(token=forged, score=5),
        ("INVALID_FIELD", "score"): pb.RecordFeedbackRequest(token=good, score=11),
        ("INVALID_FIELD", "comment"): pb.RecordFeedbackRequest(
            token=good, score=1, comment="x" * 2_001
        ),
    }

    for (reason, path), request in requests.items():
        with pytest.raises(Invalid) as refusal:
            await world.ask(world.touchpoints.RecordFeedback, request)
        assert (refusal.value.reason, refusal.value.metadata.get("path", "")) == (reason, path)
