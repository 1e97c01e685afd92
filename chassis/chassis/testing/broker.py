"""The worker's NATS, whose URL is `TEST_NATS_URL`."""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable

from chassis.events.broker import Broker, create_streams
from chassis.events.consumer import Consumer


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


def migrated(consumer: Consumer) -> Callable[[], Awaitable[None]]:
    """A consumer's `run`, which first makes what `migrate` makes for it."""

    async def run() -> None:
        await consumer.create()
        await consumer.run()

    return run
