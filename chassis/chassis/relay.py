"""The relay: events from the outbox to NATS JetStream."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any, Final

import nats.errors
import psycopg

from chassis import telemetry
from chassis.clock import wait_at_most
from chassis.db import Database
from chassis.events import Broker, BrokerUnavailable

log = telemetry.log("relay")
# How late an event may be that another process emitted, one that does not lead.
_POLL_SECONDS: Final = 0.25
_BATCH: Final = 500
# After a round, so that under load a round has several events: a statement costs more than an event in it.
_PAUSE_SECONDS: Final = 0.02
_LOCK: Final = 0x50_4A_52_4C


class Relay:
    """Publishes the outbox in order per key. One is active per database, by advisory lock; it holds no transaction while it publishes."""

    def __init__(self, database: Database, url: str, broker: Broker) -> None:
        self._database, self._url, self._broker = database, url, broker
        self._wake = asyncio.Event()
        database.on_emit.append(self._wake.set)

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        await self._broker.ready()
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5, application_name="relay")
                async with connection:
                    await self._lead(connection)
            except (psycopg.Error, OSError):
                log.warning("relay lost the database")
            await asyncio.sleep(0.5)

    async def _lead(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while not await _scalar(connection, "SELECT pg_try_advisory_lock(%s)", [_LOCK]):
            await asyncio.sleep(0.5)
        while True:
            # Cleared before looking: what commits from here on wakes the next round.
            self._wake.clear()
            published = await self._publish_pending(connection)
            if not published:
                await wait_at_most(self._wake, _POLL_SECONDS)
            elif published < _BATCH:
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _publish_pending(self, connection: psycopg.AsyncConnection[Any]) -> int:
        """Publishes one batch. Returns how many there were."""
        cursor = await connection.execute(
            "SELECT id, event_id, type, key, payload, headers FROM outbox ORDER BY id LIMIT %s", [_BATCH], prepare=True
        )
        pending = await cursor.fetchall()
        if not pending:
            return 0
        by_key = [list(rows) for _, rows in itertools.groupby(sorted(pending, key=lambda row: (row[3], row[0])), key=lambda row: row[3])]
        published = [id for ids in await asyncio.gather(*(self._publish_in_order(rows) for rows in by_key)) for id in ids]
        if published:
            await connection.execute("DELETE FROM outbox WHERE id = ANY(%s)", [published], prepare=True)
        if len(published) < len(pending):
            await asyncio.sleep(0.2)
        return len(pending)

    async def _publish_in_order(self, rows: Sequence[Sequence[Any]]) -> list[int]:
        """Ids of what was acknowledged: a prefix of `rows`, so that order holds."""
        published: list[int] = []
        for id, event_id, type, key, payload, headers in rows:
            headers = {**headers, "Nats-Msg-Id": str(event_id), "ce-id": str(event_id), "ce-type": type, "ce-subject": key,
                       "ce-specversion": "1.0", "content-type": "application/protobuf"}  # fmt: skip
            try:
                await self._broker.jetstream.publish(f"events.{type}", payload, headers=headers)
            except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
                return published
            telemetry.events_published.labels(type).inc()
            published.append(id)
        return published


async def _scalar(connection: psycopg.AsyncConnection[Any], query: Any, params: Sequence[Any]) -> Any:
    record = await (await connection.execute(query, params)).fetchone()
    return record[0] if record else None
