"""Timers: rows that schedule work, claimed under a lease and retried with backoff.

The transaction that wants the work inserts the row.

`due_at` is business time. Leases and backoff are real time. A timer whose row cannot be read, or
that fails again and again, stops no other: it is listed as a skipped row and tried again each five
minutes.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from pydantic import TypeAdapter
from sqlalchemy import (
    Index,
    Interval,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    delete,
    extract,
    func,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis import telemetry
from chassis.backoff import Backoff
from chassis.data import isolation
from chassis.data.connections import use_work_connections
from chassis.data.database import Database
from chassis.data.rows import Field, Row, document
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import real_now, uuid7, wait_at_most

log = telemetry.log("timers")
LEASE_SECONDS: Final = 30
_AT_ONCE: Final = 20
BACKOFF: Final = Backoff(first_seconds=1, most_seconds=300)
# From so many attempts on a timer whose handler fails is listed as a skipped row.
LISTED_FROM_ATTEMPTS: Final = 8
_LOOP: Final = isolation.Loop("timers")
# How late a timer may be that another process set, or that becomes due by itself.
_POLL_SECONDS: Final = 0.5
# What a timer's handler is told beside the key.
Payload = dict[str, int | str]
_read_payload: Final = TypeAdapter(Payload).validate_json
_read_headers: Final = TypeAdapter(dict[str, str]).validate_json


class ScheduledTimer(Row, table=True):
    """A timer that is set.

    `due_at` is business time; `leased_until` and `attempts` are of whoever runs it. `headers` carry
    the trace.
    """

    __tablename__ = "timer"
    __table_args__ = (UniqueConstraint("kind", "key"), Index("timer_due_at", "due_at"))

    id: UUID = Field(primary_key=True)
    kind: str
    key: str
    payload: Payload = document(Payload)
    due_at: datetime
    attempts: int
    leased_until: datetime
    headers: dict[str, str] = document(dict[str, str])


@dataclass(slots=True)
class Timer:
    """A claimed timer.

    `key` names what it is about; a kind and key have one timer. `lease` is its row's id and the end
    of the lease.
    """

    kind: str
    key: str
    payload: Payload
    due_at: datetime
    attempts: int
    lease: tuple[UUID, datetime]
    is_over: bool = False

    async def is_held(self, tx: Tx) -> bool:
        """Returns whether nobody set it anew since it was claimed.

        Ask with what its setters lock locked: a handler that sets the next part of its work would
        otherwise write over a later wish.
        """
        id, leased_until = self.lease
        return await tx.one(_HELD, id=id, leased_until=leased_until) is not None

    def end(self, tx: Tx) -> None:
        """Removes it with the handler's last transaction.

        Otherwise the runner does, in one more, when the handler has returned.

        One that was set anew meanwhile has another lease, and stays.
        """
        tx.deferred.execute(_END, id=self.lease[0], leased_until=self.lease[1])
        self.is_over = True


TimerHandler = Callable[[Timer], Awaitable[None]]


_LATER: Final = func.clock_timestamp() + bindparam("leased_for", type_=Interval())
_insert: Final = insert(ScheduledTimer).values(
    id=bindparam("id"),
    kind=bindparam("kind"),
    key=bindparam("key"),
    payload=bindparam("payload"),
    due_at=bindparam("due_at"),
    attempts=0,
    leased_until=_LATER,
    headers=bindparam("headers"),
)
_SCHEDULE: Final = prepare(
    _insert.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={
            name: _insert.excluded[name]
            for name in ("payload", "due_at", "attempts", "leased_until", "headers")
        },
    )
)
_CANCEL: Final = prepare(
    delete(ScheduledTimer).where(
        col(ScheduledTimer.kind) == bindparam("kind"), col(ScheduledTimer.key) == bindparam("key")
    )
)
_LEASED: Final = (
    col(ScheduledTimer.id) == bindparam("id"),
    col(ScheduledTimer.leased_until) == bindparam("leased_until"),
)
_HELD: Final = prepare(select(ScheduledTimer.id).where(*_LEASED))
_END: Final = prepare(delete(ScheduledTimer).where(*_LEASED))
_RELEASE: Final = prepare(update(ScheduledTimer).where(*_LEASED).values(leased_until=_LATER))
_due: Final = aliased(ScheduledTimer)
_MOST_ATTEMPTS: Final = 1_000_000
# What a row may hold that Python cannot is read as text, row by row.
_CLAIM: Final = prepare(
    update(ScheduledTimer)
    .where(
        col(ScheduledTimer.id).in_(
            select(_due.id)
            .where(_due.due_at <= bindparam("now"), one_of(_due.kind, "kinds"),
            _due.leased_until <= func.clock_timestamp())
            .order_by(col(_due.due_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(leased_until=bindparam("until"), attempts=func.least(ScheduledTimer.attempts,
    _MOST_ATTEMPTS) + 1)
    .returning(
        col(ScheduledTimer.id), col(ScheduledTimer.kind), col(ScheduledTimer.key),
        cast(ScheduledTimer.payload, Text),
        cast(extract("epoch", col(ScheduledTimer.due_at)), Text), col(ScheduledTimer.attempts),
        col(ScheduledTimer.leased_until),
        cast(ScheduledTimer.headers, Text),
    )
)  # fmt: skip


async def schedule(
    tx: Tx,
    kind: str,
    key: str,
    due_at: datetime,
    payload: Mapping[str, int | str] | None = None,
    *,
    lease_seconds: float = 0,
) -> None:
    """Sets the timer `kind` of `key`, in place of an earlier one.

    With `lease_seconds` nobody claims it for that long in real time: for work that the caller
    itself begins at once, and that the timer takes over if the caller dies.
    """
    tx.deferred.execute(
        _SCHEDULE,
        once=("timer", kind, key),
        id=uuid7(),
        kind=kind,
        key=key,
        payload=dict(payload or {}),
        due_at=due_at,
        leased_for=timedelta(seconds=lease_seconds),
        headers=telemetry.inject(),
    )
    tx.has_scheduled |= due_at <= tx.now and not lease_seconds


async def cancel(tx: Tx, kind: str, key: str) -> None:
    """Removes a timer; one that is gone is passed over."""
    tx.deferred.execute(_CANCEL, once=("timer", kind, key), kind=kind, key=key)


class TimerRunner:
    """Runs the timers of one database.

    Handlers open transactions of their own and must be idempotent: a lease that ran out runs again.

    A handler that raises is run again after a backoff of 1 s, doubled each time to 5 min, for ever;
    `timers_fired_total` counts it.
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

    async def _claim(self) -> list[tuple[Any, ...]]:
        leased_until = real_now() + timedelta(seconds=LEASE_SECONDS)
        # One statement alone, which most times finds nothing.
        async with self._database.read() as read:
            return await read.all(
                _CLAIM, until=leased_until, now=read.now, kinds=list(self._handlers), most=_AT_ONCE
            )

    async def _fire(self, row: tuple[Any, ...]) -> None:
        id, kind, key, payload, due_at, attempts, leased_until, headers = row
        lease = (id, leased_until)
        try:
            parent, carried = telemetry.extract(_read_headers(headers))
            timer = Timer(
                kind,
                key,
                _read_payload(payload),
                datetime.fromtimestamp(float(due_at), UTC),
                attempts,
                lease,
            )
        except Exception as error:
            telemetry.timers_fired.labels(kind, "failed").inc()
            _LOOP.skip(f"{kind}/{key}", error)
            await self._release(lease, BACKOFF.most_seconds)
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
            await self._release(lease, BACKOFF.after(timer.attempts))
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
                await tx.execute(
                    _RELEASE,
                    id=lease[0],
                    leased_until=lease[1],
                    leased_for=timedelta(seconds=backoff_seconds),
                )
