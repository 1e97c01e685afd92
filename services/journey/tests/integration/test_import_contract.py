"""The facts of imports that the gateway relies on, true of the real service and of its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial

import pytest

from chassis.rpc.client import Peer
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, fresh_database, grpc_server
from journey.testing import FakeImports
from services.journey.tests.journey_world import a_world
from sojourn.journey.v1 import imports_pb2 as pb
from sojourn.journey.v1 import imports_pb2_grpc as pb_grpc


@contextlib.asynccontextmanager
async def a_real_one() -> AsyncIterator[tuple[Peer, Tokens]]:
    async with fresh_database("journey") as database, a_world(database) as world:
        yield world.peer, world.tokens


@contextlib.asynccontextmanager
async def a_fake() -> AsyncIterator[tuple[Peer, Tokens]]:
    tokens = Tokens()
    fake = FakeImports(tokens)
    async with grpc_server(
        partial(pb_grpc.add_ImportServiceServicer_to_server, fake), name="journey"
    ) as peer:
        yield peer, tokens


@pytest.mark.parametrize("service", [a_real_one, a_fake], ids=["real", "fake"])
async def test_a_part_is_kept_once_by_its_number(service: type) -> None:
    options = pb.ImportOptions(columns={"person": "u", "time": "t", "kind": "k"})
    async with service() as (peer, tokens):
        imports, staff = peer.stub(pb_grpc.ImportServiceStub), tokens.staff("journeys.write")
        begin = pb.CreateImportRequest(options=options)
        begun = await peer.ask(imports.CreateImport, begin, authorization=staff, key=str(uuid7()))
        sizes = []
        for number, content in ((1, b"abc"), (2, b"de"), (1, b"f")):
            part = pb.AddImportPartRequest(id=begun.id, number=number, content=content)
            reply = await peer.ask(imports.AddImportPart, part, authorization=staff)
            sizes.append(reply.bytes_received)
        with pytest.raises(DomainError) as refused:
            await peer.ask(imports.CreateImport, begin, authorization=staff)

    assert begun.state == pb.IMPORT_STATE_RECEIVING
    assert begun.options.columns == options.columns
    assert sizes == [3, 5, 3]
    assert refused.value.reason == "KEY_REQUIRED"
