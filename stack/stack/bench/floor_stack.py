"""Runs the floor's two processes for a while."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from stack.bench.load import Connection, Turn
from stack.bench.measuring import Meter
from stack.embedded.processes import Launch, ProcessTable
from stack.home import Home
from stack.ports import accepts, free_port
from stack.runtime import INHERITED

READY_SECONDS: Final = 15.0
BARE, HOP = "floor: bare endpoint", "floor: one gRPC call"


@contextmanager
def floor(home: Path, seconds: float) -> Iterator[dict[str, tuple[Meter, Turn]]]:
    """A meter and a turn for each of the floor's two endpoints."""
    table = ProcessTable(Home(home))
    grpc_port, http_port = free_port(), free_port()
    try:
        for name, arguments, port in (
            ("floor-grpc", ("grpc", str(grpc_port)), grpc_port),
            ("floor-http", ("http", str(http_port), str(grpc_port)), http_port),
        ):
            env = {key: os.environ[key] for key in INHERITED if key in os.environ}
            table.start(
                name, Launch((sys.executable, "-P", "-m", "stack.bench.floor", *arguments), env)
            )
            table.wait_until(name, partial(accepts, port), within_seconds=READY_SECONDS)
        meter = Meter(
            f"http://127.0.0.1:{http_port}", table, lambda: None, lambda cpu: cpu, seconds
        )
        yield {BARE: (meter, _get("/bare")), HOP: (meter, _get("/hop"))}
    finally:
        for recorded in table.all():
            table.stop(recorded.name)


def _get(path: str) -> Turn:
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()

    async def turn(connection: Connection) -> bool:
        return (await connection.exchange(request)).status == 200

    return turn
