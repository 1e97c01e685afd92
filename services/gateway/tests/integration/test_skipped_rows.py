"""Staff see which rows services left out."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import httpx

from chassis.rpc.client import Peer
from chassis.testing import grpc_server
from gateway.admission import Admission
from gateway.app import create_app
from gateway.peers import Backend, Peers
from gateway.settings import GatewaySettings
from services.gateway.tests.gateway_shop import TOKENS, VISITOR_SECRET
from sojourn.common.v1 import dead_letters_pb2, dead_letters_pb2_grpc


class FakeDeadLetters(dead_letters_pb2_grpc.DeadLetterServiceServicer):
    async def ListSkippedRows(
        self, request: Any, context: Any
    ) -> dead_letters_pb2.ListSkippedRowsResponse:
        row = dead_letters_pb2.SkippedRow(
            loop="search_index", key="7", error="AmountTooLarge", times=2
        )
        return dead_letters_pb2.ListSkippedRowsResponse(skipped_rows=[row])


async def test_staff_list_the_rows_that_services_left_out() -> None:
    async with AsyncExitStack() as stack:
        add = partial(
            dead_letters_pb2_grpc.add_DeadLetterServiceServicer_to_server, FakeDeadLetters()
        )
        there = await stack.enter_async_context(grpc_server(add, name="catalog"))
        nobody = Peer("checkout", "ipv4:127.0.0.1:1")
        stack.push_async_callback(nobody.close)
        required = {
            f"{name}_target": "-"
            for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
        }
        settings = GatewaySettings(**required, visitor_secret=VISITOR_SECRET)  # type: ignore[arg-type]
        gate = Admission("there", settings)
        peers = Peers(
            catalog=Backend(there, gate),
            cart=Backend(there, gate),
            checkout=Backend(nobody, gate),
            identity=Backend(there, gate),
            journey=Backend(there, gate),
            notifications=Backend(there, gate),
        )
        _, edge = create_app(settings, peers, TOKENS.verifier())
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://shop")
        )
        headers = {"Authorization": TOKENS.staff("dead_letters.read")}

        of_all = await client.get("/v1/staff/skipped-rows", headers=headers)
        of_one = await client.get("/v1/staff/skipped-rows?service=identity", headers=headers)
        of_none = await client.get("/v1/staff/skipped-rows?service=moon", headers=headers)

    assert of_all.json()["degraded"] == ["checkout"]
    assert sorted(of_all.json()["skipped_rows"]) == [
        "cart",
        "catalog",
        "identity",
        "journey",
        "notifications",
    ]
    (row,) = of_one.json()["skipped_rows"]["identity"]
    assert (row["loop"], row["key"], row["error"]) == ("search_index", "7", "AmountTooLarge")
    assert of_none.status_code == 422
    (error,) = of_none.json()["errors"]
    assert (error["pointer"], "identity" in error["allowed"]) == ("/query/service", True)
