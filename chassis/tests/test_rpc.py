from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from chassis.data.database import Database
from chassis.rpc.auth import Caller
from chassis.rpc.client import Peer
from chassis.rpc.errors import Denied, Exists, Internal, Invalid, NotFound, Refused, Unauthenticated
from chassis.rpc.server import Call, Servicer, read, write
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, grpc_server
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc


class OutOfStock(Refused):
    """There is not enough."""


class CartNotFound(NotFound):
    """No such cart for this caller."""


class SampleServicer(Servicer, pb_grpc.CartServiceServicer):
    callers: list[Caller] = []
    effects = 0

    @write(needs_key=True)
    async def AddLine(self, request: pb.AddLineRequest, call: Call) -> pb.Cart:
        async with call.tx() as tx:
            if request.line.quantity == 13:
                raise OutOfStock("only 2 left", variant_id=request.line.variant_id, available=2)
            await tx.run("SELECT pg_sleep(0.05)")
            self.effects += 1
            await tx.emit(pb.Cart(id=request.cart_id), key=request.cart_id)
        return pb.Cart(id=str(uuid7()), version=self.effects)

    @read()
    async def GetCart(self, request: pb.GetCartRequest, call: Call) -> pb.Cart:
        call.caller.must_own(uuid7(), CartNotFound())
        return pb.Cart()

    @write(scope="carts.write")
    async def ApplyCoupon(self, request: pb.ApplyCouponRequest, call: Call) -> pb.Cart:
        raise RuntimeError("secret of jane@example.org")

    @write()
    async def RemoveCoupon(self, request: pb.RemoveCouponRequest, call: Call) -> pb.Cart:
        async with call.tx() as tx:
            for _ in range(2):
                await tx.run(
                    "INSERT INTO inbox (event_id, handled_at) VALUES (%s, clock_timestamp())",
                    [uuid7()],
                )
                await tx.run(
                    "INSERT INTO timer VALUES (%s, 'k', %s, '{}', now(), 0, now(), '{}')",
                    [uuid7(), request.code],
                )
        return pb.Cart()

    @write()
    async def SetLineQuantity(self, request: pb.SetLineQuantityRequest, call: Call) -> pb.Cart:
        async with call.tx() as tx:
            await tx.run("SELECT %s::int8::int4", [request.expected_version])
        return pb.Cart()

    @read(public=True)
    async def GetCurrentCart(self, request: pb.GetCurrentCartRequest, call: Call) -> pb.Cart:
        return pb.Cart(id=call.caller.kind)


@pytest.fixture
async def peer(database: Database, tokens: Tokens) -> AsyncIterator[Peer]:
    servicer = SampleServicer(database, tokens.verifier())
    async with grpc_server(partial(pb_grpc.add_CartServiceServicer_to_server, servicer)) as peer:
        yield peer


@pytest.fixture
def stub(peer: Peer) -> pb_grpc.CartServiceAsyncStub:
    return pb_grpc.CartServiceStub(peer.channel)


CART, VARIANT = str(uuid7()), str(uuid7())


def a_line(quantity: int = 1) -> pb.AddLineRequest:
    return pb.AddLineRequest(cart_id=CART, line=pb.LineInput(variant_id=VARIANT, quantity=quantity))


async def test_ten_twins_have_one_effect_and_one_answer(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, database: Database, tokens: Tokens
) -> None:
    me, seen = tokens.guest(), [dict[str, str]() for _ in range(10)]

    replies = await asyncio.gather(
        *(peer.ask(stub.AddLine, a_line(), authorization=me, key="k", seen=mark) for mark in seen)
    )

    assert len({reply.id for reply in replies}) == 1
    assert sum(mark.get("idempotency-replayed") == "true" for mark in seen) == 9
    async with database.read() as read:
        assert await read.fetch("SELECT count(*) FROM outbox") == [(1,)]


