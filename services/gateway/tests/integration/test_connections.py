"""Bounds of connections, on a real server with raw sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from chassis.runtime import health
from chassis.testing import eventually
from gateway.http.connections import Connections
from gateway.settings import GatewaySettings
from stack.ports import free_port

TARGETS = {
    f"{name}_target": "-"
    for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
}
CHUNKED = b"POST /a HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = 32 * 1024 * 1024
GET = b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers the size of the body; /refused and /early do not read it, /large answers much."""
    size = 0
    if scope["path"] not in ("/refused", "/early"):
        while True:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
    body = b"x" * LARGE if scope["path"] == "/large" else str(size).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    if scope["path"] == "/refused":
        headers.append((b"connection", b"close"))
    await send(
        {
            "type": "http.response.start",
            "status": 401 if scope["path"] == "/refused" else 200,
            "headers": headers,
        }
    )
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[tuple[int, Connections]]:
    values = {
        "trusted_proxies": "",
        "head_seconds": 0.5,
        "body_grace_seconds": 0.4,
        **TARGETS,
        **settings,
    }
    connections = Connections(GatewaySettings(environment="development", **values))
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=connections.protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)
    # Signals are the test run's.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1], connections
    finally:
        server.should_exit = server.force_exit = True
        await task


async def said(port: int, *parts: bytes) -> tuple[int, dict[str, Any]]:
    """Sends parts on a new connection; returns status and problem once the server closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body) if b"problem+json" in head else {
        "body": body.decode()
    }


async def test_a_head_that_is_too_large_is_refused() -> None:
    finished = b"GET /a HTTP/1.1\r\nHost: shop\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"
    long_path = b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n"
    endless = [b"GET /a HTTP/1.1\r\nHost: shop\r\nX: ", *[b"x" * 65_536] * 20]
    many = (
        b"GET /a HTTP/1.1\r\nHost: shop\r\n"
        + b"".join(b"X%d: y\r\n" % number for number in range(5_000))
        + b"\r\n"
    )
    async with served() as (port, connections):
        answers = [
            await said(port, finished),
            await said(port, long_path),
            await said(port, *endless),
            await said(port, many),
        ]
        await eventually(lambda: len(connections) == 0, within=5)

    assert [(status, document["reason"]) for status, document in answers] == [
        (431, "HEAD_TOO_LARGE")
    ] * 4
    assert answers[0][1]["metadata"] == {"most_bytes": "32768"}


async def test_a_head_within_its_bound_and_a_large_body_in_one_write_are_taken() -> None:
    body = b"x" * 200_000
    head = (
        b"POST /a HTTP/1.1\r\nHost: shop\r\nX: "
        + b"x" * 20_000
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    last = (
        b"POST /a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    async with served(head_seconds=5, body_grace_seconds=5) as (port, _):
        status, answer = await said(port, head + body + last + body)

    assert status == 200
    assert answer["body"].endswith("200000")


async def test_a_head_that_does_not_arrive_in_time_ends_the_connection() -> None:
    async with served() as (port, connections):
        silent, half = await asyncio.gather(said(port), said(port, b"GET /a HTTP/1.1\r\nHost: sh"))
        await eventually(lambda: len(connections) == 0, within=5)

    assert [(status, document["reason"]) for status, document in (silent, half)] == [
        (408, "REQUEST_TIMEOUT")
    ] * 2


async def test_a_connection_may_rest_between_requests_but_not_within_the_next_head() -> None:
    async with served() as (port, connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n0")
        began = asyncio.get_running_loop().time()
        await eventually(lambda: asyncio.get_running_loop().time() > began + 1, within=5)
        assert len(connections) == 1

        writer.write(b"GET /a HTTP")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_trickles_is_refused_and_one_that_flows_is_not() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"
    async with served(least_body_bytes_per_second=10_000) as (port, connections):
        trickling = await said(port, head, b"x" * 100)
        flowing = await said(port, head, b"x" * 100_000)
        await eventually(lambda: len(connections) == 0, within=5)

    assert (trickling[0], trickling[1]["reason"]) == (408, "REQUEST_TIMEOUT")
    assert flowing == (200, {"body": "100000"})


async def test_trailers_without_end_are_refused() -> None:
    async with served(body_grace_seconds=60, body_stall_seconds=60) as (port, connections):
        status, document = await said(
            port, CHUNKED, b"5\r\nhello\r\n0\r\nX: ", *[b"a" * 65_536] * 192
        )
        await eventually(lambda: len(connections) == 0, within=5)

    assert (status, document["reason"]) == (400, "MALFORMED_BODY")


@pytest.mark.parametrize("trailer", [b"X: y\r\n\r\n", b"X: y\r\nHost: other\r\n\r\n"])
@pytest.mark.parametrize("is_one_write", [True, False])
async def test_a_trailer_is_refused(trailer: bytes, is_one_write: bool) -> None:
    body = b"5\r\nhello\r\n0\r\n"
    async with served() as (port, _):
        status, document = await said(
            port, *([CHUNKED + body + trailer] if is_one_write else [CHUNKED, body, trailer])
        )

    assert (status, document["reason"]) == (400, "MALFORMED_BODY")


@pytest.mark.parametrize(
    "framing",
    [
        [b"5;ext=", *[b"a" * 65_536] * 20],
        [b"0" * 65_536] * 20,
        [b"1;%b\r\nx\r\n" % (b"a" * 100)] * 20_000,
        [b"1\r\nx\r\n"] * 40_000,
    ],
    ids=["endless extension", "endless size", "extension of each chunk", "chunks of one byte"],
)
async def test_a_body_of_more_framing_than_content_is_refused(framing: list[bytes]) -> None:
    async with served() as (port, connections):
        status, document = await said(port, CHUNKED, *framing)
        await eventually(lambda: len(connections) == 0, within=5)

    assert (status, document["reason"]) == (400, "MALFORMED_BODY")


@pytest.mark.parametrize("size", [16, 1_000, 60_000])
async def test_a_body_in_chunks_is_taken(size: int) -> None:
    chunks = [b"%x\r\n%b\r\n" % (size, b"x" * size)] * (240_000 // size)
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with served(head_seconds=5, body_grace_seconds=5) as (port, _):
        status, answer = await said(port, head, *chunks, b"0\r\n\r\n")

    assert (status, answer) == (200, {"body": "240000"})


async def test_a_head_behind_an_earlier_request_has_its_bound() -> None:
    async with served(head_seconds=5) as (port, connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"GET /a HTTP/1.1\r\nX: " + b"x" * 1_000)
        await reader.readuntil(b"\r\n\r\n0")
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                writer.write(b"x" * 65_536)
                await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 10)
        await eventually(lambda: len(connections) == 0, within=5)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_body_that_stops_arriving_is_refused_though_most_of_it_came_at_once() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 200001\r\n\r\n"
    async with served(
        body_grace_seconds=60, body_stall_seconds=0.4, least_body_bytes_per_second=1
    ) as (port, connections):
        status, document = await said(port, head, b"x" * 200_000)
        await eventually(lambda: len(connections) == 0, within=5)

    assert (status, document["reason"], document["metadata"]) == (
        408,
        "REQUEST_TIMEOUT",
        {"seconds": "0.4"},
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"body_grace_seconds": 0.5, "least_body_bytes_per_second": 1_000, "body_seconds": 60},
        {"body_grace_seconds": 60, "least_body_bytes_per_second": 1, "body_seconds": 0.5},
    ],
    ids=["rate", "deadline"],
)
async def test_a_body_sent_at_once_but_for_a_trickle_is_refused(settings: dict[str, Any]) -> None:
    head = b"POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 300000\r\n\r\n"
    async with served(body_stall_seconds=60, **settings) as (port, connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"x" * 200_000)

        async def is_closed() -> bool:
            writer.write(b"x")
            return len(connections) == 0

        await eventually(is_closed, within=5)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    async with served(answer_stall_seconds=0.5, head_seconds=60) as (port, connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(GET.replace(b"/a", b"/large"))
        await eventually(lambda: len(connections) == 1)
        await eventually(lambda: len(connections) == 0, within=5)
        with contextlib.suppress(ConnectionError):
            received = 0
            while part := await reader.read(65_536):
                received += len(part)
        writer.close()

    assert received < LARGE


async def test_a_client_that_reads_its_answer_slowly_is_served() -> None:
    async with served(answer_stall_seconds=1, head_seconds=60) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            GET.replace(b"/a", b"/large").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        received = 0
        for most in (8, 16, 24):
            while received < most * 1024 * 1024:
                received += len(await asyncio.wait_for(reader.read(256 * 1024), 10))
            paused_at = asyncio.get_running_loop().time()
            await eventually(
                lambda paused_at=paused_at: asyncio.get_running_loop().time() > paused_at + 0.5
            )
        received += len(await asyncio.wait_for(reader.read(), 10))
        writer.close()

    assert received > LARGE


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"Host: a\r\nHost: b\r\n",
        b"Host: a\r\nHost: a\r\n",
        b"Host: a b\r\n",
        b"Host: a/b\r\n",
        b"Host: \r\n",
        b"Host: [::1\r\n",
        b"Host: a@b\r\n",
    ],
)
async def test_a_request_without_exactly_one_valid_host_is_refused(hosts: bytes) -> None:
    async with served() as (port, _):
        status, document = await said(port, b"GET /a HTTP/1.1\r\n" + hosts + b"\r\n")

    assert (status, document["reason"], document["type"]) == (
        400,
        "MALFORMED_HEAD",
        "urn:sojourn:problem:malformed-head",
    )


@pytest.mark.parametrize(
    "host", [b"shop", b"shop.example:8080", b"127.0.0.1:80", b"[::1]:80", b"xn--bcher-kva.example"]
)
async def test_a_valid_host_is_taken(host: bytes) -> None:
    async with served() as (port, _):
        status, _ = await said(
            port, b"GET /a HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
        )

    assert status == 200


async def test_what_is_no_http_is_a_problem() -> None:
    async with served() as (port, _):
        status, document = await said(port, b"\x16\x03\x01nonsense\r\n\r\n")

    assert (status, document["reason"]) == (400, "MALFORMED_HEAD")


async def test_an_earlier_request_is_answered_before_a_malformed_one_ends_the_connection() -> None:
    async with served() as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"\x00nonsense\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_connections_of_one_address_are_bounded() -> None:
    async with served(max_connections_per_address=2, head_seconds=60) as (port, connections):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await eventually(lambda: len(connections) == 2)
        status, document = await said(port)
        await eventually(lambda: len(connections) == 2, within=1.5)
        for _, writer in held:
            writer.close()
        await eventually(lambda: len(connections) == 0)
        again, _ = await said(port, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert (status, document["reason"], again) == (503, "TOO_MANY_CONNECTIONS", 200)


async def test_connections_of_a_trusted_proxy_are_bounded_in_all_only() -> None:
    async with served(
        max_connections_per_address=1,
        max_connections=4,
        trusted_proxies="127.0.0.1",
        head_seconds=60,
    ) as (
        port,
        connections,
    ):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        await eventually(lambda: len(connections) == 4)
        status, _ = await said(port)
        for _, writer in held:
            writer.close()

    assert status == 503


async def test_the_admin_port_answers_while_strangers_hold_all_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (160, 160))
    port_of_admin = free_port()
    status = health.Health()
    status.is_ready = True
    stop = health.serve(status, "127.0.0.1", port_of_admin)
    try:
        async with served(max_connections_per_address=500, head_seconds=60) as (port, connections):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
            await eventually(lambda: len(connections) == connections.most)
            async with httpx.AsyncClient() as client:
                ready = await client.get(f"http://127.0.0.1:{port_of_admin}/readyz")
            for _, writer in held:
                writer.close()
    finally:
        stop()

    assert connections.most == 160 - 128
    assert ready.status_code == 200


async def test_a_refusal_reaches_a_client_that_is_still_sending() -> None:
    head = b"POST /refused HTTP/1.1\r\nHost: shop\r\nContent-Length: 8388608\r\n\r\n"
    async with served() as (port, connections):
        answer = await said(port, head, *[b"x" * 65_536] * 128)
        await eventually(lambda: len(connections) == 0, within=10)

    assert answer[0] == 401


async def test_an_answer_before_the_end_of_a_body_ends_the_connection() -> None:
    async with served(body_grace_seconds=60) as (port, connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /early HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\nx")
        answer = await asyncio.wait_for(reader.read(), 10)
        await eventually(lambda: len(connections) == 0, within=10)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_sends_on_after_its_refusal_is_cut_off() -> None:
    async with served() as (port, connections):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /refused HTTP/1.1\r\nHost: shop\r\nContent-Length: 83886080\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(1_000):
                writer.write(b"x" * 65_536)
                await writer.drain()
        await eventually(lambda: len(connections) == 0, within=10)
        writer.close()
