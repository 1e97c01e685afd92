"""Batches the keys that several calls request during one event-loop tick into one query."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chassis.data.database import Database
from chassis.data.tx import Read

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# More keys than this are parted, so that a statement stays short.
MOST_KEYS = 1_000


@dataclass(slots=True, eq=False)
class _Turn(Generic[K, V]):
    """Keys requested during one event-loop tick, and the callers that await their query."""

    keys: dict[K, None]
    waiting: list[asyncio.Future[Mapping[K, V] | None]] = field(default_factory=list)

    def settle(self, found: Mapping[K, V] | None, error: Exception | None = None) -> None:
        for each in self.waiting:
            if not each.done():
                if error is not None:
                    each.set_exception(error)
                else:
                    each.set_result(found)


class Loader(Generic[K, V]):
    """Gathers keys for one turn of the event loop; who asked first loads them for all.

    Everybody gets what is there after they asked.
    """

    def __init__(
        self, database: Database, load: Callable[[Read, Sequence[K]], Awaitable[Mapping[K, V]]]
    ) -> None:
        self._database, self._load = database, load
        self._turn: _Turn[K, V] | None = None

    async def load(self, keys: Iterable[K]) -> dict[K, V]:
        """The values of those keys that have one.

        Raises what loading raises, DatabaseUnavailable among it.
        """
        keys = dict.fromkeys(keys)
        found: Mapping[K, V] | None = {} if not keys else None
        while found is None:
            turn = self._turn
            if turn is None or len(turn.keys) + len(keys) > MOST_KEYS:
                found = await self._load_turn(_Turn(dict(keys)))
            else:
                turn.keys.update(keys)
                mine = asyncio.get_running_loop().create_future()
                turn.waiting.append(mine)
                # None where the one who was to load it left.
                found = await mine
        return {key: found[key] for key in keys if key in found}

    async def _load_turn(self, turn: _Turn[K, V]) -> Mapping[K, V]:
        self._turn = turn
        try:
            try:
                await asyncio.sleep(0)
            finally:
                if self._turn is turn:
                    self._turn = None
            async with self._database.read() as read:
                found = await self._load(read, list(turn.keys))
        except Exception as error:
            turn.settle(None, error)
            raise
        except BaseException:
            turn.settle(None)
            raise
        turn.settle(found)
        return found
