"""The facts of journey that the gateway relies on, true of the real service and of its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest

from chassis.rpc.auth import SYNTHETIC
from chassis.rpc.client import Peer
from chassis.rpc.errors import Invalid
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, fresh_database, grpc_server
from journey.testing import FakeTouchpoints
from services.journey.tests.journey_world import CONSENTS, a_world
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import journey_pb2_grpc as pb_grpc


@dataclass
class Journey:
    """A journey service and the gateway that calls it."""

    peer: Peer
    tokens: Tokens

    def __post_init__(self) -> None:
        self.touchpoints = self.peer.stub(pb_grpc.TouchpointServiceStub)

    async def record(
        self, *ids: str, visitor_id: str = "", consent: str = "granted", token: str = ""
    ) -> pb.RecordTouchpointsResponse:
        touchpoints = [pb.BeaconTouchpoint(id=id, kind="video.play") for id in ids]
        request = pb.RecordTouchpointsRequest(
            visitor_id=visitor_id or str(uuid7()),
            consent=CONSENTS[consent],
            touchpoints=touchpoints,
        )
        reply: pb.RecordTouchpointsResponse = await self.peer.ask(
            self.touchpoints.RecordTouchpoints, request, authorization=token
        )
        return reply


@contextlib.asynccontextmanager
async def a_real_journey() -> AsyncIterator[Journey]:
    async with fresh_database("journey") as database, a_world(database) as world:
        yield Journey(world.peer, world.tokens)


@contextlib.asynccontextmanager
async def a_fake_journey() -> AsyncIterator[Journey]:
    tokens = Tokens()
    async with grpc_server(
        partial(pb_grpc.add_TouchpointServiceServicer_to_server, FakeTouchpoints(tokens))
    ) as peer:
        yield Journey(peer, tokens)


@pytest.fixture(params=[a_real_journey, a_fake_journey], ids=["real", "fake"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Journey]:
    async with request.param() as journey:
        yield journey


async def test_a_touchpoint_is_stored_once(service: Journey) -> None:
    visitor_id, ids = str(uuid7()), [str(uuid7()) for _ in range(2)]

    replies = [await service.record(*some, visitor_id=visitor_id) for some in (ids[:1], ids, ids)]

    assert [(reply.stored, reply.refused) for reply in replies] == [(1, 0), (1, 0), (0, 0)]


async def test_touchpoints_without_consent_and_of_synthetic_shoppers_are_refused(
    service: Journey,
) -> None:
    synthetic = "Bearer " + service.tokens.create("guest", uuid7(), scopes=[SYNTHETIC])

    replies = [
        await service.record(str(uuid7()), consent="denied"),
        await service.record(str(uuid7()), token=synthetic),
    ]

    assert [(reply.stored, reply.refused) for reply in replies] == [(0, 1), (0, 1)]


async def test_a_batch_of_nothing_and_an_unknown_form_of_visitor_are_refused(
    service: Journey,
) -> None:
    with pytest.raises(Invalid) as empty:
        await service.record()
    with pytest.raises(Invalid) as nobody:
        await service.record(str(uuid7()), visitor_id="ana")

    assert (empty.value.reason, nobody.value.reason) == ("INVALID_FIELD", "INVALID_ID")


async def test_a_visitor_may_withdraw_more_than_once(service: Journey) -> None:
    request = pb.WithdrawConsentRequest(visitor_id=str(uuid7()))

    replies = [
        await service.peer.ask(service.touchpoints.WithdrawConsent, request) for _ in range(2)
    ]

    assert replies == [pb.WithdrawConsentResponse()] * 2
