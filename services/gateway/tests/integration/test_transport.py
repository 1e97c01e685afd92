"""Writes that are joined have the same effect as separate writes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.testing import eventually
from gateway.http.connections import Connections
from gateway.settings import GatewaySettings

SERVICES = ("catalog", "cart", "checkout", "identity", "journey", "notifications")
TARGETS: dict[str, Any] = {f"{name}_target": "-" for name in SERVICES}
SETTINGS = GatewaySettings(environment="development", **TARGETS)
LARGE = b"x" * 3_000_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    body = LARGE if scope["path"] == "/large" else scope["path"].encode()
    headers = [] if scope["path"] == "/chunked" else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for part in (body[:3], body[3:]):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(protocol: type[asyncio.Protocol]) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        port=0,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
    )
    server = uvicorn.Server(config)
    # Signals are the test run's.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def answered(port: int, request: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /chunked HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: "
        "close\r\n\r\nx",
    ],
    ids=["pipelined", "head", "chunked", "large", "with a body"],
)
async def test_what_is_written_at_once_is_what_was_written_apart(request_text: str) -> None:
    async with (
        served(Connections(SETTINGS).protocol()) as joined,
        served(HttpToolsProtocol) as apart,
    ):
        assert await answered(joined, request_text) == await answered(apart, request_text)


async def test_an_answer_is_one_write() -> None:
    written: list[bytes] = []

    class Transport(asyncio.Transport):
        def write(self, data: Any) -> None:
            written.append(data)

        def is_closing(self) -> bool:
            return False

        def can_write_eof(self) -> bool:
            return True

        def get_write_buffer_size(self) -> int:
            return 0

        def close(self) -> None:
            written.append(b"closed")

    connection: Any = Connections(SETTINGS).protocol()
    config = uvicorn.Config(
        app,
        http=connection,
        lifespan="off",
        log_config=None,
        date_header=False,
        server_header=False,
    )
    config.load()
    protocol = connection(config, uvicorn.server.ServerState(), {})
    protocol.connection_made(Transport())
    protocol.data_received(b"GET /some/path HTTP/1.1\r\nHost: x\r\n\r\n")
    await eventually(lambda: written)
    protocol.data_received(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await eventually(lambda: written[-1] == b"closed")

    assert [part.partition(b"\r\n\r\n")[2] for part in written] == [b"/some/path", b"/a", b""]
