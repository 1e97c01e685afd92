"""What tests of services stand on: real PostgreSQL and NATS, a real gRPC server, tokens, and one way to wait.

The servers come from outside: `TEST_POSTGRES_DSN` (superuser of a throw-away server) and `TEST_NATS_URL`, which the repository's conftest sets.
"""

import asyncio
import contextlib
import inspect
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import grpc
import psycopg
from joserfc import jwt
from joserfc.jwk import OKPKey
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from psycopg import sql

from chassis import telemetry
from chassis.data.connections import require_no_connection, use_work_connections
from chassis.data.database import Database
from chassis.events.broker import Broker, create_streams
from chassis.events.consumer import Consumer
from chassis.rpc.auth import ALGORITHM, AUDIENCE, TokenVerifier, audience_of
from chassis.rpc.client import Peer
from chassis.rpc.coalescing import batching
from chassis.runtime.clock import Clock, uuid7
from chassis.runtime.service import cancelled

T = TypeVar("T")
ISSUER = "sojourn-identity"
# Tests see the logs that operators see.
telemetry.configure_logs("INFO", "tests", "tests")
trace.set_tracer_provider(TracerProvider())
_sleep = asyncio.sleep


async def _sleep_without_connection(seconds: float, result: Any = None) -> Any:
    if seconds > 0:
        require_no_connection("sleep")
    return await _sleep(seconds, result)


# In tests nothing sleeps while a database connection is out, whatever it calls.
asyncio.sleep = _sleep_without_connection  # type: ignore[assignment]  # overloads for no result


async def eventually(check: Callable[[], T | Awaitable[T]], *, within: float = 5, every: float = 0.02) -> T:
    """Waits until `check` returns something true, and returns it. An AssertionError of `check` is tried again, and is what fails at the end."""
    deadline = time.monotonic() + within
    while True:
        failure: AssertionError | None = None
        try:
            result = check()
            value = await result if inspect.isawaitable(result) else result
            if value:
                return value
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure or AssertionError(
                f"not within {within} s: {inspect.getsource(check).strip() if inspect.isfunction(check) else check}"
            )
        await asyncio.sleep(every)


async def let_tasks_run() -> None:
    """Lets each task that is ready run until it waits for something."""
    await asyncio.sleep(0)


@dataclass
class Tokens:
    """Signs tokens as identity does, and verifies them."""

    key: OKPKey = field(
        default_factory=lambda: OKPKey.generate_key("Ed25519", parameters={"kid": str(uuid7()), "alg": ALGORITHM, "use": "sig"})
    )

    def of(self, kind: str, subject: UUID | str, *, scopes: Iterable[str] = (), expires_in: int = 86_400, **claims: Any) -> str:
        """A token of any kind."""
        now = int(time.time())
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject),
            "kind": kind,
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + expires_in,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid or ""}, {**body, **claims}, self.key, algorithms=[ALGORITHM])

    def guest(self, subject: UUID | None = None) -> str:
        return "Bearer " + self.of("guest", subject or uuid7())

    def customer(self, subject: UUID | None = None) -> str:
        return "Bearer " + self.of("customer", subject or uuid7())

    def staff(self, *scopes: str) -> str:
        return "Bearer " + self.of("staff", uuid7(), scopes=scopes)

    def service(self, name: str, *scopes: str, act_for: UUID | None = None, at: str = "") -> str:
        """A service's token; with `act_for` one that acts for that shopper at the service `at`."""
        if act_for is None:
            return "Bearer " + self.of("service", name, scopes=scopes)
        return "Bearer " + self.of("service", name, scopes=scopes, act_for=str(act_for), aud=[AUDIENCE, audience_of(at)])

    @property
    def jwks_json(self) -> str:
        return json.dumps({"keys": [self.key.as_dict(private=False)]})

    def verifier(self, service: str = "tests") -> TokenVerifier:
        """The verifier of a service."""

        async def fetch() -> str:
            return self.jwks_json

        return TokenVerifier(fetch, issuer=ISSUER, service=service)


def superuser_dsn(database: str = "postgres") -> str:
    """DSN of the throw-away server, in another database."""
    return psycopg.conninfo.make_conninfo(os.environ["TEST_POSTGRES_DSN"], dbname=database)


@contextlib.asynccontextmanager
async def fresh_database(package: str, *, clock: Clock | None = None, pool_size: int = 10) -> AsyncIterator[Database]:
    """An empty, migrated database of a service, dropped afterwards. The migrated template is made once per server."""
    name = f"t_{package}_{uuid7().hex[-12:]}"
    await asyncio.to_thread(_clone, package, name)
    database = Database(superuser_url(name), source=package, clock=clock or Clock(is_virtual=True), pool_size=pool_size)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
        with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def superuser_url(database: str) -> str:
    """URL of the throw-away server's superuser in `database`."""
    parts = psycopg.conninfo.conninfo_to_dict(os.environ["TEST_POSTGRES_DSN"])
    return f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{database}"


def _clone(package: str, name: str) -> None:
    from chassis.data.migrations import upgrade

    template = f"template_{package}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        # Workers of one run make each template once.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            building = f"{template}_building"
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
            upgrade(superuser_url(building), package)
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(template)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


@contextlib.asynccontextmanager
async def fresh_broker() -> AsyncIterator[Broker]:
    """A connection to the worker's NATS, whose streams are made anew and empty."""
    broker = Broker(os.environ["TEST_NATS_URL"], "tests")
    await broker.open()
    await broker.ready()
    for stream in await broker.jetstream.streams_info():
        await broker.jetstream.delete_stream(str(stream.config.name))
    await create_streams(broker.jetstream)
    try:
        yield broker
    finally:
        await broker.close()


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


def migrated(consumer: Consumer) -> Callable[[], Awaitable[None]]:
    """A consumer's `run`, which first makes what `migrate` makes for it."""

    async def run() -> None:
        await consumer.create()
        await consumer.run()

    return run


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


async def drift_of(package: str) -> list[str]:
    """Returns, in sentences, where the database that a service's migrations make differs from the one that its classes describe."""
    from chassis.data.drift import create_tables, describe, differences

    name = f"t_{package}_classes_{uuid7().hex[-12:]}"
    async with fresh_database(package) as database, database.read() as read:
        record = await read.fetch_one("SELECT current_database()")
        assert record is not None
        migrated = await asyncio.to_thread(describe, superuser_url(record[0]))
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            await asyncio.to_thread(create_tables, superuser_url(name), package)
            return differences(migrated, await asyncio.to_thread(describe, superuser_url(name)))
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
