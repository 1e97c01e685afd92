"""Timers: rows written in the transaction that wants something to happen later, claimed under a lease, retried with backoff.

`due_at` is business time. Leases and backoff are real time. A timer whose row cannot be read, or that fails again and again, stops no other:
it is listed as a skipped row and tried again each five minutes.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from chassis import isolation, telemetry
from chassis.clock import real_now, uuid7, wait_at_most
from chassis.db import Database, Tx, use_work_connections
from chassis.errors import Unavailable

log = telemetry.log("timers")
LEASE_SECONDS: Final = 30
_AT_ONCE: Final = 20
MOST_BACKOFF_SECONDS: Final = 300
# From so many attempts on a timer whose handler fails is listed as a skipped row.
LISTED_FROM_ATTEMPTS: Final = 8
_LOOP: Final = isolation.Loop("timers")
# How late a timer may be that another process set, or that becomes due by itself.
_POLL_SECONDS: Final = 0.5


@dataclass(slots=True)
class Timer:
    """A claimed timer. `key` names what it is about; a kind and key have one timer. `lease` is its row's id and the end of the lease."""

    kind: str
    key: str
    payload: dict[str, Any]
    due_at: datetime
    attempts: int
    lease: tuple[UUID, datetime]
    is_over: bool = False

    def end(self, tx: Tx) -> None:
        """Removes it with the handler's last transaction. Otherwise the runner does, in one more, when the handler has returned.

        One that was set anew meanwhile has another lease, and stays.
        """
        tx.later("DELETE FROM timer WHERE id = %s AND leased_until = %s", self.lease)
        self.is_over = True


TimerHandler = Callable[[Timer], Awaitable[None]]


async def schedule(
    tx: Tx, kind: str, key: str, due_at: datetime, payload: Mapping[str, Any] | None = None, *, lease_seconds: float = 0
) -> None:
    """Sets the timer `kind` of `key`, in place of an earlier one. With `lease_seconds` nobody claims it for that long in real time:
    for work that the caller itself begins at once, and that the timer takes over if the caller dies."""
    tx.later(
        "INSERT INTO timer (id, kind, key, payload, due_at, attempts, leased_until, headers)"
        " VALUES (%s, %s, %s, %s, %s, 0, clock_timestamp() + make_interval(secs => %s), %s)"
        " ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, due_at = excluded.due_at, attempts = 0,"
        " leased_until = excluded.leased_until, headers = excluded.headers",
        [uuid7(), kind, key, Jsonb(dict(payload or {})), due_at, lease_seconds, Jsonb(telemetry.inject())],
        once=("timer", kind, key),
    )
    tx.has_scheduled |= due_at <= tx.now and not lease_seconds


async def cancel(tx: Tx, kind: str, key: str) -> None:
    """Removes a timer; one that is gone is passed over."""
    tx.later("DELETE FROM timer WHERE kind = %s AND key = %s", [kind, key], once=("timer", kind, key))


class TimerRunner:
    """Runs the timers of one database. Handlers open transactions of their own and must be idempotent: a lease that ran out runs again.

    A handler that raises is run again after a backoff of 1 s, doubled each time to 5 min, for ever; `timers_fired_total` counts it.
    """

    def __init__(self, database: Database, handlers: Mapping[str, TimerHandler]) -> None:
        self._database, self._handlers = database, dict(handlers)
        self._wake = asyncio.Event()
        database.on_schedule.append(self._wake.set)

    async def run(self) -> None:
        """Runs until cancelled, through absences of the database."""
        use_work_connections()
        while True:
            # Cleared before looking: what is set from here on wakes the next round.
            self._wake.clear()
            try:
                claimed = await self._claim()
            except (Unavailable, psycopg.Error):
                await asyncio.sleep(_POLL_SECONDS)
                continue
            except Exception as error:
                log.error("timers not claimed", exc_info=error)
                await asyncio.sleep(_POLL_SECONDS)
                continue
            if claimed:
                async with asyncio.TaskGroup() as group:
                    for row in claimed:
                        group.create_task(self._fire(row))
            if len(claimed) < _AT_ONCE:
                await wait_at_most(self._wake, _POLL_SECONDS)

    async def _claim(self) -> list[dict[str, Any]]:
        leased_until = real_now() + timedelta(seconds=LEASE_SECONDS)
        # One statement alone, which most times finds nothing. What a row may hold that Python cannot is read as text, row by row.
        async with self._database.read() as read:
            return await read.fetch_dicts(
                "UPDATE timer SET leased_until = %s, attempts = least(attempts, 1000000) + 1 WHERE id IN (SELECT id FROM timer"
                " WHERE due_at <= %s AND kind = ANY(%s) AND leased_until <= clock_timestamp() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)"
                " RETURNING id, kind, key, payload::text, extract(epoch FROM due_at)::text AS due_at, attempts, leased_until, headers::text",
                [leased_until, read.now, list(self._handlers), _AT_ONCE],
            )

    async def _fire(self, row: dict[str, Any]) -> None:
        lease = (row["id"], row["leased_until"])
        try:
            parent, carried = telemetry.extract(_document(row["headers"]))
            due_at = datetime.fromtimestamp(float(row["due_at"]), UTC)
            timer = Timer(row["kind"], row["key"], _document(row["payload"]), due_at, row["attempts"], lease)
        except Exception as error:
            telemetry.timers_fired.labels(row["kind"], "failed").inc()
            _LOOP.skip(f"{row['kind']}/{row['key']}", error)
            await self._release(lease, MOST_BACKOFF_SECONDS)
            return
        try:
            with telemetry.span(f"timer {timer.kind}", parent=parent, carried=carried):
                async with asyncio.timeout(LEASE_SECONDS - 2):
                    await self._handlers[timer.kind](timer)
        except Exception as error:
            telemetry.timers_fired.labels(timer.kind, "failed").inc()
            log.warning("timer failed", kind=timer.kind, attempts=timer.attempts, exc_info=error)
            if timer.attempts >= LISTED_FROM_ATTEMPTS and isolation.is_of_a_row(error):
                _LOOP.skip(f"{timer.kind}/{timer.key}", error)
            await self._release(lease, min(2 ** min(timer.attempts - 1, 16), MOST_BACKOFF_SECONDS))
            return
        telemetry.timers_fired.labels(timer.kind, "fired").inc()
        if timer.is_over:
            return
        with contextlib.suppress(Unavailable, psycopg.Error):
            async with self._database.tx() as tx:
                timer.end(tx)

    async def _release(self, lease: tuple[UUID, datetime], backoff_seconds: float) -> None:
        with contextlib.suppress(Unavailable, psycopg.Error):
            async with self._database.tx() as tx:
                await tx.run(
                    "UPDATE timer SET leased_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s AND leased_until = %s",
                    [backoff_seconds, *lease],
                )


def _document(text: str) -> dict[str, Any]:
    """Raises ValueError unless it is a JSON object."""
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document
