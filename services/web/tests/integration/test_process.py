"""The process: ready, metrics, and a stop that loses no request."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chassis.testing import eventually
from stack.ports import free_port

BODY = b'{"products": []}'


@asynccontextmanager
async def a_slow_gateway(asked: asyncio.Event, release: asyncio.Event) -> AsyncIterator[str]:
    """Yields the URL of a gateway that answers once it is told to."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await release.wait()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + BODY)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_request_under_way_is_answered_after_the_process_was_told_to_stop() -> None:
    asked, release = asyncio.Event(), asyncio.Event()
    http_port, admin_port = free_port(), free_port()
    async with (
        a_slow_gateway(asked, release) as gateway_url,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{http_port}", timeout=30) as browser,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{admin_port}") as admin,
    ):
        env = {
            **os.environ,
            "ENVIRONMENT": "development",
            "HOST": "127.0.0.1",
            "HTTP_PORT": str(http_port),
            "ADMIN_PORT": str(admin_port),
            "GATEWAY_URL": gateway_url,
            "DRAIN_SECONDS": "0",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "web", "serve", env=env, stderr=asyncio.subprocess.DEVNULL
        )

        async def is_ready() -> bool:
            try:
                return (await admin.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        async def is_refused() -> bool:
            return not await is_ready()

        try:
            await eventually(is_ready, within=30)
            metrics = (await admin.get("/metrics")).text
            page = asyncio.create_task(browser.get("/"))
            await asyncio.wait_for(asked.wait(), 10)
            process.send_signal(signal.SIGTERM)
            await eventually(is_refused, within=10)
            release.set()
            response = await page
            code = await asyncio.wait_for(process.wait(), 30)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    assert 'service="web"' in metrics
    assert response.status_code == 200
    assert code == 0
