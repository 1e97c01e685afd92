"""The gateway's touchpoints: batches from the stream TOUCHPOINTS into rows, one transaction for all that one fetch brings."""

import asyncio
import contextlib
import time
from typing import Final

import nats.errors
import psycopg
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.db import Database, Tx
from chassis.errors import Invalid, Unavailable
from chassis.events import CONSUMER_PAUSE_SECONDS, TOUCHPOINTS, Broker, BrokerUnavailable, Durable
from journey import messages, metrics
from journey.recording import Seen, record, without_merged_guests
from journey.settings import Settings
from journey.touchpoints import Source
from sojourn.journey.v1 import events_pb2 as pb

log = telemetry.log("stream")
SUBJECT: Final = "touchpoints.gateway"
_AT_ONCE: Final = 50
_MOST_IN_BATCH: Final = 500
DURABLE: Final = Durable(
    TOUCHPOINTS,
    ConsumerConfig(durable_name="journey-gateway", filter_subjects=[SUBJECT], ack_wait=60, max_deliver=-1, max_ack_pending=1_000),
)


class GatewayTouchpoints:
    """Stores what the gateway publishes. Lossless once it is in the stream: acknowledged after the commit, and stored once by its ids."""

    def __init__(self, database: Database, broker: Broker, settings: Settings) -> None:
        self._database, self._broker, self._settings = database, broker, settings

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        await self._broker.ready()
        while True:
            try:
                subscription = await DURABLE.bind(self._broker.jetstream)
                while True:
                    if fetched := await self._fetch(subscription):
                        await self._store(fetched)
                        if len(fetched) < _AT_ONCE:
                            await asyncio.sleep(CONSUMER_PAUSE_SECONDS)
            except NotFoundError:
                log.warning("the broker has no such consumer; `migrate` makes it", consumer=DURABLE.config.durable_name)
                await asyncio.sleep(2)
            except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
                await asyncio.sleep(0.3)

    async def _fetch(self, subscription: JetStreamContext.PullSubscription) -> list[Msg]:
        try:
            first = await subscription.fetch(1, timeout=2)
        except (nats.errors.TimeoutError, TimeoutError):
            # A silent subscription may also be one whose consumer is gone with its server.
            await subscription.consumer_info()
            return []
        if waiting := min(first[0].metadata.num_pending, _AT_ONCE - 1):
            with contextlib.suppress(nats.errors.TimeoutError, TimeoutError):
                return [*first, *await subscription.fetch(waiting, timeout=0.05)]
        return first

    async def _store(self, fetched: list[Msg]) -> None:
        began = time.perf_counter()
        try:
            with telemetry.span("consume touchpoints", SpanKind.CONSUMER, carried={}, attributes={"messaging.system": "nats"}) as span:
                async with self._database.tx() as tx:
                    seen = [one for message in fetched for one in self._decoded(message, tx)]
                    span.set_attribute("messaging.batch.message_count", len(seen))
                    seen = await without_merged_guests(tx, seen)
                    recorded = await record(tx, seen, self._settings.is_granted_by_default)
        except (Unavailable, psycopg.Error) as error:
            await self._failed(fetched, error)
            return
        for message in fetched:
            await message.ack()
        metrics.batch_seconds.observe(time.perf_counter() - began)
        metrics.count(Source.GATEWAY, recorded)

    def _decoded(self, message: Msg, tx: Tx) -> list[Seen]:
        """The touchpoints of one message. Those that make no sense never will: they are counted and passed over."""
        try:
            batch = pb.TouchpointBatch.FromString(message.data)
        except DecodeError:
            metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc()
            return []
        seen = []
        for touchpoint in batch.touchpoints[:_MOST_IN_BATCH]:
            try:
                seen.append(messages.seen_of_gateway(touchpoint, tx.now, self._settings.default_channel))
            except Invalid:
                metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc()
        metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc(max(0, len(batch.touchpoints) - _MOST_IN_BATCH))
        return seen

    async def _failed(self, fetched: list[Msg], error: Exception) -> None:
        """All of it comes again: nothing was stored. A batch that lost a race with another replica's finds its rows there next time."""
        if not isinstance(error, Unavailable):
            log.error("touchpoints not stored", messages=len(fetched), exc_info=error)
        for message in fetched:
            await message.nak(delay=1)
        while not await self._database.ping():
            await asyncio.sleep(0.3)
