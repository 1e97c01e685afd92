from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from stack.faults.proxy import Proxy
from stack.ports import free_port

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy before a server that echoes lines."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy(free_port(), server.sockets[0].getsockname()) as proxy:
        yield proxy
    server.close()


async def connected(proxy: Proxy) -> Stream:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def echoed(stream: Stream, *, within: float = 5.0) -> bytes:
    reader, writer = stream
    writer.write(b"tea\n")
    return await asyncio.wait_for(reader.readline(), within)


async def test_it_forwards_both_ways_and_passes_on_the_end(proxy: Proxy) -> None:
    reader, writer = stream = await connected(proxy)

    assert await echoed(stream) == b"tea\n"
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_a_cut_drops_connections_and_refuses_new_ones_until_restored(proxy: Proxy) -> None:
    stream = await connected(proxy)
    assert await echoed(stream) == b"tea\n"

    await proxy.cut()

    with pytest.raises(ConnectionResetError):
        await echoed(stream)
    with pytest.raises(ConnectionRefusedError):
        await connected(proxy)
    await proxy.restore()
    again = await connected(proxy)
    assert await echoed(again) == b"tea\n"
    again[1].close()


async def test_a_stall_holds_what_is_sent_until_restored(proxy: Proxy) -> None:
    old = await connected(proxy)
    assert await echoed(old) == b"tea\n"

    proxy.stall()

    new = await connected(proxy)
    for stream in (old, new):
        with pytest.raises(TimeoutError):
            await echoed(stream, within=0.1)
    await proxy.restore()
    for reader, writer in (old, new):
        assert await asyncio.wait_for(reader.readline(), 5) == b"tea\n"
        writer.close()


async def test_latency_is_added_in_each_direction(proxy: Proxy) -> None:
    proxy.latency_ms = 60
    stream = await connected(proxy)

    began = time.monotonic()
    await echoed(stream)

    assert time.monotonic() - began >= 0.12
    stream[1].close()
