"""The worker's NATS, whose URL is `TEST_NATS_URL`."""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from nats.js.errors import ServerError

from chassis.events.broker import Broker, create_streams
from chassis.events.consumer import Consumer
from chassis.testing.waiting import eventually


@contextlib.asynccontextmanager
async def fresh_broker() -> AsyncIterator[Broker]:
    """A connection to the worker's NATS, whose streams are made anew and empty."""
    broker = Broker(os.environ["TEST_NATS_URL"], "tests")
    await broker.open()
    await broker.ready()
    for stream in await broker.jetstream.streams_info():
        await broker.jetstream.delete_stream(str(stream.config.name))
    await _make_streams(broker)
    try:
        yield broker
    finally:
        await broker.close()


async def _make_streams(broker: Broker) -> None:
    """Makes the streams. A server under load may still be deleting the folders of the old ones."""

    async def made() -> bool:
        try:
            await create_streams(broker.jetstream)
        except ServerError:
            return False
        return True

    check: Callable[[], Any] = made
    await eventually(check, within=10)


def migrated(consumer: Consumer) -> Callable[[], Awaitable[None]]:
    """A consumer's `run`, which first makes what `migrate` makes for it."""

    async def run() -> None:
        await consumer.create()
        await consumer.run()

    return run
