"""Loading: what several calls ask of the database in the same moment is read by one statement."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from chassis.db import Database, Read

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# More keys than this are parted, so that a statement stays short.
MOST_KEYS = 1_000


class Loader(Generic[K, V]):
    """Gathers keys for one turn of the event loop and loads them together.

    Who asks gets what is there after they asked. Each turn reads on a connection of its own, so that a caller who leaves takes nothing
    from the others.
    """

    def __init__(self, database: Database, load: Callable[[Read, Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._database, self._load = database, load
        self._gathered: dict[K, None] = {}
        self._found: asyncio.Future[Mapping[K, V]] | None = None
        self._loading: set[asyncio.Task[None]] = set()

    async def of(self, keys: Iterable[K]) -> dict[K, V]:
        """The values of those keys that have one. Raises what loading raises, DatabaseUnavailable among it."""
        keys = list(keys)
        if not keys:
            return {}
        if self._found is None or len(self._gathered) + len(keys) > MOST_KEYS:
            self._begin()
        self._gathered.update(dict.fromkeys(keys))
        assert self._found is not None
        found = await asyncio.shield(self._found)
        return {key: found[key] for key in keys if key in found}

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        gathered: dict[K, None] = {}
        found: asyncio.Future[Mapping[K, V]] = loop.create_future()
        # Where everybody left there is nobody to take an error.
        found.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._gathered, self._found = gathered, found
        loop.call_soon(self._start, gathered, found)

    def _start(self, gathered: dict[K, None], found: asyncio.Future[Mapping[K, V]]) -> None:
        if self._found is found:
            self._found = None
        # It belongs to no call: it must not stand in the trace of the one that happened to begin it.
        task = asyncio.get_running_loop().create_task(self._run(list(gathered), found), context=contextvars.Context())
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)

    async def _run(self, keys: list[K], found: asyncio.Future[Mapping[K, V]]) -> None:
        try:
            async with self._database.read() as read:
                values = await self._load(read, keys)
        except asyncio.CancelledError:
            found.cancel()
            raise
        except Exception as error:
            found.set_exception(error)
        else:
            found.set_result(values)
