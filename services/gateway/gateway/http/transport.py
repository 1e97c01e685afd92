"""The transport of a connection: one system call an answer, and a visible close."""

import asyncio
from typing import Any, Protocol


class Lingering(Protocol):
    """A connection, as far as its transport asks it."""

    @property
    def is_lingering(self) -> bool: ...

    @property
    def is_mid_message(self) -> bool: ...

    def linger(self) -> None: ...


class ClientTransport:
    """Writes an answer at its end, and drains the client's rest before a close.

    uvicorn writes an answer's head and its body apart, and each write costs as much as finding a
    cached page (25 µs). The parts of a longer answer are written once per turn of the event loop.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, connection: Lingering
    ) -> None:
        self._transport, self._loop, self._connection = transport, loop, connection
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)

    def flush(self) -> None:
        """Writes what is waiting."""
        waiting, self._waiting = self._waiting, []
        if waiting and not self._transport.is_closing():
            self._transport.write(b"".join(waiting))

    def close(self) -> None:
        """Closes at once where the client has sent everything; else says so, and closes later."""
        if self._connection.is_lingering:
            return
        if (
            not self._connection.is_mid_message
            or self._transport.is_closing()
            or not self._transport.can_write_eof()
        ):
            self.end()
            return
        self.flush()
        self._transport.write_eof()
        self._connection.linger()

    def end(self) -> None:
        """Closes at once."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._connection.is_lingering or self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
