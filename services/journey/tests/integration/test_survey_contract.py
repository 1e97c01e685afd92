"""Facts of surveys that callers rely on, for the real service and for its fake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest

from chassis.rpc.client import Peer
from chassis.rpc.errors import Refused
from chassis.testing import Tokens, grpc_server
from journey.testing import FakeSurveyAnswers
from services.journey.tests.journey_world import World, an_id
from services.journey.tests.surveys import a_survey, live, put
from sojourn.journey.v1 import surveys_pb2 as pb
from sojourn.journey.v1 import surveys_pb2_grpc as pb_grpc


@pytest.fixture(params=["real", "fake"])
async def peer(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Peer]:
    if request.param == "real":
        await put(world, a_survey())
        await live(world)
        yield world.peer
        return
    fake = FakeSurveyAnswers(Tokens())
    add = partial(pb_grpc.add_SurveyAnswerServiceServicer_to_server, fake)
    async with grpc_server(add, name="journey") as found:
        yield found


async def test_a_visitor_is_due_until_asked_and_a_second_answer_replaces_the_first(
    peer: Peer,
) -> None:
    stub = pb_grpc.SurveyAnswerServiceStub(peer.channel)
    visitor = str(an_id("V"))

    async def due() -> list[str]:
        request = pb.ListDueSurveysRequest(visitor_id=visitor)
        return [one.slug for one in (await peer.ask(stub.ListDueSurveys, request)).surveys]

    before = await due()
    asking = pb.AskSurveyRequest(slug="after-delivery", visitor_id=visitor)
    asked = await peer.ask(stub.AskSurvey, asking)
    with pytest.raises(Refused) as refusal:
        await peer.ask(stub.AskSurvey, asking)
    given = [
        await peer.ask(stub.AnswerSurvey, pb.AnswerSurveyRequest(token=asked.token, score=score))
        for score in (3, 9)
    ]

    assert (before, await due()) == (["after-delivery"], [])
    assert (asked.slug, asked.type, asked.highest_score) == (
        "after-delivery",
        pb.SURVEY_TYPE_NPS,
        10,
    )
    assert refusal.value.reason == "SURVEY_NOT_DUE"
    assert [(one.slug, one.is_replaced) for one in given] == [
        ("after-delivery", False),
        ("after-delivery", True),
    ]
