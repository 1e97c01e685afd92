"""The relay: events from the outbox to NATS JetStream."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Sequence
from typing import Any, Final

import nats.errors
import nats.js.errors
import psycopg

from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.outbox import SYNTHETIC_HEADER
from chassis.events.broker import Broker, BrokerUnavailable, Unpublishable, subject_of
from chassis.runtime.clock import wait_at_most

log = telemetry.log("relay")
# How late an event may be that another process emitted, one that does not lead.
_POLL_SECONDS: Final = 0.25
_BATCH: Final = 500
# After a round, so that under load a round has several events: a statement costs more than an event
# in it.
_PAUSE_SECONDS: Final = 0.02
_LOCK: Final = 0x50_4A_52_4C
# How long an event that cannot be published is passed over before it is tried again.
RETRY_SKIPPED_SECONDS: Final = 300.0
# Beyond so many skipped events a defect is at work: the relay then holds back instead of skipping
# all.
_MOST_SKIPPED: Final = 10_000
_LOOP: Final = isolation.Loop("relay")
_HEADER_NAME: Final = re.compile(r"[!-9;-~]{1,200}")
_TYPE: Final = re.compile(r"[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,20}", re.ASCII)


class Relay:
    """Publishes the outbox in order per key.

    One is active per database, by advisory lock; it holds no transaction while it publishes.

    An event that cannot be published holds up neither other keys nor the later events of its own:
    it stays in the outbox, is listed as a skipped row, and is tried again each five minutes. If it
    can be published then, it comes after events that were emitted later.
    """

    def __init__(self, database: Database, url: str, broker: Broker) -> None:
        self._database, self._url, self._broker = database, url, broker
        self._wake = asyncio.Event()
        # By id, the monotonic time at which an event that could not be published is tried again.
        self._skipped: dict[int, float] = {}
        database.on_emit.append(self._wake.set)

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database and of the broker."""
        await self._broker.ready()
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="relay"
                )
                async with connection:
                    await self._lead(connection)
            except (psycopg.Error, OSError):
                log.warning("relay lost the database")
            except Exception as error:
                log.error("relay failed and begins anew", exc_info=error)
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
        now = time.monotonic()
        self._skipped = {id: until for id, until in self._skipped.items() if until > now}
        cursor = await connection.execute(
            "SELECT id, event_id, type, key, payload, headers::text FROM outbox WHERE id <> "
            "ALL(%s::bigint[]) ORDER BY id LIMIT %s",
            [list(self._skipped), _BATCH],
            prepare=True,
        )
        pending = await cursor.fetchall()
        if not pending:
            return 0
        by_key = [
            list(rows)
            for _, rows in itertools.groupby(
                sorted(pending, key=lambda row: (row[3], row[0])), key=lambda row: row[3]
            )
        ]
        published = [
            id
            for ids in await asyncio.gather(*(self._publish_in_order(rows) for rows in by_key))
            for id in ids
        ]
        if published:
            await connection.execute(
                "DELETE FROM outbox WHERE id = ANY(%s)", [published], prepare=True
            )
        if {row[0] for row in pending} - {*published, *self._skipped}:
            await asyncio.sleep(0.2)
        return len(pending)

    async def _publish_in_order(self, rows: Sequence[Sequence[Any]]) -> list[int]:
        """Ids of what was acknowledged.

        What cannot be published at all is skipped; anything else that fails ends the row of a key's
        events.
        """
        published: list[int] = []
        for id, event_id, type, key, payload, headers in rows:
            try:
                head = _head(headers, event_id=str(event_id), type=type, key=key)
                self._broker.require_within_limit(payload, head)
                subject = subject_of(type, synthetic=SYNTHETIC_HEADER in head)
                await self._broker.jetstream.publish(subject, payload, headers=head)
            except (Unpublishable, *_REFUSED) as error:
                if len(self._skipped) >= _MOST_SKIPPED:
                    return published
                self._skipped[id] = time.monotonic() + RETRY_SKIPPED_SECONDS
                _LOOP.skip(f"{type[:100]}/{id}", error)
                continue
            except (nats.errors.Error, BrokerUnavailable, OSError, TimeoutError):
                return published
            except Exception as error:
                log.error("event not published", type=type[:100], exc_info=error)
                return published
            telemetry.events_published.labels(type).inc()
            published.append(id)
        return published


# What the client refuses before it sends, or the broker because of the message itself.
_REFUSED: Final = (
    nats.errors.MaxPayloadError,
    nats.errors.BadSubjectError,
    nats.js.errors.BadRequestError,
)


def _head(headers: str, *, event_id: str, type: str, key: str) -> dict[str, str]:
    """Raises Unpublishable."""
    try:
        carried = json.loads(headers)
    except ValueError as error:
        raise Unpublishable("its headers are not JSON") from error
    if not isinstance(carried, dict):
        raise Unpublishable("its headers are not a JSON object")
    head = {
        **carried,
        "Nats-Msg-Id": event_id,
        "ce-id": event_id,
        "ce-type": type,
        "ce-subject": key,
        "ce-specversion": "1.0",
        "content-type": "application/protobuf",
    }
    for name, value in head.items():
        if (
            not _HEADER_NAME.fullmatch(name)
            or not isinstance(value, str)
            or any(mark in value for mark in "\r\n\0")
        ):
            raise Unpublishable("a header is not a name and a text on one line")
    if not _TYPE.fullmatch(type):
        raise Unpublishable("its type is not the full name of a message")
    return head


async def _scalar(
    connection: psycopg.AsyncConnection[Any], query: Any, params: Sequence[Any]
) -> Any:
    record = await (await connection.execute(query, params)).fetchone()
    return record[0] if record else None
