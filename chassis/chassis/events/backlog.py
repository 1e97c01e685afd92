"""Backlog of a service: outbox, timers, consumers, dead letters and waiting calls.

Looked at from outside the loops that work it off, so that a loop that is stuck shows; and read by
every replica alike, so that the maximum over replicas is right whichever of them does the work.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

import nats.errors
import psycopg
from nats.js.errors import NotFoundError

from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.events.broker import Broker, BrokerUnavailable, dead_letters_of
from chassis.events.subscription import Durable
from chassis.rpc.errors import Unavailable

log = telemetry.log("backlog")
_LOOK_SECONDS: Final = 5.0
_MOST_COUNTED: Final = 10_000


class Backlog:
    """Sets the gauges of one service. Without a broker or a database their part is left out."""

    def __init__(
        self,
        service: str,
        database: Database | None,
        broker: Broker | None,
        consumers: Sequence[Durable],
    ) -> None:
        self._service, self._database, self._broker, self._consumers = (
            service,
            database,
            broker,
            list(consumers),
        )
        for consumer in consumers:
            telemetry.consumer_pending.labels(consumer.name)
            telemetry.consumer_acknowledged.labels(consumer.name)

    async def run(self) -> None:
        """Measures until cancelled; a gauge keeps its value while a dependency is away."""
        could_look = True
        while True:
            try:
                await self.look()
                could_look = True
            except (
                Unavailable,
                psycopg.Error,
                nats.errors.Error,
                BrokerUnavailable,
                OSError,
                TimeoutError,
            ) as error:
                # Said once: the absence has an alert of its own.
                if could_look:
                    log.warning("look failed", exc_info=error)
                could_look = False
            except Exception as error:
                if could_look:
                    log.error("look failed", exc_info=error)
                could_look = False
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Sets the gauges once.

        Raises what the database and the broker raise when they are away.
        """
        if self._database is not None:
            self._look_at_pool(self._database)
            await self._look_at_rows(self._database)
            await isolation.flush(self._database)
            async with self._database.read() as read:
                await isolation.look(read)
        if self._broker is not None and self._broker.is_connected:
            await self._look_at_messages(self._broker)

    def _look_at_pool(self, database: Database) -> None:
        stats = database.pool.get_stats()
        idle = stats.get("pool_available", 0)
        telemetry.database_connections.labels("idle").set(idle)
        telemetry.database_connections.labels("used").set(stats.get("pool_size", 0) - idle)
        telemetry.database_connections_limit.set(stats.get("pool_max", 0))
        telemetry.database_calls_waiting.set(stats.get("requests_waiting", 0))

    async def _look_at_rows(self, database: Database) -> None:
        async with database.read() as read:
            found = await read.fetch_one(
                "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT %(most)s) AS pending),"
                " (SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox WHERE "
                "isfinite(created_at) ORDER BY id LIMIT 1),"
                " (SELECT count(*) FROM (SELECT 1 FROM timer WHERE due_at <= %(now)s LIMIT "
                "%(most)s) AS due),"
                " (SELECT extract(epoch FROM %(now)s - min(due_at)) FROM timer WHERE "
                "isfinite(due_at))",
                {"most": _MOST_COUNTED, "now": read.now},
            )
        assert found is not None, "aggregates always have a row"
        pending, oldest, due, oldest_due = found
        telemetry.outbox_pending.set(pending)
        telemetry.outbox_oldest.set(max(0.0, float(oldest or 0)))
        telemetry.timers_due.set(due)
        # The next timer of all may be due tomorrow: then nothing is late.
        telemetry.timers_oldest_due.set(max(0.0, float(oldest_due or 0)))

    async def _look_at_messages(self, broker: Broker) -> None:
        for consumer in self._consumers:
            try:
                info = await broker.jetstream.consumer_info(consumer.stream, consumer.name)
            except NotFoundError:
                # Nobody has subscribed yet: this process looks before it consumes.
                continue
            waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
            telemetry.consumer_pending.labels(consumer.name).set(waiting)
            telemetry.consumer_acknowledged.labels(consumer.name).set(
                info.ack_floor.stream_seq if info.ack_floor else 0
            )
        if self._consumers:
            with contextlib.suppress(NotFoundError):
                stream = await broker.jetstream.stream_info(dead_letters_of(self._service))
                telemetry.dead_letters_waiting.set(stream.state.messages)
