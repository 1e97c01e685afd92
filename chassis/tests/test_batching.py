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
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc
from sojourn.common.v1 import batch_pb2, batch_pb2_grpc


class CartNotFound(NotFound):
    """No such cart for this caller."""


class SlowServicer(Servicer, pb_grpc.CartServiceServicer):
    """Answers once it is let."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        super().__init__(database, tokens.verifier())
        self.may_answer = asyncio.Event()
        self.asked: list[str] = []

    @read()
    async def GetCart(self, request: pb.GetCartRequest, call: Call) -> pb.Cart:
        self.asked.append(request.cart_id)
        await self.may_answer.wait()
        if request.cart_id.startswith("gone"):
            raise CartNotFound(cart_id=request.cart_id)
        return pb.Cart(id=request.cart_id, channel=str(call.caller.subject_id))


class Counted:
    """A server whose calls are counted."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self.calls: list[str] = []
        self.servicer = SlowServicer(database, tokens)
        self.server = batching(grpc.aio.server(interceptors=[_Counting(self.calls)]))
        pb_grpc.add_CartServiceServicer_to_server(self.servicer, self.server)


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
    peer = Peer("cart", f"ipv4:127.0.0.1:{port}")
    yield counted, peer
    await peer.close()
    await counted.server.stop(0)


async def _all_asked(counted: Counted, peer: Peer, tokens: Tokens, ids: list[str]) -> list[object]:
    stub = peer.stub(pb_grpc.CartServiceStub)
    asks = [peer.ask(stub.GetCart, pb.GetCartRequest(cart_id=id), authorization=tokens.guest(), together=True) for id in ids]
    answers = asyncio.gather(*asks, return_exceptions=True)
    await eventually(lambda: len(counted.servicer.asked) >= 2)
    counted.servicer.may_answer.set()
    return list(await answers)


async def test_what_is_asked_while_two_calls_are_under_way_goes_in_one(counted, tokens):
    ids = [f"cart-{number}" for number in range(20)]

    answers = await _all_asked(*counted, tokens, ids)

    assert [answer.id for answer in answers] == ids
    assert counted[0].calls[:2] == ["GetCart", "GetCart"]
    assert 1 <= counted[0].calls.count("Ask") <= 2
    assert len(counted[0].calls) <= 4


async def test_a_lone_call_goes_by_itself(counted, tokens):
    counted[0].servicer.may_answer.set()
    stub = counted[1].stub(pb_grpc.CartServiceStub)

    for _ in range(3):
        await counted[1].ask(stub.GetCart, pb.GetCartRequest(cart_id="a"), authorization=tokens.guest(), together=True)

    assert counted[0].calls == ["GetCart"] * 3


async def test_a_refusal_in_a_batch_is_one_caller_s_alone(counted, tokens):
    answers = await _all_asked(*counted, tokens, ["a", "b", "gone-1", "c", "gone-2"])

    assert [type(answer).__name__ for answer in answers] == ["Cart", "Cart", "NotFound", "Cart", "NotFound"]
    refusals = [answer for answer in answers if isinstance(answer, NotFound)]
    assert [(refusal.reason, refusal.metadata["cart_id"]) for refusal in refusals] == [
        ("CART_NOT_FOUND", "gone-1"),
        ("CART_NOT_FOUND", "gone-2"),
    ]


async def test_each_question_has_its_own_token(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.CartServiceStub)
    owners = [uuid7() for _ in range(5)]
    authorizations = [*(tokens.guest(owner) for owner in owners), ""]
    asks = [peer.ask(stub.GetCart, pb.GetCartRequest(cart_id="a"), authorization=each, together=True) for each in authorizations]

    answers = asyncio.gather(*asks, return_exceptions=True)
    await eventually(lambda: len(server.servicer.asked) >= 2)
    server.servicer.may_answer.set()
    *carts, refused = await answers

    assert [cart.channel for cart in carts] == [str(owner) for owner in owners]
    assert isinstance(refused, Unauthenticated)


async def test_a_question_has_its_own_deadline(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.CartServiceStub)
    held = [asyncio.ensure_future(_ask(peer, stub, tokens, timeout=5)) for _ in range(2)]
    await eventually(lambda: len(server.servicer.asked) == 2)

    with pytest.raises(DeadlineExceeded):
        await _ask(peer, stub, tokens, timeout=0.1)

    server.servicer.may_answer.set()
    assert [cart.id for cart in await asyncio.gather(*held)] == ["a", "a"]


async def _ask(peer, stub, tokens, *, timeout):
    return await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id="a"), authorization=tokens.guest(), timeout=timeout, together=True)


async def test_a_peer_that_is_away_is_away_for_the_whole_batch(counted, tokens):
    server, peer = counted
    stub = peer.stub(pb_grpc.CartServiceStub)
    asks = asyncio.gather(*(_ask(peer, stub, tokens, timeout=5) for _ in range(6)), return_exceptions=True)
    await eventually(lambda: len(server.servicer.asked) == 2)

    await server.server.stop(0)

    assert {type(answer) for answer in await asks} == {Unavailable}


