"""The life of a service's process: build, serve, work, drain, stop."""

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis import telemetry
from chassis.data.connections import refuse_held_connections, use_work_connections
from chassis.events.broker import Broker
from chassis.events.subscription import Durable
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.client import Peer, ServiceTokens, verifier_for
from chassis.rpc.coalescing import batching
from chassis.runtime.clock import Clock
from chassis.runtime.health import Health, serve
from chassis.runtime.settings import Settings
from sojourn.common.v1 import dead_letters_pb2_grpc

if TYPE_CHECKING:
    from chassis.data.database import Database
    from chassis.data.timers import TimerHandler
    from chassis.events.consumer import Consumer, EventHandler

log = telemetry.log("service")
# Objects more made than freed, after which cycles among them are looked for.
MOST_NEW_OBJECTS: Final = 20_000
_SERVER_OPTIONS: Final = [
    ("grpc.so_reuseport", 0),
    # Connections are renewed, so that new replicas get their share and a drained one loses its.
    ("grpc.max_connection_age_ms", 30_000),
    ("grpc.max_connection_age_grace_ms", 20_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
]


class Service:
    """The parts of a process.

    A composition root makes one, adds servicers, handlers, timers and background work, and returns
    it.

    A process without a database, as the gateway, does not import what talks to one: 35 MB and 0.3
    s.
    """

    database: "Database"
    # What works on many rows at once raises it above their number: they are no garbage.
    most_new_objects = MOST_NEW_OBJECTS

    def __init__(self, name: str, settings: Settings) -> None:
        self.name, self.settings = name, settings
        refuse_held_connections(settings.environment != "production")
        self.clock = Clock(is_virtual=settings.clock == "virtual")
        self.health = Health()
        self.peers: list[Peer] = []
        self.broker = Broker(
            settings.nats_url.get_secret_value(), f"{name}/{settings.service_instance}"
        )
        self._has_database, self._has_broker = (
            bool(settings.database_url.get_secret_value()),
            bool(settings.nats_url.get_secret_value()),
        )
        if self._has_database:
            from chassis.data.database import Database

            self.database = Database(
                settings.database_url.get_secret_value(),
                source=name,
                clock=self.clock,
                pool_size=settings.database_pool_size,
            )
        self.server = batching(grpc.aio.server(options=_SERVER_OPTIONS))
        self.verifier: TokenVerifier
        if settings.identity_target:
            self.identity = self.peer("identity", settings.identity_target)
            self.verifier = verifier_for(self.identity, settings, service=name)
            self.tokens = ServiceTokens(self.identity, settings)
        self._handlers: dict[type[Message], EventHandler] = {}
        self._durables: list[Durable] = []
        self._timers: dict[str, TimerHandler] = {}
        self._served: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._worked: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._before_ready: list[Callable[[], Awaitable[None]]] = []
        self._on_stop: list[Callable[[], Awaitable[None]]] = []

    def peer(self, name: str, target: str) -> Peer:
        """A connection to another service, closed with this one."""
        peer = Peer(name, target)
        self.peers.append(peer)
        return peer

    def handle(self, handlers: "dict[type[Message], EventHandler]") -> None:
        """Consumes these events, in the role `work`."""
        self._handlers.update(handlers)
        telemetry.expect_events(*(kind.DESCRIPTOR.full_name for kind in handlers))

    def consume(self, durable: Durable, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a consumer beside serving; `migrate` makes its own durable consumer."""
        self._durables.append(durable)
        self._worked.append(run)

    @property
    def durables(self) -> list[Durable]:
        """The consumers that this service binds to."""
        return [*([self._consumer.durable] if self._handlers else []), *self._durables]

    @property
    def _consumer(self) -> "Consumer":
        from chassis.events.consumer import Consumer

        return Consumer(self.name, self.database, self.broker, self._handlers)

    def time(self, timers: "dict[str, TimerHandler]") -> None:
        """Runs these kinds of timers, in the role `work`."""
        self._timers.update(timers)
        telemetry.expect_timers(*timers)

    def beside_serving(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs this beside serving until the process stops, in each replica."""
        self._served.append(run)

    def beside_working(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a loop in each replica until the process stops; exclusive work takes a lock."""
        self._worked.append(run)

    def in_background(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs this once beside serving; it may end."""

        async def then_wait() -> None:
            await run()
            await asyncio.Event().wait()

        self._served.append(then_wait)

    def before_ready(self, run: Callable[[], Awaitable[None]]) -> None:
        """Awaits this before the process says that it is ready."""
        self._before_ready.append(run)

    def on_stop(self, run: Callable[[], Awaitable[None]]) -> None:
        """Awaits a function after draining and before connections close, to stop another server."""
        self._on_stop.append(run)

    async def run(self, role: str) -> None:
        """Runs until SIGTERM or SIGINT, then drains and stops."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        began = time.perf_counter()
        stop_admin = serve(self.health, self.settings.host, self.settings.admin_port)
        tasks: list[asyncio.Task[None]] = [asyncio.create_task(self._beat(), name="beat")]
        try:
            await self._open()
            serving = role in ("serve", "all")
            grpc_health_servicer = await self._serve() if serving else None
            tasks += [asyncio.create_task(_work(run), name="work") for run in self._work_of(role)]
            await self._become_ready(stopping, tasks)
            settle_garbage(self.most_new_objects)
            log.info("ready", role=role, after_seconds=round(time.perf_counter() - began, 2))
            await self._until(stopping, tasks)
            await self._drain(grpc_health_servicer)
        finally:
            self.health.is_draining = True
            await cancelled(tasks)
            await self._close()
            stop_admin()
            log.info("stopped")

    async def _open(self) -> None:
        for peer in self.peers:
            # Begun now, so that the first call after readiness waits for no look-up; readiness
            # itself waits for no peer.
            peer.channel.connect()
        if self._has_database:
            await self.database.open()
        if self._has_broker:
            await self.broker.open()

    async def _become_ready(self, stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        async def wait() -> None:
            if self._has_database:
                await self.database.ready()
            for run in self._before_ready:
                await run()

        waiting, stopped = asyncio.create_task(wait()), asyncio.create_task(stopping.wait())
        await asyncio.wait([waiting, stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if waiting.done():
            waiting.result()
            self.health.is_ready = True
        waiting.cancel()

    async def _until(self, stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        stopped = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in done - {stopped}:
            # Work that ends is a defect: better a restart than half a process.
            task.result()
            raise RuntimeError(f"{task.get_name()} ended")

    def _work_of(self, role: str) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        runs: list[Callable[[], Coroutine[Any, Any, None]]] = [self._watch]
        if self.settings.clock == "virtual" and self._has_broker:
            runs.append(self._follow_clock)
        if role in ("serve", "all"):
            runs += self._served
        if role in ("work", "all"):
            runs += self._worked
        return runs + self._work_with_rows(role) if self._has_database else runs

    def _work_with_rows(self, role: str) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        from chassis.data.timers import TimerRunner
        from chassis.events.backlog import Backlog
        from chassis.events.relay import Relay
        from chassis.runtime.retention import keep_deleting_expired

        broker = self.broker if self._has_broker else None
        runs: list[Callable[[], Coroutine[Any, Any, None]]] = [
            Backlog(self.name, self.database, broker, self.durables).run
        ]
        if role in ("work", "all"):
            if self._timers:
                runs.append(TimerRunner(self.database, self._timers).run)
            if self._handlers:
                runs.append(self._consumer.run)
        if broker is not None:
            # Each process relays what it may, so that its own commits wake it at once; the lock
            # lets one of them.
            url = self.settings.database_url.get_secret_value()
            runs += [
                Relay(self.database, url, broker).run,
                partial(keep_deleting_expired, self.database),
            ]
        return runs

    async def _follow_clock(self) -> None:
        await self.broker.ready()
        while True:
            with contextlib.suppress(Exception):
                await self.clock.follow(self.broker.client, self.broker.jetstream)
            await asyncio.sleep(0.2)

    async def _serve(self) -> grpc_health.aio.HealthServicer | None:
        if not self.settings.grpc_port:
            return None
        if self._has_broker and self._has_database:
            from chassis.events.dead_letters import DeadLetterServicer

            letters = DeadLetterServicer(self.database, self.verifier, self.broker, self.name)
            dead_letters_pb2_grpc.add_DeadLetterServiceServicer_to_server(letters, self.server)
        servicer = grpc_health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(servicer, self.server)
        self.server.add_insecure_port(f"{self.settings.host}:{self.settings.grpc_port}")
        await self.server.start()
        self._grpc_health = servicer
        return servicer

    async def _beat(self) -> None:
        while True:
            self.health.beat()
            if (servicer := getattr(self, "_grpc_health", None)) is not None:
                good = self.health.is_ready and not self.health.is_draining
                status = (
                    health_pb2.HealthCheckResponse.SERVING
                    if good
                    else health_pb2.HealthCheckResponse.NOT_SERVING
                )
                await servicer.set("", status)
            slept_at = time.perf_counter()
            await asyncio.sleep(0.5)
            telemetry.loop_lag.set(max(0.0, time.perf_counter() - slept_at - 0.5))

    async def _watch(self) -> None:
        while True:
            if self._has_database:
                self._saw("postgres", await self.database.ping())
            if self._has_broker:
                self._saw("nats", self.broker.is_connected)
            await asyncio.sleep(1)

    def _saw(self, dependency: str, is_up: bool) -> None:
        if self.health.dependencies.get(dependency, True) != is_up:
            log.warning("dependency is " + ("back" if is_up else "away"), dependency=dependency)
        self.health.dependencies[dependency] = is_up
        telemetry.dependency_up.labels(dependency).set(is_up)

    async def _drain(self, servicer: grpc_health.aio.HealthServicer | None) -> None:
        self.health.is_draining = True
        log.info("draining", seconds=self.settings.drain_seconds)
        if servicer is not None:
            await servicer.enter_graceful_shutdown()
        await asyncio.sleep(self.settings.drain_seconds)
        for stop in self._on_stop:
            await stop()
        await self.server.stop(self.settings.stop_seconds)

    async def _close(self) -> None:
        await self.server.stop(0)
        for peer in self.peers:
            await peer.close()
        if self._has_broker:
            await self.broker.close()
        if self._has_database:
            await self.database.close()
        await asyncio.to_thread(telemetry.shut_down)


async def _work(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    use_work_connections()
    await run()


def settle_garbage(most_new: int = MOST_NEW_OBJECTS) -> None:
    """Freezes long-lived objects and collects others less often: requests leave few cycles.

    Looks for cycles each time that `most_new` objects more were made than freed.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(most_new, 20, 50)


async def cancelled(tasks: Iterable[asyncio.Future[None]]) -> None:
    """Ends tasks.

    Before Python 3.12 a cancellation can be lost in `wait_for`, so it is said again each half
    second, ten times at most.
    """
    pending = set(tasks)
    for _ in range(10):
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5) if pending else (set(), set())
        if not pending:
            break
