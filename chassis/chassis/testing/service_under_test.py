"""A service in the test's process: database, tokens, gRPC servers, loops and broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import LiteralString

import grpc

from chassis.data.connections import use_work_connections
from chassis.data.database import Database
from chassis.events.broker import Broker
from chassis.rpc.client import Peer
from chassis.rpc.coalescing import batching
from chassis.runtime.clock import Clock
from chassis.runtime.service import cancelled
from chassis.testing.broker import fresh_broker
from chassis.testing.database import M, events_of, fresh_database
from chassis.testing.tokens import Tokens


@contextlib.asynccontextmanager
async def grpc_server(
    *add: Callable[[grpc.aio.Server], None], name: str = "server"
) -> AsyncIterator[Peer]:
    """Starts a real gRPC server on a free port with the servicers of `add`; yields its peer:

    `async with grpc_server(partial(add_CartServiceServicer_to_server, servicer)) as peer:`
    """
    async with _listening(add) as target:
        peer = Peer(name, target)
        try:
            yield peer
        finally:
            await peer.close()


@contextlib.asynccontextmanager
async def _listening(add: Sequence[Callable[[grpc.aio.Server], None]]) -> AsyncIterator[str]:
    server = batching(grpc.aio.server())
    for give in add:
        give(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"ipv4:127.0.0.1:{port}"
    finally:
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


@dataclass
class ServiceUnderTest:
    """One service on a database of its own.

    What its methods start ends with it, the newest first.
    """

    database: Database
    tokens: Tokens = field(default_factory=Tokens)
    targets: dict[str, str] = field(default_factory=dict, init=False)
    _exits: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack, init=False)
    _broker: Broker | None = field(default=None, init=False)

    @property
    def clock(self) -> Clock:
        """The business time of the service; a virtual one, which `shift_to` moves."""
        return self.database.clock

    async def serve(self, *add: Callable[[grpc.aio.Server], None], name: str = "server") -> Peer:
        """Starts a real gRPC server with the servicers of `add`: the service's own, or fakes.

        Another process reaches it at `targets[name]`.
        """
        self.targets[name] = await self._exits.enter_async_context(_listening(add))
        peer = Peer(name, self.targets[name])
        self._exits.push_async_callback(peer.close)
        return peer

    async def run(self, *loops: Callable[[], Awaitable[None]]) -> None:
        """Starts relays, consumers or timers."""
        await self._exits.enter_async_context(running(*loops))

    async def broker(self) -> Broker:
        """Returns the connection to NATS. The first call opens it and empties the streams."""
        if self._broker is None:
            self._broker = await self._exits.enter_async_context(fresh_broker())
        return self._broker

    async def rows(
        self, query: LiteralString, params: Sequence[object] = ()
    ) -> list[tuple[object, ...]]:
        """Returns what a query finds."""
        async with self.database.read() as read:
            return await read.fetch(query, params)

    async def events(self, kind: type[M], key: str = "") -> list[M]:
        """Returns the outbox's events of a type, oldest first; with `key` of one aggregate."""
        return await events_of(self.database, kind, key)

    async def __aenter__(self) -> "ServiceUnderTest":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._exits.aclose()


@contextlib.asynccontextmanager
async def service_under_test(
    package: str, *, clock: Clock | None = None, pool_size: int = 10
) -> AsyncIterator[ServiceUnderTest]:
    """A service on an empty, migrated database.

    Another replica of it is `ServiceUnderTest(service.database)`.

    `async with service_under_test("cart") as service:` then `peer = await service.serve(…,
    name="cart")`.
    """
    async with (
        fresh_database(package, clock=clock, pool_size=pool_size) as database,
        ServiceUnderTest(database) as service,
    ):
        yield service
