"""The process: from the first connection to the last."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Final

import uvicorn

from simulator.app import create_app
from simulator.provider import Provider
from simulator.settings import Settings

# uvicorn takes about 0.2 s to notice a signal and 0.1 s to close: together under 2 s.
DRAIN_SECONDS: Final = 1


class Server(uvicorn.Server):
    """A server that finishes open requests at a stop, except withheld answers, and exits with 0."""

    def __init__(self, settings: Settings) -> None:
        self.provider = Provider(settings)
        super().__init__(
            uvicorn.Config(
                create_app(self.provider),
                host=settings.host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Ends the waits that a rule imposes, and then drains."""
        self.provider.stopping.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops at SIGTERM and SIGINT.

        uvicorn's own handler would raise the signal again at the end; a stop is no failure.
        """
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for each in signals:
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)
