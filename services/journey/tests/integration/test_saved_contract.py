"""The facts of saved questions that the gateway relies on, of the real service and its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.rpc.client import Peer
from chassis.rpc.errors import DomainError
from chassis.testing import Tokens, fresh_database, grpc_server
from journey.testing import FakeSavedQuestions
from services.journey.tests.journey_world import a_world
from sojourn.journey.v1 import saved_questions_pb2 as pb
from sojourn.journey.v1 import saved_questions_pb2_grpc as pb_grpc


@contextlib.asynccontextmanager
async def a_real_one() -> AsyncIterator[tuple[Peer, Tokens]]:
    async with fresh_database("journey") as database, a_world(database) as world:
        yield world.peer, world.tokens


@contextlib.asynccontextmanager
async def a_fake() -> AsyncIterator[tuple[Peer, Tokens]]:
    tokens = Tokens()
    fake = FakeSavedQuestions(tokens)
    async with grpc_server(
        partial(pb_grpc.add_SavedQuestionServiceServicer_to_server, fake), name="journey"
    ) as peer:
        yield peer, tokens


@pytest.mark.parametrize("service", [a_real_one, a_fake], ids=["real", "fake"])
async def test_a_question_is_kept_by_its_slug_and_its_version_rises(service: type) -> None:
    document = Struct()
    document.update({"interval": "week"})

    async with service() as (peer, tokens):
        saved = peer.stub(pb_grpc.SavedQuestionServiceStub)
        staff = tokens.staff("journeys.read", "journeys.write")

        async def ask(method: Any, request: Any) -> Any:
            return await peer.ask(method, request, authorization=staff)

        async def put(version: int) -> Any:
            request = pb.PutSavedQuestionRequest(
                slug="weekly", name="Weekly", kind=pb.QUESTION_KIND_TREND, request=document,
                expected_version=version,
            )  # fmt: skip
            return await ask(saved.PutSavedQuestion, request)

        versions = [(await put(0)).version, (await put(1)).version]
        with pytest.raises(DomainError) as stale:
            await put(1)
        found = await ask(saved.GetSavedQuestion, pb.GetSavedQuestionRequest(slug="weekly"))
        answer = await ask(saved.AnswerSavedQuestion, pb.AnswerSavedQuestionRequest(slug="weekly"))
        listed = await ask(saved.ListSavedQuestions, pb.ListSavedQuestionsRequest(kind=1))
        await ask(saved.DeleteSavedQuestion, pb.DeleteSavedQuestionRequest(slug="weekly"))
        with pytest.raises(DomainError) as gone:
            await ask(saved.GetSavedQuestion, pb.GetSavedQuestionRequest(slug="weekly"))

    assert versions == [1, 2]
    assert stale.value.reason == "VERSION_MISMATCH"
    assert found.request == document
    assert answer.HasField("trend")
    assert answer.question == found
    assert list(listed.questions) == [found]
    assert gone.value.reason == "SAVED_QUESTION_NOT_FOUND"
