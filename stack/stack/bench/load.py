"""A load generator that costs less than its load: raw HTTP/1.1, closed loops, one process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

ANSWER_SECONDS: Final = 30.0
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "


class Unexpected(Exception):
    """An answer that a scenario cannot go on from."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body. Raises Unexpected for 4xx and 5xx."""
        if self.status >= 400:
            raise Unexpected(f"{self.status} {self.body[:300].decode(errors='replace')}")
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One kept-alive connection with one request at a time; reopened if the server closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[Answer] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.close()

    async def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to one request. Raises OSError or TimeoutError."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return await self.exchange("\r\n".join(lines).encode() + _END + content)

    async def exchange(self, request: bytes) -> Answer:
        """The answer to a request that is written out already."""
        if self._transport is None or self._transport.is_closing():
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_connection(lambda: self, self._host, self._port)
            self._transport = transport
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._waiter

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        at = self._buffer.find(_LENGTH, 0, end + 2)
        length = (
            int(self._buffer[at + len(_LENGTH) : self._buffer.find(b"\r\n", at + 2)])
            if at >= 0
            else 0
        )
        if len(self._buffer) < end + 4 + length:
            return
        answer = Answer(int(self._buffer[9:12]), bytes(self._buffer[end + 4 : end + 4 + length]))
        del self._buffer[: end + 4 + length]
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._buffer.clear()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the server closed the connection"))


# One turn of a shopper's loop: returns whether all of its answers were good.
Turn = Callable[[Connection], Awaitable[bool]]


@dataclass
class Timing:
    """Observations of a load. `seconds` are those of each turn."""

    wall_seconds: float = 0.0
    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall_seconds if self.wall_seconds else 0.0

    def quantile_ms(self, share: float) -> float:
        """A quantile of the turns' times in milliseconds, by the nearest rank."""
        if not self.seconds:
            return 0.0
        ranked = sorted(self.seconds)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]


async def load(url: str, turn: Turn, *, concurrency: int, seconds: float) -> Timing:
    """Runs `concurrency` closed loops of `turn` for about `seconds`, each on its own connection."""
    timing = Timing()
    began = time.perf_counter()
    until = began + seconds

    async def loop() -> None:
        async with Connection(url) as connection:
            while (start := time.perf_counter()) < until:
                try:
                    good = await turn(connection)
                except (OSError, TimeoutError, Unexpected, ValueError, KeyError):
                    good = False
                timing.seconds.append(time.perf_counter() - start)
                timing.errors += not good

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(loop())
    timing.wall_seconds = time.perf_counter() - began
    return timing
