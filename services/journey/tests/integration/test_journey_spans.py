"""Spans of journeys: what the back end did for each touchpoint, from a trace store."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied
from chassis.runtime.clock import uuid7
from services.journey.tests.journey_world import (
    World,
    a_touchpoint,
    a_world,
    an_id,
)
from sojourn.journey.v1 import journey_pb2 as pb

SPANS = [
    {
        "service": "checkout",
        "name": "sojourn.checkout.v1.CheckoutService/CompleteCheckout",
        "kind": "SERVER",
        "start_unix_nano": "1700000000004000000",
        "duration_ms": 12.5,
        "status": {"code": "ERROR"},
    },
    {
        "service": "gateway",
        "name": "POST /v1/checkouts/{checkout_id}/complete",
        "kind": "SERVER",
        "start_unix_nano": "1700000000000000000",
        "duration_ms": 20.0,
        "status": {},
    },
]


@contextlib.asynccontextmanager
async def a_trace_store(known: str) -> AsyncIterator[str]:
    """Yields the template of a store that knows one trace."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        is_known = f"/traces/{known} " in head
        body = json.dumps(SPANS).encode() if is_known else b"[]"
        status = "200 OK" if is_known else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/traces/{{trace_id}}"


async def test_a_journey_with_spans_tells_what_the_back_end_did_for_each_touchpoint(
    database: Database,
) -> None:
    known, forgotten = uuid7(), uuid7()
    async with (
        a_trace_store(known.hex) as template,
        a_world(database, trace_api=template, trace_url=template) as world,
    ):
        await world.record_touchpoints(
            a_touchpoint("search", visitor="V", seconds=0, trace_id=forgotten),
            a_touchpoint("order.place", visitor="V", seconds=1, trace_id=known),
            a_touchpoint("order.placed", visitor="V", seconds=2, trace_id=known),
        )

        told = await world.journey(visitor_id=str(an_id("V")), with_spans=True)
        plain = await world.journey(visitor_id=str(an_id("V")))

    assert told.trace_status == pb.TRACE_STATUS_COMPLETE
    assert [
        (span.trace_id, span.service, span.kind, span.start_ms, span.duration_ms, span.is_error)
        for span in told.spans
    ] == [
        (known.hex, "gateway", "SERVER", 0.0, 20.0, False),
        (known.hex, "checkout", "SERVER", 4.0, 12.5, True),
    ]
    assert told.touchpoints[1].trace_url == template.replace("{trace_id}", known.hex)
    assert (plain.trace_status, list(plain.spans)) == (pb.TRACE_STATUS_UNSPECIFIED, [])


async def test_a_journey_comes_without_spans_while_the_trace_store_is_away(
    database: Database,
) -> None:
    away = "http://127.0.0.1:9/traces/{trace_id}"
    async with a_world(database, trace_url=away, trace_api=away) as world:
        await world.record_touchpoints(a_touchpoint("search", visitor="V", trace_id=uuid7()))

        told = await world.journey(visitor_id=str(an_id("V")), with_spans=True)

    assert (told.trace_status, list(told.spans)) == (pb.TRACE_STATUS_INCOMPLETE, [])
    assert told.touchpoints


async def test_spans_without_a_trace_store_are_said_not_to_be_connected(world: World) -> None:
    await world.record_touchpoints(a_touchpoint("search", visitor="V", trace_id=uuid7()))

    told = await world.journey(visitor_id=str(an_id("V")), with_spans=True)

    assert told.trace_status == pb.TRACE_STATUS_NOT_CONNECTED


async def test_a_customer_may_not_ask_for_spans(world: World) -> None:
    await world.record_touchpoints(a_touchpoint("search", visitor="V", trace_id=uuid7()))

    with pytest.raises(Denied):
        await world.journey(world.tokens.customer(an_id("C")), with_spans=True)
