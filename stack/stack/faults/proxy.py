"""A TCP proxy that fails on demand, for tests of a peer that is away, silent or slow."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from types import TracebackType
from typing import Final, Self

CHUNK_BYTES: Final = 64 * 1024
# Chunks under way in one direction of a connection; beyond it the sender is held back.
CHUNKS_IN_FLIGHT: Final = 64
# struct linger: on, 0 seconds.
LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards 127.0.0.1:`port` to `target`.

    For one event loop; also an asynchronous context manager.

    `latency_ms` is added in each direction and may be changed at any time.
    """

    def __init__(self, port: int, target: tuple[str, int], *, latency_ms: float = 0.0) -> None:
        self.port = port
        self.target = target
        self.latency_ms = latency_ms
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url_authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listens. Raises OSError if the port is taken."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Resets every connection and refuses new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            _reset(writer)
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def stall(self) -> None:
        """Keeps and accepts connections, but lets no byte through, in either direction."""
        self._flowing.clear()

    async def restore(self) -> None:
        """Forwards again, what was held by a stall included."""
        self._flowing.set()
        await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        try:
            await self._flowing.wait()
            await self._join(reader, writer)
        except (OSError, ExceptionGroup):
            _reset(writer)  # the target is gone, or refused
        except asyncio.CancelledError:
            pass  # cut, which has reset both ends; nobody awaits this task for its result
        finally:
            self._writers.discard(writer)
            self._connections.discard(task)
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copies both ways until both ends are done.

        Raises OSError or an ExceptionGroup of them when one is lost.
        """
        from_target, to_target = await asyncio.open_connection(*self.target)
        self._writers.add(to_target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, to_target))
                both.create_task(self._pump(from_target, writer))
        except ExceptionGroup:
            _reset(to_target)
            raise
        finally:
            self._writers.discard(to_target)
            to_target.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copies until the end of the stream, which it passes on."""
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_IN_FLIGHT)
        sending = asyncio.create_task(self._send(chunks, writer))
        clock = asyncio.get_running_loop().time
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                await chunks.put((clock() + self.latency_ms / 1000, chunk))
            await chunks.put((clock(), b""))
            await sending
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await sending

    async def _send(
        self, chunks: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        while True:
            due, chunk = await chunks.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            await self._flowing.wait()
            if not chunk:
                writer.write_eof()
                return
            writer.write(chunk)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closes with a reset instead of an orderly end, as a crashed peer's machine would."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):  # closed already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
