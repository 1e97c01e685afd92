"""The settings that a process has, followed within seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from chassis.data.connections import pause
from chassis.data.database import Database
from chassis.data.tx import Read
from checkout.merchant_settings.group import SettingsGroup

# A change counts in every process after so long.
MAX_AGE_SECONDS: Final = 2.0
# Between two looks for calls that miss something: a flood of such calls asks the database seldom.
MISS_SECONDS: Final = 0.1


class Table(Protocol):
    """The settings of a group as one value, with the number of the last change in it."""

    @property
    def revision(self) -> int: ...


T = TypeVar("T", bound=Table)


class Directory(Generic[T]):
    """A cached table. Nothing in it is authoritative: it can be dropped at any moment."""

    def __init__(
        self,
        database: Database,
        group: SettingsGroup,
        load: Callable[[Read, int], Awaitable[T]],
        initial: T,
    ) -> None:
        self.database, self._group, self._load = database, group, load
        self._table = initial
        self._looked_at: float | None = None
        self._missing = asyncio.Lock()

    async def current(self) -> T:
        """Returns the table, after a look at its revision if the last one is long ago.

        Ask without a connection out.
        """
        if self._looked_at is None or time.monotonic() - self._looked_at > MAX_AGE_SECONDS:
            await self._look()
        return self._table

    async def latest(self) -> T:
        """Returns the table with every change that was committed before this call.

        For what the present table does not have. Looks at the revision at most each
        `MISS_SECONDS`: calls that miss something meanwhile wait, and share one look. Ask without a
        connection out.
        """
        asked_at = time.monotonic()
        async with self._missing:
            if self._looked_at is None or self._looked_at < asked_at:
                if self._looked_at is not None:
                    await pause(max(self._looked_at + MISS_SECONDS - time.monotonic(), 0))
                await self._look()
        return self._table

    async def _look(self) -> None:
        looked_at, table = time.monotonic(), self._table
        async with self.database.read() as read:
            revision = await self._group.find_revision(read)
            if revision is not None and revision != table.revision:
                table = await self._load(read, revision)
        # A slower look must not bring back what a later one replaced.
        if self._looked_at is None or looked_at >= self._looked_at:
            self._table, self._looked_at = table, looked_at