async def test_a_peer_of_an_earlier_release_is_asked_one_by_one(database, tokens):
    servicer, calls = SlowServicer(database, tokens), list[str]()
    server = grpc.aio.server(interceptors=[_Counting(calls)])
    pb_grpc.add_CartServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer("cart", f"ipv4:127.0.0.1:{port}")
    stub = peer.stub(pb_grpc.CartServiceStub)

    asks = asyncio.gather(*(_ask(peer, stub, tokens, timeout=5) for _ in range(6)))
    await eventually(lambda: len(servicer.asked) == 2)
    servicer.may_answer.set()

    assert [cart.id for cart in await asks] == ["a"] * 6
    assert sorted(calls) == ["Ask", *["GetCart"] * 6]
    await peer.close()
    await server.stop(0)


async def test_a_batch_is_bounded_and_knows_only_the_service_s_own_methods(counted):
    batches = counted[1].stub(batch_pb2_grpc.BatchServiceStub)
    unknown = batch_pb2.Question(method="/sojourn.cart.v1.CartService/Nothing")

    response = await counted[1].ask(batches.Ask, batch_pb2.AskRequest(questions=[unknown]))
    with pytest.raises(Invalid) as refused:
        await counted[1].ask(batches.Ask, batch_pb2.AskRequest(questions=[unknown] * (MOST_QUESTIONS + 1)))

    assert [answer.code for answer in response.answers] == [grpc.StatusCode.UNIMPLEMENTED.value[0]]
    assert refused.value.reason == "TOO_MANY_QUESTIONS"


async def test_an_answer_that_does_not_fit_is_asked_for_alone_and_the_others_come_together(
    counted: tuple[Counted, Peer], tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, peer = counted
    monkeypatch.setattr("chassis.rpc.coalescing.MOST_ANSWER_BYTES", 2_000)
    ids = [str(uuid7()) for _ in range(8)] + ["large" * 500, "large" * 501]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "id", answer) for answer in answers] == ids
    assert server.calls.count("Ask") == 1


async def test_a_question_that_cannot_be_read_is_refused_alone(counted: tuple[Counted, Peer], tokens: Tokens) -> None:
    server, peer = counted
    server.servicer.may_answer.set()
    path, metadata = "/sojourn.cart.v1.CartService/GetCart", {"authorization": tokens.guest()}
    good = batch_pb2.Question(method=path, request=pb.GetCartRequest(cart_id="c").SerializeToString(), metadata=metadata)
    bad = batch_pb2.Question(method=path, request=b"\x0a\xff", metadata=metadata)

    reply = await peer.stub(batch_pb2_grpc.BatchServiceStub).Ask(batch_pb2.AskRequest(questions=[bad, good]))

    assert [answer.code for answer in reply.answers] == [grpc.StatusCode.INVALID_ARGUMENT.value[0], 0]


async def test_a_batch_that_fails_as_a_whole_is_asked_one_by_one(counted: tuple[Counted, Peer], tokens: Tokens) -> None:
    """A batch whose answers pass the most bytes of a message fails as a whole; only the largest answer fails alone."""
    server, peer = counted
    ids = [str(uuid7()) for _ in range(6)] + ["x" * 5_000_000]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "id", "") for answer in answers[:6]] == ids[:6]


async def test_questions_are_cut_by_bytes(counted: tuple[Counted, Peer], tokens: Tokens) -> None:
    server, peer = counted
    ids = [str(number) * 300_000 for number in range(8)]

    answers = await _all_asked(server, peer, tokens, ids)

    assert [getattr(answer, "id", answer) for answer in answers] == ids
    assert server.calls.count("Ask") >= 2


async def test_a_call_asks_a_peer_for_no_longer_than_its_own_deadline(counted: tuple[Counted, Peer], tokens: Tokens) -> None:
    _, peer = counted
    stub = peer.stub(pb_grpc.CartServiceStub)
    set_deadline(0.25)

    try:
        with pytest.raises(DeadlineExceeded):
            await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id="slow"), authorization=tokens.guest(), timeout=30)
        set_deadline(0)
        with pytest.raises(DeadlineExceeded):
            await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id="late"), authorization=tokens.guest(), timeout=30)
    finally:
        set_deadline(None)
    assert seconds_left(30) == 30


async def test_nobody_asks_a_peer_while_a_connection_is_out(counted: tuple[Counted, Peer], tokens: Tokens, database: Database) -> None:
    _, peer = counted
    stub = peer.stub(pb_grpc.CartServiceStub)

    async with database.tx() as tx:
        await tx.fetch("SELECT 1")
        with pytest.raises(ConnectionHeld):
            await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id="c"), authorization=tokens.guest())
