from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from chassis.data.connections import ConnectionHeld
from chassis.data.database import Database
from chassis.rpc.client import Peer
from chassis.rpc.coalescing import MOST_QUESTIONS, batching
from chassis.rpc.deadlines import seconds_left, set_deadline
from chassis.rpc.errors import DeadlineExceeded, Invalid, NotFound, Unauthenticated, Unavailable
from chassis.rpc.server import Call, Servicer, read
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, eventually
from sojourn.common.v1 import batch_pb2, batch_pb2_grpc
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc


class MapNotFound(NotFound):
    """No map has this slug."""


class SlowServicer(Servicer, pb_grpc.JourneyServiceServicer):
    """Answers once it is let."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        super().__init__(database, tokens.verifier())
        self.may_answer = asyncio.Event()
        self.asked: list[str] = []

    @read()
    async def PutMap(self, request: pb.PutMapRequest, call: Call) -> pb.JourneyMap:
        self.asked.append(request.map.slug)
        await self.may_answer.wait()
        if request.map.slug.startswith("gone"):
            raise MapNotFound(slug=request.map.slug)
        return pb.JourneyMap(slug=request.map.slug, lanes=[str(call.caller.subject_id)])


class Counted:
    """A server whose calls are counted."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self.calls: list[str] = []
        self.servicer = SlowServicer(database, tokens)
        self.server = batching(grpc.aio.server(interceptors=[_Counting(self.calls)]))
        pb_grpc.add_JourneyServiceServicer_to_server(self.servicer, self.server)


class _Counting(grpc.aio.ServerInterceptor):
    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    async def intercept_service(self, continuation, details):  # type: ignore[no-untyped-def]
        self._calls.append(details.method.rsplit("/", 1)[1])
        return await continuation(details)


@pytest.fixture
async def counted(database: Database, tokens: Tokens) -> AsyncIterator[tuple[Counted, Peer]]:
    counted = Counted(database, tokens)
    port = counted.server.add_insecure_port("127.0.0.1:0")
    await counted.server.start()
    peer = Peer("journey", f"ipv4:127.0.0.1:{port}")
    yield counted, peer
    await peer.close()
    await counted.server.stop(0)


def _map(slug: str) -> pb.PutMapRequest:
    return pb.PutMapRequest(map=pb.JourneyMap(slug=slug))


async def _all_asked(counted: Counted, peer: Peer, tokens: Tokens, ids: list[str]) -> list[object]:
    stub = peer.stub(pb_grpc.JourneyServiceStub)
    asks = [
        peer.ask(stub.PutMap, _map(id), authorization=tokens.guest(), together=True) for id in ids
    ]
    answers = asyncio.gather(*asks, return_exceptions=True)
    await eventually(lambda: len(counted.servicer.asked) >= 2)
    counted.servicer.may_answer.set()
    return list(await answers)


async def test_what_is_asked_while_two_calls_are_under_way_goes_in_one(counted, tokens):
    ids = [f"map-{number}" for number in range(20)]

    answers = await _all_asked(*counted, tokens, ids)

    assert [answer.slug for answer in answers] == ids
    assert counted[0].calls[:2] == ["PutMap", "PutMap"]
    assert 1 <= counted[0].calls.count("Ask") <= 2
    assert len(counted[0].calls) <= 4


async def test_a_lone_call_goes_by_itself(counted, tokens):
    counted[0].servicer.may_answer.set()
    stub = counted[1].stub(pb_grpc.JourneyServiceStub)

    for _ in range(3):
        await counted[1].ask(stub.PutMap, _map("a"), authorization=tokens.guest(), together=True)

    assert counted[0].calls == ["PutMap"] * 3


async def test_a_refusal_in_a_batch_is_one_caller_s_alone(counted, tokens):
    answers = await _all_asked(*counted, tokens, ["a", "b", "gone-1", "c", "gone-2"])

    assert [type(answer).__name__ for answer in answers] == [
        "JourneyMap",
        "JourneyMap",
        "NotFound",
        "JourneyMap",
        "NotFound",
    ]
    refusals = [answer for answer in answers if isinstance(answer, NotFound)]
    assert [(refusal.reason, refusal.metadata["slug"]) for refusal in refusals] == [
        ("MAP_NOT_FOUND", "gone-1"),
        ("MAP_NOT_FOUND", "gone-2"),
    ]


async def test_each_question_has_its_own_token(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.JourneyServiceStub)
    owners = [uuid7() for _ in range(5)]
    authorizations = [*(tokens.guest(owner) for owner in owners), ""]
    asks = [
        peer.ask(stub.PutMap, _map("a"), authorization=each, together=True)
        for each in authorizations
    ]

    answers = asyncio.gather(*asks, return_exceptions=True)
    await eventually(lambda: len(server.servicer.asked) >= 2)
    server.servicer.may_answer.set()
    *maps, refused = await answers

    assert [found.lanes[0] for found in maps] == [str(owner) for owner in owners]
    assert isinstance(refused, Unauthenticated)


async def test_a_question_has_its_own_deadline(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.JourneyServiceStub)
    held = [asyncio.ensure_future(_ask(peer, stub, tokens, timeout=5)) for _ in range(2)]
    await eventually(lambda: len(server.servicer.asked) == 2)

    with pytest.raises(DeadlineExceeded):
        await _ask(peer, stub, tokens, timeout=0.1)

    server.servicer.may_answer.set()
    assert [found.slug for found in await asyncio.gather(*held)] == ["a", "a"]


