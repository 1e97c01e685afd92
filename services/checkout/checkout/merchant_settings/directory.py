"""The settings that a process has, followed within seconds."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from chassis.data.database import Database
from chassis.data.tx import Read
from checkout.merchant_settings.group import SettingsGroup

# A change counts in every process after so long.
MAX_AGE_SECONDS: Final = 2.0


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

    async def current(self) -> T:
        """Returns the table, after a look at its revision if the last one is long ago.

        Ask without a connection out.
        """
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at > MAX_AGE_SECONDS:
            async with self.database.read() as read:
                revision = await self._group.find_revision(read)
                if revision is not None and revision != self._table.revision:
                    self._table = await self._load(read, revision)
            self._looked_at = now
        return self._table
