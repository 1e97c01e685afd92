"""Work that a call begins and that goes on when its client has gone."""

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
# Together under the 15 s after which a timer takes over.
_PAUSES_SECONDS: Final = (0.1, 0.3, 0.8, 1.5, 3.0)
_LOOK_SECONDS: Final = (0.03, 0.25)


class Background:
    """Tasks of this process by what they are about. Each has a timer in the database, which takes over if the process dies."""

    def __init__(self, database: Database, *, most_waiters: int = 10) -> None:
        self.database = database
        self._most_waiters = most_waiters
        self._waiters: dict[UUID, int] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._next: dict[UUID, Callable[[], Awaitable[None]]] = {}

    def start(self, about: UUID, run: Callable[[], Awaitable[None]]) -> None:
        """Runs `run`, and runs it again after errors that pass, until it succeeds or is left to its timer.

        One runs at a time per `about`; what is started meanwhile runs once after it, since the first may have looked too early.
        """
        if about in self._tasks:
            self._next[about] = run
            return
        task = asyncio.create_task(self._run(about, run), name=f"background {about}")
        self._tasks[about] = task
        task.add_done_callback(lambda _: self._tasks.pop(about, None))

    async def wait(self, about: UUID, *, within: float) -> None:
        """Waits until what this process does about it is done, `within` seconds at most. Raises ConnectionHeld."""
        require_no_connection("wait")
        if (task := self._tasks.get(about)) is not None and within > 0:
            await asyncio.wait({task}, timeout=within)

    @contextmanager
    def patience_for(self, about: UUID, seconds: float) -> Iterator[float]:
        """Gives one more call its turn to wait: `seconds`, or 0 where `most_waiters` calls wait for the same thing already."""
        waiting = self._waiters[about] = self._waiters.get(about, 0) + 1
        try:
            yield seconds if waiting <= self._most_waiters else 0.0
        finally:
            self._waiters[about] -= 1
            if not self._waiters[about]:
                del self._waiters[about]

    async def until(self, about: UUID, look: Callable[[Read], Awaitable[T | None]], *, within: float) -> T | None:
        """What `look` finds in the database once it is not None, or None after `within` seconds. No connection is held between looks.

        Looks when this process's task is done, and again and again where another process works on it.
        """
        deadline = time.monotonic() + within
        look_after = _LOOK_SECONDS[0]
        while True:
            await self.wait(about, within=deadline - time.monotonic())
            async with self.database.read() as read:
                found = await look(read)
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            await pause(min(look_after, left))
            look_after = min(look_after * 1.5, _LOOK_SECONDS[1])

    async def _run(self, about: UUID, run: Callable[[], Awaitable[None]] | None) -> None:
        # The call that began this may end; its deadline and its share of the connections are not this work's.
        set_deadline(None)
        use_work_connections()
        while run is not None:
            await _patiently(about, run)
            run = self._next.pop(about, None)

    async def drain(self, seconds: float = 10) -> None:
        """Waits for what runs; what does not end in time is left to its timer."""
        if tasks := list(self._tasks.values()):
            await asyncio.wait(tasks, timeout=seconds)


async def _patiently(about: UUID, run: Callable[[], Awaitable[None]]) -> None:
    for seconds in (*_PAUSES_SECONDS, None):
        try:
            return await run()
        except (Unavailable, DeadlineExceeded, Stale, psycopg.Error, TimeoutError) as error:
            log.warning("left in doubt", about=str(about), reason=getattr(error, "reason", ""), exc_info=error)
        except DomainError as error:
            log.error("left to its timer", about=str(about), reason=error.reason, exc_info=error)
            return None
        except Exception as error:
            log.error("left to its timer", about=str(about), exc_info=error)
            return None
        if seconds is not None:
            await pause(seconds)
    return None