async def _ask(peer, stub, tokens, *, timeout):
    return await peer.ask(
        stub.PutMap, _map("a"), authorization=tokens.guest(), timeout=timeout, together=True
    )


async def test_a_peer_that_is_away_is_away_for_the_whole_batch(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.JourneyServiceStub)
    asks = asyncio.gather(
        *(_ask(peer, stub, tokens, timeout=5) for _ in range(6)), return_exceptions=True
    )
    await eventually(lambda: len(server.servicer.asked) == 2)

    await server.server.stop(0)

    assert {type(answer) for answer in await asks} == {Unavailable}


async def test_a_peer_of_an_earlier_release_is_asked_one_by_one(database, tokens):
    servicer, calls = SlowServicer(database, tokens), list[str]()
    server = grpc.aio.server(interceptors=[_Counting(calls)])
    pb_grpc.add_JourneyServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer("journey", f"ipv4:127.0.0.1:{port}")
    stub = peer.stub(pb_grpc.JourneyServiceStub)

    asks = asyncio.gather(*(_ask(peer, stub, tokens, timeout=5) for _ in range(6)))
    await eventually(lambda: len(servicer.asked) == 2)
    servicer.may_answer.set()

    assert [found.slug for found in await asks] == ["a"] * 6
    assert sorted(calls) == ["Ask", *["PutMap"] * 6]
    await peer.close()
    await server.stop(0)


async def test_a_batch_is_bounded_and_knows_only_the_service_s_own_methods(counted):
    batches = counted[1].stub(batch_pb2_grpc.BatchServiceStub)
    unknown = batch_pb2.Question(method="/sojourn.journey.v1.JourneyService/Nothing")

    response = await counted[1].ask(batches.Ask, batch_pb2.AskRequest(questions=[unknown]))
    with pytest.raises(Invalid) as refused:
        await counted[1].ask(
            batches.Ask, batch_pb2.AskRequest(questions=[unknown] * (MOST_QUESTIONS + 1))
        )

    assert [answer.code for answer in response.answers] == [grpc.StatusCode.UNIMPLEMENTED.value[0]]
    assert refused.value.reason == "TOO_MANY_QUESTIONS"


async def test_an_answer_that_does_not_fit_is_asked_for_alone_and_the_others_come_together(
    counted: tuple[Counted, Peer], tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, peer = counted
    monkeypatch.setattr("chassis.rpc.coalescing.MOST_ANSWER_BYTES", 2_000)
    ids = [str(uuid7()) for _ in range(8)] + ["large" * 500, "large" * 501]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "slug", answer) for answer in answers] == ids
    assert server.calls.count("Ask") == 1


async def test_a_question_that_cannot_be_read_is_refused_alone(
    counted: tuple[Counted, Peer], tokens: Tokens
) -> None:
    server, peer = counted
    server.servicer.may_answer.set()
    path, metadata = "/sojourn.journey.v1.JourneyService/PutMap", {"authorization": tokens.guest()}
    good = batch_pb2.Question(method=path, request=_map("c").SerializeToString(), metadata=metadata)
    bad = batch_pb2.Question(method=path, request=b"\x0a\xff", metadata=metadata)

    reply = await peer.stub(batch_pb2_grpc.BatchServiceStub).Ask(
        batch_pb2.AskRequest(questions=[bad, good])
    )

    assert [answer.code for answer in reply.answers] == [
        grpc.StatusCode.INVALID_ARGUMENT.value[0],
        0,
    ]


async def test_a_batch_that_fails_as_a_whole_is_asked_one_by_one(
    counted: tuple[Counted, Peer], tokens: Tokens
) -> None:
    """A batch beyond a message's size fails as a whole; alone only the largest answer fails."""
    server, peer = counted
    ids = [str(uuid7()) for _ in range(6)] + ["x" * 5_000_000]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "slug", "") for answer in answers[:6]] == ids[:6]


async def test_questions_are_cut_by_bytes(counted: tuple[Counted, Peer], tokens: Tokens) -> None:
    server, peer = counted
    ids = [str(number) * 300_000 for number in range(8)]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "slug", answer) for answer in answers] == ids
    assert server.calls.count("Ask") >= 2


async def test_a_call_asks_a_peer_for_no_longer_than_its_own_deadline(
    counted: tuple[Counted, Peer], tokens: Tokens
) -> None:
    _, peer = counted
    stub = peer.stub(pb_grpc.JourneyServiceStub)
    set_deadline(0.25)

    try:
        with pytest.raises(DeadlineExceeded):
            await peer.ask(stub.PutMap, _map("slow"), authorization=tokens.guest(), timeout=30)
        set_deadline(0)
        with pytest.raises(DeadlineExceeded):
            await peer.ask(stub.PutMap, _map("late"), authorization=tokens.guest(), timeout=30)
    finally:
        set_deadline(None)
    assert seconds_left(30) == 30


async def test_nobody_asks_a_peer_while_a_connection_is_out(
    counted: tuple[Counted, Peer], tokens: Tokens, database: Database
) -> None:
    _, peer = counted
    stub = peer.stub(pb_grpc.JourneyServiceStub)

    async with database.tx() as tx:
        await tx.fetch("SELECT 1")
        with pytest.raises(ConnectionHeld):
            await peer.ask(stub.PutMap, _map("c"), authorization=tokens.guest())
