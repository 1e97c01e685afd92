"""Delivery of events from the broker to a service's handlers, or to its dead letters."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import nats.errors
from google.protobuf.message import Message
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig
from nats.js.errors import BadRequestError
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.backoff import Backoff
from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.inbox import claim_events
from chassis.data.outbox import SYNTHETIC_HEADER
from chassis.data.tx import Tx
from chassis.events.broker import EVENTS, Broker, Unpublishable, create_dead_letters
from chassis.events.subscription import Durable, Subscription, return_until_ready
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import real_now

log = telemetry.log("events")
_LOOP: Final = isolation.Loop("events")
MAX_ATTEMPTS: Final = 8
_BACKOFF: Final = Backoff(first_seconds=0.2, most_seconds=60)
_BATCH_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """Headers of an event: its id, type, aggregate key, business time and trace."""

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
        return Envelope(
            UUID(headers["ce-id"]),
            headers["ce-type"],
            headers.get("ce-subject", ""),
            occurred_at,
            headers,
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise UnreadableEvent from error


EventHandler = Callable[[Tx, Any, Envelope], Awaitable[None]]


class Consumer:
    """Delivers events to handlers: inbox row and effect in one transaction, then the ack.

    `handlers` maps a message class to `async def on_it(tx, event, envelope)`. A batch shares one
    transaction and falls back to one by one when it fails. A failure is tried again with backoff;
    after `max_attempts` the event goes to the dead letters.
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
        self._service, self._database, self._broker, self._max_attempts = (
            service,
            database,
            broker,
            max_attempts,
        )
        self._handlers = {
            kind.DESCRIPTOR.full_name: (kind, handler) for kind, handler in handlers.items()
        }

    @property
    def durable(self) -> Durable:
        """Durable consumer that `migrate` creates before this runs."""
        packages = sorted({name.rsplit(".", 1)[0] for name in self._handlers})
        subjects = [*(f"events.{package}.*" for package in packages), f"redrive.{self._service}.>"]
        config = ConsumerConfig(
            durable_name=self._service,
            filter_subjects=subjects,
            ack_wait=30,
            max_deliver=-1,
            max_ack_pending=2_000,
        )
        return Durable(EVENTS, config)

    async def create(self) -> None:
        """Makes what it needs of the broker. Idempotent."""
        await create_dead_letters(self._broker.jetstream, self._service)
        await self.durable.create(self._broker.jetstream)

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        await Subscription(self.durable, self._broker, batch_size=_BATCH_SIZE).run(
            self._handle_batch
        )

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
        known = [
            (_envelope_of(message), message.data) for message in messages if self._concerns(message)
        ]
        if not known:
            return
        unhandled = await claim_events(tx, [envelope.event_id for envelope, _ in known])
        for envelope, data in known:
            if envelope.event_id not in unhandled:
                telemetry.events_handled.labels(envelope.type, "repeated").inc()
                continue
            unhandled.discard(envelope.event_id)
            parent, carried = telemetry.extract(envelope.headers)
            attributes = {
                "messaging.system": "nats",
                "messaging.message.id": str(envelope.event_id),
            }
            with telemetry.span(
                f"consume {envelope.type}",
                SpanKind.CONSUMER,
                parent=parent,
                carried=carried,
                attributes=attributes,
            ):
                kind, handler = self._handlers[envelope.type]
                await handler(tx, kind.FromString(data), envelope)
            telemetry.events_handled.labels(envelope.type, "handled").inc()

    def _concerns(self, message: Msg) -> bool:
        """Returns whether a handler gets the message. Raises UnreadableEvent."""
        headers = message.headers or {}
        type = headers.get("ce-type", "")
        if not type:
            raise UnreadableEvent("it has no type")
        # During a rolling upgrade the relay of an older process publishes synthetic events among
        # the others.
        if SYNTHETIC_HEADER in headers:
            telemetry.events_handled.labels(type[:80], "synthetic").inc()
            return False
        if type not in self._handlers:
            telemetry.events_handled.labels(type[:80], "unknown").inc()
        return type in self._handlers

    async def _failed(self, message: Msg, error: Exception) -> None:
        type, attempts = (message.headers or {}).get("ce-type", ""), message.metadata.num_delivered
        if isinstance(error, Unavailable):
            # Not the event's fault: wait for what is away, and do not count the attempt against it.
            await return_until_ready([message], self._database)
            return
        telemetry.events_handled.labels(type, "failed").inc()
        log.error("event failed", type=type, attempts=attempts, exc_info=error)
        if attempts < self._max_attempts:
            await message.nak(delay=_BACKOFF.after(attempts))
            return
        await self._bury(message, error, attempts)

    async def _bury(self, message: Msg, error: Exception, attempts: int) -> None:
        """Puts a message aside.

        One that the dead letters do not take stays in its stream, and is listed by its sequence
        there.
        """
        headers = {
            **(message.headers or {}),
            "Nats-Msg-Id": f"dead-{self._service}-{message.metadata.sequence.stream}",
            "Sojourn-Error": type(error).__name__,
            "Sojourn-Attempts": str(attempts),
            "Sojourn-Died-At": real_now().isoformat(),
        }
        try:
            self._broker.require_within_limit(message.data, headers)
            await self._broker.jetstream.publish(
                f"dead_letters.{self._service}", message.data, headers=headers
            )
        except (
            Unpublishable,
            nats.errors.MaxPayloadError,
            BadRequestError,
            ValueError,
            TypeError,
        ) as refusal:
            _LOOP.skip(f"{message.metadata.stream}/{message.metadata.sequence.stream}", refusal)
        else:
            telemetry.dead_letters.inc()
        await message.ack()
