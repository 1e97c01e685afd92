"""The gateway's touchpoints: batches of the stream TOUCHPOINTS into rows.

One transaction stores what one fetch brings.

A touchpoint that cannot be stored is left out and listed as a skipped row; all others are stored.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig
from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.events.broker import TOUCHPOINTS, Broker
from chassis.events.subscription import Durable, Subscription, return_until_ready
from chassis.rpc.errors import Invalid, Unavailable
from journey import metrics
from journey import wire as messages
from journey.settings import Settings
from journey.touchpoints.model import Source
from journey.touchpoints.record import Seen, record_touchpoints, without_merged_guests
from sojourn.journey.v1 import events_pb2 as pb

log = telemetry.log("stream")
SUBJECT: Final = "touchpoints.gateway"
_BATCH_SIZE: Final = 50
_MOST_IN_BATCH: Final = 500
# From so many deliveries on, what failed is stored one by one: a batch that lost a race with
# another replica's succeeds before.
_ONE_BY_ONE_FROM: Final = 3
_LOOP: Final = isolation.Loop("touchpoints")
DURABLE: Final = Durable(
    TOUCHPOINTS,
    ConsumerConfig(
        durable_name="journey-gateway",
        filter_subjects=[SUBJECT],
        ack_wait=60,
        max_deliver=-1,
        max_ack_pending=1_000,
    ),
)


class GatewayTouchpoints:
    """Stores what the gateway publishes.

    Lossless once it is in the stream: acknowledged after the commit, and stored once by its ids.
    """

    def __init__(self, database: Database, broker: Broker, settings: Settings) -> None:
        self._database, self._broker, self._settings = database, broker, settings

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        await Subscription(DURABLE, self._broker, batch_size=_BATCH_SIZE).run(self._store)

    async def _store(self, fetched: list[Msg]) -> None:
        began = time.perf_counter()
        try:
            with telemetry.span(
                "consume touchpoints",
                SpanKind.CONSUMER,
                carried={},
                attributes={"messaging.system": "nats"},
            ) as span:
                async with self._database.tx() as tx:
                    seen = [one for message in fetched for one in self._decoded(message, tx.now)]
                    span.set_attribute("messaging.batch.message_count", len(seen))
                    seen = await without_merged_guests(tx, seen)
                    recorded = await record_touchpoints(
                        tx, seen, self._settings.is_granted_by_default
                    )
        except Exception as error:
            if (
                isolation.is_of_a_row(error)
                and fetched[0].metadata.num_delivered >= _ONE_BY_ONE_FROM
            ):
                await self._store_one_by_one(fetched)
            else:
                await self._failed(fetched, error)
            return
        for message in fetched:
            await message.ack()
        metrics.batch_seconds.observe(time.perf_counter() - began)
        metrics.count(Source.GATEWAY, recorded)

    async def _store_one_by_one(self, fetched: list[Msg]) -> None:
        """Stores all touchpoints but those that no transaction takes."""

        async def store(seen: Sequence[Seen]) -> None:
            async with self._database.tx() as tx:
                recorded = await record_touchpoints(
                    tx, await without_merged_guests(tx, seen), self._settings.is_granted_by_default
                )
            metrics.count(Source.GATEWAY, recorded)

        for message in fetched:
            try:
                seen = self._decoded(message, self._database.clock.now())
                left_out = await isolation.handle_isolated(
                    seen, store, loop=_LOOP, key=lambda one: one.touchpoint.id
                )
            except Exception as error:
                await self._failed([message], error)
                continue
            metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc(len(left_out))
            await message.ack()

    def _decoded(self, message: Msg, now: datetime) -> list[Seen]:
        """The touchpoints of one message.

        Those that make no sense never will: they are counted and passed over.
        """
        try:
            batch = pb.TouchpointBatch.FromString(message.data)
        except DecodeError:
            metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc()
            return []
        seen = []
        for touchpoint in batch.touchpoints[:_MOST_IN_BATCH]:
            try:
                seen.append(
                    messages.seen_of_gateway(touchpoint, now, self._settings.default_channel)
                )
            except (Invalid, ValueError, TypeError, OverflowError):
                metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc()
        metrics.touchpoints.labels(Source.GATEWAY, "malformed").inc(
            max(0, len(batch.touchpoints) - _MOST_IN_BATCH)
        )
        return seen

    async def _failed(self, fetched: list[Msg], error: Exception) -> None:
        """All of it comes again: nothing was stored.

        A batch that lost a race with another replica's finds its rows there next time.
        """
        if not isinstance(error, Unavailable):
            log.error("touchpoints not stored", messages=len(fetched), exc_info=error)
        await return_until_ready(fetched, self._database)
