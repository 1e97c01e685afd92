"""PostgreSQL: the pool of one service's own database, and its reads and transactions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chassis.data.connections import (
    Hold,
    current_hold,
    require_no_connection,
    uses_work_connections,
)
from chassis.data.tx import Read, Tx
from chassis.rpc.deadlines import seconds_left
from chassis.rpc.errors import Unavailable
from chassis.runtime.clock import Clock

# How long a call waits for a connection of the pool, and how long once the database is known to be
# away.
WAIT_SECONDS: Final = 2.0
AWAY_SECONDS: Final = 0.3
# Of a caller's time a call waits at most this share for a connection: what is left is for a clear
# 503, on each hop of the way home.
_WAIT_SHARE: Final = 0.4
_PING_SECONDS: Final = 0.2


class DatabaseUnavailable(Unavailable):
    """The database is away or out of connections; the transaction had no effect, or all of it."""


class Database:
    """The pool of one service's own database."""

    def __init__(self, url: str, *, source: str, clock: Clock, pool_size: int = 10) -> None:
        self._source, self.clock = source, clock
        # A third of the connections is kept back for calls and a third for work: a call that waits
        # for an order waits for work that needs a connection, so that a crowd of calls must never
        # hold all of them.
        most = max(pool_size - max(pool_size // 3, 1), 1)
        self._free_for_calls, self._free_for_work = asyncio.Semaphore(most), asyncio.Semaphore(most)
        self.on_emit: list[Callable[[], None]] = []
        self.on_schedule: list[Callable[[], None]] = []
        self._is_away = False
        self.pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=WAIT_SECONDS,
            reconnect_timeout=1,
            kwargs={
                "autocommit": True,
                "connect_timeout": 5,
                "application_name": source,
                # A transaction that its process forgot must not hold locks; a dead peer must not
                # hold connections.
                "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60s -c "
                "statement_timeout=30s -c lock_timeout=10s"
                # Every statement here is prepared and point-like: planning one anew costs more than
                # a better plan would save.
                " -c plan_cache_mode=force_generic_plan",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
            },
            check=None,
        )

    async def open(self) -> None:
        """Opens the pool. Does not wait for the first connection: `ping` tells."""
        await self.pool.open()

    async def close(self) -> None:
        await self.pool.close(timeout=5)

    async def ping(self) -> bool:
        """Returns whether the database answers."""
        try:
            async with self.pool.connection(timeout=2) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout, OSError):
            return False
        return True

    async def ready(self) -> None:
        """Waits until the database answers."""
        while not await self.ping():
            await asyncio.sleep(_PING_SECONDS)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        """Autocommit reads on one connection. Raises DatabaseUnavailable."""
        async with AsyncExitStack() as stack:
            yield Read(
                lambda: stack.enter_async_context(self._connection()), self.clock, stack.aclose
            )

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end of the block and rolls back on an exception.

        Raises DatabaseUnavailable.
        """
        async with AsyncExitStack() as stack:
            tx = Tx(lambda: stack.enter_async_context(self._connection()), self.clock, self._source)
            # An exception rolls back: the pool sees to that.
            yield tx
            await tx.commit()
            self.committed(tx)

    def committed(self, tx: Tx) -> None:
        """Wakes this process's relay after an emit, and its timers after a due one was set."""
        for wake in (
            *(self.on_emit if tx.has_emitted else ()),
            *(self.on_schedule if tx.has_scheduled else ()),
        ):
            wake()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        require_no_connection("take a second connection")
        free = self._free_for_work if uses_work_connections() else self._free_for_calls
        if free.locked():
            try:
                await asyncio.wait_for(free.acquire(), _seconds_to_wait(WAIT_SECONDS))
            except TimeoutError:
                raise DatabaseUnavailable(
                    "all connections are in use", retry_after_seconds=1
                ) from None
        else:
            await free.acquire()
        try:
            async with self._pooled() as connection:
                yield connection
        finally:
            free.release()

    @asynccontextmanager
    async def _pooled(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        hold: Hold | None = None
        try:
            # Who finds the database away answers soon, so that callers' deadlines have room for a
            # clear 503.
            async with self.pool.connection(
                timeout=_seconds_to_wait(AWAY_SECONDS if self._is_away else WAIT_SECONDS)
            ) as connection:
                self._is_away = False
                hold = Hold()
                current_hold.set(hold)
                # Before Python 3.12 a task that is cancelled in the tick in which the pool hands
                # over goes on as if it were not.
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise asyncio.CancelledError
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            if isinstance(
                error,
                psycopg.errors.DeadlockDetected
                | psycopg.errors.LockNotAvailable
                | psycopg.errors.QueryCanceled,
            ):
                raise DatabaseUnavailable("the database is busy", retry_after_seconds=1) from error
            if getattr(error, "sqlstate", None) is None or isinstance(
                error,
                psycopg.errors.AdminShutdown
                | psycopg.errors.CrashShutdown
                | psycopg.errors.CannotConnectNow,
            ):
                # Idle connections died with the server: replace them now, not one failure at a
                # time.
                await self.pool.check()
            self._is_away = True
            raise DatabaseUnavailable("the database is away", retry_after_seconds=1) from error
        finally:
            if hold is not None:
                hold.is_active = False


def _seconds_to_wait(at_most: float) -> float:
    """Returns the seconds that the running call may wait for a connection."""
    return max(min(at_most, seconds_left(WAIT_SECONDS / _WAIT_SHARE) * _WAIT_SHARE), 0.0)
