"""The broker and its streams."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import nats
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from chassis import telemetry
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import BUCKET

log = telemetry.log("events")

EVENTS: Final = "EVENTS"
TOUCHPOINTS: Final = "TOUCHPOINTS"
# Events of synthetic aggregates. It has no consumer: checks read it.
SYNTHETIC: Final = "SYNTHETIC"
_DAY: Final = 86_400
# Events outlive the longest outage that we promise to bridge; the inbox remembers longer than that.
RETENTION_SECONDS: Final = {EVENTS: 7 * _DAY, TOUCHPOINTS: 7 * _DAY, SYNTHETIC: _DAY}
DEAD_RETENTION_SECONDS: Final = 60 * _DAY
_SUBJECTS: Final = {
    EVENTS: ["events.>", "redrive.>"],
    TOUCHPOINTS: ["touchpoints.>"],
    SYNTHETIC: ["synthetic.events.>"],
}


# "NATS/1.0", the line ends, and what the broker adds to a message in a stream.
_HEAD_BYTES: Final = 256


class BrokerUnavailable(Unavailable):
    """NATS is away."""


class Unpublishable(Exception):
    """A message that no broker takes: too large, or with an invalid subject or header."""


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
                    # The client waits for parts of a second too; its annotation says int.
                    self._url,
                    name=self._name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,  # type: ignore[arg-type]
                    connect_timeout=2,
                    ping_interval=10,
                    # A user may subscribe to replies to itself only.
                    inbox_prefix=inbox_prefix_of(urlsplit(self._url).username),
                    error_cb=_ignore,
                )
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
        """Raises Unpublishable.

        The broker ends the connection of who sends more than it allows, headers included.
        """
        size = (
            len(payload)
            + _HEAD_BYTES
            + sum(len(name.encode()) + len(value.encode()) + 4 for name, value in headers.items())
        )
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
    """Returns the subject prefix under which a user of the broker receives replies."""
    return f"_INBOX_{user}" if user else "_INBOX"


def subject_of(type: str, *, synthetic: bool) -> str:
    """The subject of an event by the full name of its message.

    No filter over `events.` matches a synthetic one.
    """
    return f"synthetic.events.{type}" if synthetic else f"events.{type}"


def dead_letters_of(service: str) -> str:
    """Returns the stream of a service's dead letters, which no other service can read or delete."""
    return f"DEAD_{service}"


async def create_streams(jetstream: JetStreamContext, *, replicas: int = 1) -> None:
    """Creates missing streams and the clock's bucket, and widens existing ones.

    Idempotent.
    """
    for name, subjects in _SUBJECTS.items():
        await _create_stream(
            jetstream, name, subjects, max_age=RETENTION_SECONDS[name], replicas=replicas
        )
    try:
        await jetstream.key_value(BUCKET)
    except NotFoundError:
        await jetstream.create_key_value(bucket=BUCKET, history=1)


async def create_dead_letters(
    jetstream: JetStreamContext, service: str, *, replicas: int = 1
) -> None:
    """Creates the stream of a service's dead letters. Idempotent."""
    name, subjects = dead_letters_of(service), [f"dead_letters.{service}"]
    await _create_stream(
        jetstream, name, subjects, max_age=DEAD_RETENTION_SECONDS, replicas=replicas
    )


async def _create_stream(
    jetstream: JetStreamContext, name: str, subjects: list[str], *, max_age: float, replicas: int
) -> None:
    config = StreamConfig(
        name=name,
        subjects=subjects,
        storage=StorageType.FILE,
        max_age=max_age,
        duplicate_window=120,
        discard=DiscardPolicy.OLD,
        num_replicas=replicas,
        allow_direct=True,
    )
    try:
        there = (await jetstream.stream_info(name)).config
        await jetstream.update_stream(
            config.evolve(subjects=sorted({*subjects, *(there.subjects or [])}))
        )
    except NotFoundError:
        await jetstream.add_stream(config)
