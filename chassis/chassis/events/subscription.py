"""Subscriptions: durable consumers of a stream, and the loop that takes their messages."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from chassis import telemetry
from chassis.data.connections import use_work_connections
from chassis.events.broker import Broker, BrokerUnavailable

if TYPE_CHECKING:
    from chassis.data.database import Database

log = telemetry.log("events")
# A pause after a short batch, so that under load a batch has several messages: a transaction costs
# more than a message in it.
_PAUSE_SECONDS: Final = 0.05
_AWAY_SECONDS: Final = 0.3
_MISSING_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class Durable:
    """A place in a stream that the broker keeps for a service.

    `migrate` makes it; what serves only binds to it.
    """

    stream: str
    config: ConsumerConfig

    @property
    def name(self) -> str:
        return str(self.config.durable_name)

    async def create(self, jetstream: JetStreamContext) -> None:
        """Creates it, or widens its filter.

        Idempotent. It never narrows: an older image may come back while a newer one consumes.
        """
        name, subjects = self.name, set(self.config.filter_subjects or [])
        with contextlib.suppress(NotFoundError):
            there = (await jetstream.consumer_info(self.stream, name)).config
            subjects |= {
                *(there.filter_subjects or []),
                *([there.filter_subject] if there.filter_subject else []),
            }
        await jetstream.add_consumer(
            self.stream, self.config.evolve(filter_subjects=sorted(subjects))
        )

    async def bind(self, jetstream: JetStreamContext) -> JetStreamContext.PullSubscription:
        """A subscription to it."""
        return await jetstream.pull_subscribe_bind(self.name, self.stream)


class Subscription:
    """Takes up to `batch_size` messages at once from a durable consumer, for `run`."""

    def __init__(self, durable: Durable, broker: Broker, *, batch_size: int) -> None:
        self._durable, self._broker, self._batch_size = durable, broker, batch_size

    async def run(self, handle: Callable[[list[Msg]], Awaitable[None]]) -> None:
        """Awaits `handle` for each batch until cancelled, through absences of the broker.

        `handle` acknowledges what it is done with.
        """
        use_work_connections()
        await self._broker.ready()
        while True:
            try:
                bound = await self._durable.bind(self._broker.jetstream)
                while True:
                    if messages := await self._fetch(bound):
                        await handle(messages)
                        if len(messages) < self._batch_size:
                            await asyncio.sleep(_PAUSE_SECONDS)
            except NotFoundError:
                log.warning(
                    "the broker has no such consumer; `migrate` makes it",
                    consumer=self._durable.name,
                )
                await asyncio.sleep(_MISSING_SECONDS)
            except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
                await asyncio.sleep(_AWAY_SECONDS)
            except Exception as error:
                log.error(
                    "consumer failed and begins anew", consumer=self._durable.name, exc_info=error
                )
                await asyncio.sleep(_AWAY_SECONDS)

    async def _fetch(self, bound: JetStreamContext.PullSubscription) -> list[Msg]:
        """Returns the next message and those that wait behind it, or nothing after two seconds."""
        try:
            first = await bound.fetch(1, timeout=2)
        except (nats.errors.TimeoutError, TimeoutError):
            # A silent subscription may also be one whose consumer is gone with its server.
            await bound.consumer_info()
            return []
        if waiting := min(first[0].metadata.num_pending, self._batch_size - 1):
            with contextlib.suppress(nats.errors.TimeoutError, TimeoutError):
                return [*first, *await bound.fetch(waiting, timeout=0.05)]
        return first


async def return_until_ready(messages: Iterable[Msg], database: "Database") -> None:
    """Returns messages to the broker for a second, and waits until the database answers."""
    for message in messages:
        await message.nak(delay=1)
    await database.ready()
