"""Subscriptions: places in a stream that the broker keeps for a service."""

import contextlib
from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError


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
