"""Events: the broker and its streams, the way from there to handlers, and what cannot be handled to the dead letters."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import nats
import nats.errors
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError
from opentelemetry.trace import SpanKind
from sqlalchemy import delete
from sqlmodel import col

from chassis import telemetry
from chassis.data import isolation
from chassis.data.connections import use_work_connections
from chassis.data.database import Database
from chassis.data.idempotency import Idempotency
from chassis.data.inbox import Inbox, claim_events
from chassis.data.isolation import SkippedRow
from chassis.data.tx import Tx
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import BUCKET, real_now

log = telemetry.log("events")
_LOOP: Final = isolation.Loop("events")

EVENTS: Final = "EVENTS"
TOUCHPOINTS: Final = "TOUCHPOINTS"
MAX_ATTEMPTS: Final = 8
_DAY: Final = 86_400
# Events outlive the longest outage that we promise to bridge; the inbox remembers longer than that.
RETENTION_SECONDS: Final = {EVENTS: 7 * _DAY, TOUCHPOINTS: 7 * _DAY}
DEAD_RETENTION_SECONDS: Final = 60 * _DAY
INBOX_SECONDS: Final = 9 * _DAY
IDEMPOTENCY_SECONDS: Final = 2 * _DAY
_SUBJECTS: Final = {EVENTS: ["events.>", "redrive.>"], TOUCHPOINTS: ["touchpoints.>"]}
# A pause after a round, so that under load a round has several events: a transaction costs more than an event in it.
_CONSUMER_BATCH: Final = 200
CONSUMER_PAUSE_SECONDS: Final = 0.05


# "NATS/1.0", the line ends, and what the broker adds to a message in a stream.
_HEAD_BYTES: Final = 256


class BrokerUnavailable(Unavailable):
    """NATS is away."""


class Unpublishable(Exception):
    """A message that no broker takes: its headers are no texts, its type is no subject, or it is larger than the broker allows."""


class Broker:
    """A connection to NATS that survives its absence, also at the start."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self.client = Client()
        self._opening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to connect, and goes on in the background while NATS is away."""
        self._opening = asyncio.create_task(self._connect(), name="broker")

    async def _connect(self) -> None:
        while not self.client.is_connected:
            with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
                await self.client.connect(
                    self._url, name=self._name, max_reconnect_attempts=-1, reconnect_time_wait=0.2,  # type: ignore[arg-type]
                    connect_timeout=2, ping_interval=10,
                    # A user may subscribe to replies to itself only.
                    inbox_prefix=inbox_prefix_of(urlsplit(self._url).username),
                    error_cb=_ignore,
                )  # fmt: skip
                return
            await asyncio.sleep(0.2)

    async def ready(self) -> None:
        """Waits for the first connection."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    @property
    def is_connected(self) -> bool:
        return self.client.is_connected

    @property
    def jetstream(self) -> JetStreamContext:
        """Raises BrokerUnavailable while there is no connection."""
        if not self.client.is_connected:
            raise BrokerUnavailable("the broker is away", retry_after_seconds=1)
        return self.client.jetstream(timeout=3)

    def require_within_limit(self, payload: bytes, headers: Mapping[str, str]) -> None:
        """Raises Unpublishable. The broker ends the connection of who sends more than it allows, headers included."""
        size = len(payload) + _HEAD_BYTES + sum(len(name.encode()) + len(value.encode()) + 4 for name, value in headers.items())
        if size > self.client.max_payload > 0:
            raise Unpublishable("larger than the broker allows")

    async def close(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if not self.client.is_closed:
            with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
                await asyncio.wait_for(self.client.close(), 2)


async def _ignore(_: Exception) -> None:
    """The connection's state shows in `dependency_up` and in /readyz?verbose."""


def inbox_prefix_of(user: str | None) -> str:
    """Where a user of the broker hears its replies."""
    return f"_INBOX_{user}" if user else "_INBOX"


def dead_letters_of(service: str) -> str:
    """The stream of a service's dead letters: its own, so that no other service can read or delete them."""
    return f"DEAD_{service}"


async def create_streams(jetstream: JetStreamContext, *, replicas: int = 1) -> None:
    """Creates the streams and the clock's bucket where they are missing, and widens what is there. Idempotent."""
    for name, subjects in _SUBJECTS.items():
        await _create_stream(jetstream, name, subjects, max_age=RETENTION_SECONDS[name], replicas=replicas)
    try:
        await jetstream.key_value(BUCKET)
    except NotFoundError:
        await jetstream.create_key_value(bucket=BUCKET, history=1)


async def create_dead_letters(jetstream: JetStreamContext, service: str, *, replicas: int = 1) -> None:
    """Creates the stream of a service's dead letters. Idempotent."""
    name, subjects = dead_letters_of(service), [f"dead_letters.{service}"]
    await _create_stream(jetstream, name, subjects, max_age=DEAD_RETENTION_SECONDS, replicas=replicas)


async def _create_stream(jetstream: JetStreamContext, name: str, subjects: list[str], *, max_age: float, replicas: int) -> None:
    config = StreamConfig(
        name=name, subjects=subjects, storage=StorageType.FILE, max_age=max_age, duplicate_window=120,
        discard=DiscardPolicy.OLD, num_replicas=replicas, allow_direct=True,
    )  # fmt: skip
    try:
        there = (await jetstream.stream_info(name)).config
        await jetstream.update_stream(config.evolve(subjects=sorted({*subjects, *(there.subjects or [])})))
    except NotFoundError:
        await jetstream.add_stream(config)


@dataclass(frozen=True, slots=True)
class Durable:
    """A place in a stream that the broker keeps for a service. `migrate` makes it; what serves only binds to it."""

    stream: str
    config: ConsumerConfig

    @property
    def name(self) -> str:
        return str(self.config.durable_name)

    async def create(self, jetstream: JetStreamContext) -> None:
        """Creates it, or widens its filter. Idempotent. It never narrows: an older image may come back while a newer one consumes."""
        name, subjects = self.name, set(self.config.filter_subjects or [])
        with contextlib.suppress(NotFoundError):
            there = (await jetstream.consumer_info(self.stream, name)).config
            subjects |= {*(there.filter_subjects or []), *([there.filter_subject] if there.filter_subject else [])}
        await jetstream.add_consumer(self.stream, self.config.evolve(filter_subjects=sorted(subjects)))

    async def bind(self, jetstream: JetStreamContext) -> JetStreamContext.PullSubscription:
        """A subscription to it."""
        return await jetstream.pull_subscribe_bind(self.name, self.stream)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around an event: its id, type, the key of its aggregate, when it happened (business time), and its trace."""

    event_id: UUID
    type: str
    key: str
    occurred_at: datetime
    headers: dict[str, str]

    @property
    def trace_id(self) -> str:
        """The trace in which it was emitted, 32 hex digits, or empty."""
        parts = self.headers.get("traceparent", "").split("-")
        return parts[1] if len(parts) == 4 else ""


class UnreadableEvent(Exception):
    """A message does not have the headers of an event: an id, a type and a time."""


def _envelope_of(message: Msg) -> Envelope:
    """Raises UnreadableEvent."""
    headers = dict(message.headers or {})
    try:
        occurred_at = datetime.fromisoformat(headers["ce-time"]).astimezone(UTC)
        return Envelope(UUID(headers["ce-id"]), headers["ce-type"], headers.get("ce-subject", ""), occurred_at, headers)
    except (KeyError, ValueError, OverflowError) as error:
        raise UnreadableEvent from error


EventHandler = Callable[[Tx, Any, Envelope], Awaitable[None]]


class Consumer:
    """Hands a service's events to its handlers: inbox row and effect in one transaction, then the ack.

    `handlers` maps a message class to `async def on_it(tx, event, envelope)`. A batch shares one transaction and falls back to one by one
    when it fails. A failure is tried again with backoff; after `max_attempts` the event goes to the dead letters.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        broker: Broker,
        handlers: dict[type[Message], EventHandler],
        *,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        self._service, self._database, self._broker, self._max_attempts = service, database, broker, max_attempts
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, handler) for kind, handler in handlers.items()}

    @property
    def durable(self) -> Durable:
        """What `migrate` has to make before this runs."""
        packages = sorted({name.rsplit(".", 1)[0] for name in self._handlers})
        subjects = [*(f"events.{package}.*" for package in packages), f"redrive.{self._service}.>"]
        config = ConsumerConfig(
            durable_name=self._service, filter_subjects=subjects, ack_wait=30, max_deliver=-1, max_ack_pending=2_000
        )  # fmt: skip
        return Durable(EVENTS, config)

    async def create(self) -> None:
        """Makes what it needs of the broker. Idempotent."""
        await create_dead_letters(self._broker.jetstream, self._service)
        await self.durable.create(self._broker.jetstream)

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        use_work_connections()
        await self._broker.ready()
        while True:
            try:
                subscription = await self.durable.bind(self._broker.jetstream)
                while True:
                    if messages := await self._fetch(subscription):
                        await self._handle_batch(messages)
                        if len(messages) < _CONSUMER_BATCH:
                            await asyncio.sleep(CONSUMER_PAUSE_SECONDS)
            except NotFoundError:
                log.warning("the broker has no such consumer; `migrate` makes it", consumer=self._service)
                await asyncio.sleep(2)
            except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
                await asyncio.sleep(0.3)
            except Exception as error:
                log.error("consumer failed and begins anew", exc_info=error)
                await asyncio.sleep(0.3)

    async def _fetch(self, subscription: JetStreamContext.PullSubscription) -> list[Msg]:
        try:
            first = await subscription.fetch(1, timeout=2)
        except (nats.errors.TimeoutError, TimeoutError):
            # A silent subscription may also be one whose consumer is gone with its server.
            await subscription.consumer_info()
            return []
        waiting = min(first[0].metadata.num_pending, _CONSUMER_BATCH - 1)
        if waiting:
            with contextlib.suppress(nats.errors.TimeoutError, TimeoutError):
                return [*first, *await subscription.fetch(waiting, timeout=0.05)]
        return first

    async def _handle_batch(self, messages: list[Msg]) -> None:
        try:
            async with self._database.tx() as tx:
                await self._handle(tx, messages)
        except Exception as error:
            if len(messages) == 1:
                await self._failed(messages[0], error)
            else:
                for message in messages:
                    await self._handle_batch([message])
            return
        for message in messages:
            await message.ack()

    async def _handle(self, tx: Tx, messages: Sequence[Msg]) -> None:
        known = [(_envelope_of(message), message.data) for message in messages if self._knows(message)]
        if not known:
            return
        unhandled = await claim_events(tx, [envelope.event_id for envelope, _ in known])
        for envelope, data in known:
            if envelope.event_id not in unhandled:
                telemetry.events_handled.labels(envelope.type, "repeated").inc()
                continue
            unhandled.discard(envelope.event_id)
            parent, carried = telemetry.extract(envelope.headers)
            attributes = {"messaging.system": "nats", "messaging.message.id": str(envelope.event_id)}
            with telemetry.span(f"consume {envelope.type}", SpanKind.CONSUMER, parent=parent, carried=carried, attributes=attributes):
                kind, handler = self._handlers[envelope.type]
                await handler(tx, kind.FromString(data), envelope)
            telemetry.events_handled.labels(envelope.type, "handled").inc()

    def _knows(self, message: Msg) -> bool:
        type = (message.headers or {}).get("ce-type", "")
        if not type:
            raise UnreadableEvent("it has no type")
        if type not in self._handlers:
            telemetry.events_handled.labels(type[:80], "unknown").inc()
        return type in self._handlers

    async def _failed(self, message: Msg, error: Exception) -> None:
        type, attempts = (message.headers or {}).get("ce-type", ""), message.metadata.num_delivered
        if isinstance(error, Unavailable):
            # Not the event's fault: wait for what is away, and do not count the attempt against it.
            await message.nak(delay=1)
            while not await self._database.ping():
                await asyncio.sleep(0.3)
            return
        telemetry.events_handled.labels(type, "failed").inc()
        log.error("event failed", type=type, attempts=attempts, exc_info=error)
        if attempts < self._max_attempts:
            await message.nak(delay=min(0.1 * 2**attempts, 60))
            return
        await self._bury(message, error, attempts)

    async def _bury(self, message: Msg, error: Exception, attempts: int) -> None:
        """Puts a message aside. One that the dead letters do not take stays in its stream, and is listed by its sequence there."""
        headers = {
            **(message.headers or {}),
            "Nats-Msg-Id": f"dead-{self._service}-{message.metadata.sequence.stream}",
            "Sojourn-Error": type(error).__name__,
            "Sojourn-Attempts": str(attempts),
            "Sojourn-Died-At": real_now().isoformat(),
        }
        try:
            self._broker.require_within_limit(message.data, headers)
            await self._broker.jetstream.publish(f"dead_letters.{self._service}", message.data, headers=headers)
        except (Unpublishable, nats.errors.MaxPayloadError, BadRequestError, ValueError, TypeError) as refusal:
            _LOOP.skip(f"{message.metadata.stream}/{message.metadata.sequence.stream}", refusal)
        else:
            telemetry.dead_letters.inc()
        await message.ack()


async def sweep(database: Database) -> None:
    """Deletes each ten minutes, until cancelled, inbox rows older than their events, idempotency records older than 48 h, and rows of the
    list of skipped rows that were not skipped for seven days."""
    while True:
        try:
            async with database.tx() as tx:
                now = real_now()
                await tx.execute(delete(Inbox).where(col(Inbox.handled_at) < now - timedelta(seconds=INBOX_SECONDS)))
                await tx.execute(delete(Idempotency).where(col(Idempotency.created_at) < now - timedelta(seconds=IDEMPOTENCY_SECONDS)))
                await tx.execute(delete(SkippedRow).where(col(SkippedRow.last_at) < now - timedelta(seconds=isolation.LISTED_SECONDS)))
        except Exception as error:
            log.warning("sweep failed", exc_info=error)
        await asyncio.sleep(600)
