"""Calls to a peer whose name has no address for a while."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from chassis.rpc.client import Peer
from chassis.rpc.errors import DomainError, Unavailable
from chassis.testing import eventually, grpc_server

# By its own look-ups, at 1, 2.6, 5.2, 9.3 and 15.9 s, the connection would find it after five
# seconds more.
AWAY_SECONDS = 10.8
SOON_SECONDS = 3.5


class NameServer(asyncio.DatagramProtocol):
    """Answers every question with 127.0.0.1, or while it is away with an unknown name."""

    def __init__(self) -> None:
        self.is_somebody_there = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        end = data.index(b"\0", 12) + 5
        wants_ipv4 = data[end - 4 : end - 2] == b"\0\1"
        has_answer = self.is_somebody_there and wants_ipv4
        flags = 0x8180 if self.is_somebody_there else 0x8183
        reply = data[:2] + struct.pack(">HHHHH", flags, 1, int(has_answer), 0, 0) + data[12:end]
        if has_answer:
            reply += struct.pack(">HHHIH4B", 0xC00C, 1, 1, 1, 4, 127, 0, 0, 1)
        self._transport.sendto(reply, address)  # type: ignore[attr-defined]


@asynccontextmanager
async def named_server() -> AsyncIterator[tuple[Peer, NameServer]]:
    """A peer by a name that nobody has yet, and who decides about that."""
    transport, names = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=("127.0.0.1", 0)
    )
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer(
        "catalog", f"dns://127.0.0.1:{transport.get_extra_info('sockname')[1]}/catalog.test.:{port}"
    )
    try:
        yield peer, names
    finally:
        await peer.close()
        await server.stop(0)
        transport.close()


async def test_a_peer_that_nobody_asks_is_found_soon_after_it_came() -> None:
    async with named_server() as (peer, names):
        now = asyncio.get_running_loop().time
        peer.channel.connect()
        away_until = now() + AWAY_SECONDS
        await eventually(lambda: now() > away_until, within=AWAY_SECONDS + 1)

        names.is_somebody_there = True

        await eventually(
            lambda: peer.channel._current.get_state() is grpc.ChannelConnectivity.READY,
            within=SOON_SECONDS,
        )


async def test_a_peer_that_comes_back_from_none_is_found_soon() -> None:
    async with named_server() as (peer, names):
        stub = peer.stub(health_pb2_grpc.HealthStub)

        async def answers() -> bool:
            try:
                await peer.ask(stub.Check, health_pb2.HealthCheckRequest(), timeout=1)
            except DomainError:
                return False
            return True

        now = asyncio.get_running_loop().time
        away_until = now() + AWAY_SECONDS

        async def was_away() -> bool:
            if await answers():
                pytest.fail("it answers, though its name has no address")
            return now() > away_until

        await eventually(was_away, within=AWAY_SECONDS + 3, every=0.2)

        names.is_somebody_there = True
        await eventually(answers, within=SOON_SECONDS)


async def test_a_call_whose_connection_was_reset_is_made_again() -> None:
    asked = list[str]()

    class Breaking(health.aio.HealthServicer):
        async def Check(
            self, request: health_pb2.HealthCheckRequest, context: grpc.aio.ServicerContext
        ) -> health_pb2.HealthCheckResponse:
            asked.append(request.service)
            if len(asked) == 1:
                # As gRPC ends a call itself: a code, and no word of the service's.
                await context.abort(grpc.StatusCode.CANCELLED, "")
            return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)

    async with grpc_server(
        partial(health_pb2_grpc.add_HealthServicer_to_server, Breaking())
    ) as peer:
        reply = await peer.ask(
            peer.stub(health_pb2_grpc.HealthStub).Check, health_pb2.HealthCheckRequest()
        )

    assert (reply.status, len(asked)) == (health_pb2.HealthCheckResponse.SERVING, 2)


async def test_a_peer_that_is_away_is_told_within_two_seconds() -> None:
    peer = Peer("catalog", "ipv4:127.0.0.1:1")
    began = asyncio.get_running_loop().time()

    with pytest.raises(Unavailable) as refusal:
        await peer.ask(peer.stub(health_pb2_grpc.HealthStub).Check, health_pb2.HealthCheckRequest())

    assert asyncio.get_running_loop().time() - began < 3
    assert refusal.value.metadata == {"peer": "catalog"}
    await peer.close()