async def test_another_body_under_the_key_is_refused(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    me = tokens.guest()
    await peer.ask(stub.AddLine, a_line(), authorization=me, key="k")

    with pytest.raises(Exists) as refusal:
        await peer.ask(stub.AddLine, a_line(2), authorization=me, key="k")

    assert refusal.value.reason == "KEY_REUSED"


async def test_keys_of_two_callers_do_not_meet(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    one = await peer.ask(stub.AddLine, a_line(), authorization=tokens.guest(), key="k")
    other = await peer.ask(stub.AddLine, a_line(2), authorization=tokens.guest(), key="k")

    assert one.id != other.id


async def test_a_refusal_keeps_its_reason_and_facts_and_is_evaluated_anew(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    me = tokens.guest()
    with pytest.raises(Refused) as refusal:
        await peer.ask(stub.AddLine, a_line(13), authorization=me, key="k")

    assert refusal.value.reason == "OUT_OF_STOCK"
    assert refusal.value.metadata == {"variant_id": VARIANT, "available": "2"}
    # Nothing was stored under the key: another body may use it.
    assert (await peer.ask(stub.AddLine, a_line(1), authorization=me, key="k")).id


async def test_a_defect_tells_nothing(
    peer: Peer,
    stub: pb_grpc.CartServiceAsyncStub,
    tokens: Tokens,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Internal) as failure:
        await peer.ask(
            stub.ApplyCoupon,
            pb.ApplyCouponRequest(cart_id=CART, code="c"),
            authorization=tokens.staff("carts.write"),
        )

    assert "jane" not in str(failure.value)
    assert "jane" not in "".join(capfd.readouterr())


async def test_who_may_not_is_told_apart(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    with pytest.raises(Unauthenticated) as no_token:
        await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id=CART))
    with pytest.raises(Unauthenticated) as expired:
        await peer.ask(
            stub.GetCart,
            pb.GetCartRequest(cart_id=CART),
            authorization="Bearer " + tokens.create("guest", uuid7(), expires_in=-1),
        )
    with pytest.raises(Unauthenticated) as foreign:
        await peer.ask(
            stub.GetCart, pb.GetCartRequest(cart_id=CART), authorization=Tokens().guest()
        )
    with pytest.raises(Denied) as unscoped:
        await peer.ask(
            stub.ApplyCoupon,
            pb.ApplyCouponRequest(cart_id=CART, code="c"),
            authorization=tokens.guest(),
        )
    with pytest.raises(NotFound) as stranger:
        await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id=CART), authorization=tokens.guest())
    with pytest.raises(Invalid) as keyless:
        await peer.ask(stub.AddLine, a_line(), authorization=tokens.guest())

    reasons = [
        error.value.reason for error in (no_token, expired, foreign, unscoped, stranger, keyless)
    ]
    assert reasons == [
        "MISSING_TOKEN",
        "INVALID_TOKEN",
        "INVALID_TOKEN",
        "SCOPE_REQUIRED",
        "CART_NOT_FOUND",
        "KEY_REQUIRED",
    ]


async def test_a_public_method_needs_no_token_but_refuses_a_bad_one(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub
) -> None:
    reply = await peer.ask(stub.GetCurrentCart, pb.GetCurrentCartRequest())

    assert reply.id == "anonymous"
    with pytest.raises(Unauthenticated):
        await peer.ask(
            stub.GetCurrentCart, pb.GetCurrentCartRequest(), authorization="Bearer x.y.z"
        )


async def test_two_first_writes_of_one_row_are_a_conflict_and_change_nothing(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, database: Database, tokens: Tokens
) -> None:
    with pytest.raises(Exists) as refusal:
        await peer.ask(
            stub.RemoveCoupon,
            pb.RemoveCouponRequest(cart_id=CART, code="twice"),
            authorization=tokens.guest(),
        )

    assert refusal.value.reason == "ALREADY_EXISTS"
    async with database.read() as read:
        assert await read.fetch("SELECT 1 FROM inbox UNION ALL SELECT 1 FROM timer") == []


async def test_a_value_that_no_column_takes_is_refused(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    with pytest.raises(Invalid) as refusal:
        await peer.ask(
            stub.SetLineQuantity,
            pb.SetLineQuantityRequest(cart_id=CART, line_id=VARIANT, expected_version=2**40),
            authorization=tokens.guest(),
        )

    assert refusal.value.reason == "INVALID_VALUE"


@pytest.mark.parametrize("text", ["a\x00", "\x1b[31m", "a\x7f", "\x85"])
async def test_a_text_with_control_characters_reaches_no_method(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens, text: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await peer.ask(
            stub.AddLine, pb.AddLineRequest(cart_id=text), authorization=tokens.guest(), key="k"
        )

    assert (refusal.value.reason, refusal.value.metadata) == ("INVALID_TEXT", {"path": "cart_id"})


async def test_a_token_that_acts_for_a_shopper_is_taken_only_where_a_method_says_so(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    acting = tokens.service("checkout", "carts.write", act_for=uuid7(), at="tests")

    for method, request in (
        (stub.GetCart, pb.GetCartRequest(cart_id=CART)),
        (stub.GetCurrentCart, pb.GetCurrentCartRequest()),
    ):
        with pytest.raises(Denied) as refusal:
            await peer.ask(method, request, authorization=acting)
        assert refusal.value.reason == "ACTING_NOT_ALLOWED"


async def test_staff_act_in_the_place_of_a_shopper_only_where_a_method_says_so(
    peer: Peer, stub: pb_grpc.CartServiceAsyncStub, tokens: Tokens
) -> None:
    delegated = tokens.delegated(staff_id=uuid7())

    with pytest.raises(Denied) as refusal:
        await peer.ask(stub.GetCart, pb.GetCartRequest(cart_id=CART), authorization=delegated)

    assert refusal.value.reason == "ACTING_NOT_ALLOWED"
