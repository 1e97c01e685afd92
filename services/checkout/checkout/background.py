"""Background tasks that a call starts and that outlive it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar
from uuid import UUID

import psycopg

from chassis import telemetry
from chassis.data.connections import pause, require_no_connection, use_work_connections
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.deadlines import set_deadline
from chassis.rpc.errors import DeadlineExceeded, DomainError, Stale, Unavailable

T = TypeVar("T")
log = telemetry.log("background")
# Their sum is below the 15 s after which a timer takes over.
_RETRIES_AFTER_SECONDS: Final = (0.1, 0.3, 0.8, 1.5, 3.0)
_POLL_SECONDS: Final = (0.03, 0.25)


class Background:
    """The tasks of this process by subject, an order or a refund.

    Each has a timer in the database, which takes over if the process dies.
    """

    def __init__(self, database: Database, *, max_waiters: int = 10) -> None:
        self._database = database
        self._max_waiters = max_waiters
        self._waiters: dict[UUID, int] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._next: dict[UUID, Callable[[], Awaitable[None]]] = {}

    def start(self, subject: UUID, run: Callable[[], Awaitable[None]]) -> None:
        """Runs `run`, and repeats it after transient errors.

        Other errors leave it to its timer.

        A subject has one task at a time. What starts meanwhile runs once after it, because the
        first may have read too early.
        """
        if subject in self._tasks:
            self._next[subject] = run
            return
        task = asyncio.create_task(self._run(subject, run), name=f"background {subject}")
        self._tasks[subject] = task
        task.add_done_callback(lambda _: self._tasks.pop(subject, None))

    async def wait(self, subject: UUID, *, within: float) -> None:
        """Waits up to `within` seconds for this process's task of a subject.

        Raises ConnectionHeld.
        """
        require_no_connection("wait")
        if (task := self._tasks.get(subject)) is not None and within > 0:
            await asyncio.wait({task}, timeout=within)

    @contextmanager
    def limit_waiters(self, subject: UUID, seconds: float) -> Iterator[float]:
        """Yields for how long a call may wait: 0 if `max_waiters` calls wait for it already."""
        waiting = self._waiters[subject] = self._waiters.get(subject, 0) + 1
        try:
            yield seconds if waiting <= self._max_waiters else 0.0
        finally:
            self._waiters[subject] -= 1
            if not self._waiters[subject]:
                del self._waiters[subject]

    async def wait_until(
        self, subject: UUID, find: Callable[[Read], Awaitable[T | None]], *, within: float
    ) -> T | None:
        """Returns the result of `find` as soon as it is not None, or None after `within` seconds.

        Reads after this process's task of the subject, or repeatedly if another process has the
        task. Holds no connection between reads.
        """
        deadline = time.monotonic() + within
        poll_after = _POLL_SECONDS[0]
        while True:
            await self.wait(subject, within=deadline - time.monotonic())
            async with self._database.read() as read:
                found = await find(read)
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            await pause(min(poll_after, left))
            poll_after = min(poll_after * 1.5, _POLL_SECONDS[1])

    async def drain(self, seconds: float = 10) -> None:
        """Waits for the running tasks. Timers repeat those that do not end in time."""
        if tasks := list(self._tasks.values()):
            await asyncio.wait(tasks, timeout=seconds)

    async def _run(self, subject: UUID, run: Callable[[], Awaitable[None]] | None) -> None:
        # The task outlives its call, so it has neither the call's deadline nor its share of the
        # connections.
        set_deadline(None)
        use_work_connections()
        while run is not None:
            await _run_with_retries(subject, run)
            run = self._next.pop(subject, None)


async def _run_with_retries(subject: UUID, run: Callable[[], Awaitable[None]]) -> None:
    for seconds in (*_RETRIES_AFTER_SECONDS, None):
        try:
            return await run()
        except (Unavailable, DeadlineExceeded, Stale, psycopg.Error, TimeoutError) as error:
            log.warning(
                "left in doubt",
                about=str(subject),
                reason=getattr(error, "reason", ""),
                exc_info=error,
            )
        except DomainError as error:
            log.error("left to its timer", about=str(subject), reason=error.reason, exc_info=error)
            return None
        except Exception as error:
            log.error("left to its timer", about=str(subject), exc_info=error)
            return None
        if seconds is not None:
            await pause(seconds)
    return None
