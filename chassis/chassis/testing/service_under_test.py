"""A service in the test's process: its gRPC server, and its loops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc

from chassis.data.connections import use_work_connections
from chassis.rpc.client import Peer
from chassis.rpc.coalescing import batching
from chassis.runtime.service import cancelled


@contextlib.asynccontextmanager
async def grpc_server(*add: Callable[[grpc.aio.Server], None], name: str = "server") -> AsyncIterator[Peer]:
    """A real gRPC server on a free port with the servicers that `add` gives it, as the peer that reaches it:

    `async with grpc_server(partial(add_CartServiceServicer_to_server, servicer)) as peer:`
    """
    server = batching(grpc.aio.server())
    for give in add:
        give(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer(name, f"ipv4:127.0.0.1:{port}")
    try:
        yield peer
    finally:
        await peer.close()
        await server.stop(0)


@contextlib.asynccontextmanager
async def running(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Runs a relay, a consumer or timers while the block runs."""

    async def work(run: Callable[[], Awaitable[None]]) -> None:
        use_work_connections()
        await run()

    tasks = [asyncio.ensure_future(work(run)) for run in runs]
    try:
        yield
    finally:
        await cancelled(tasks)
