"""What follows from the catalogue as the search index knows it, worked out once and kept until the index or the shelves change."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from catalog.reserving import Shelves
from catalog.search import SearchIndex

# A description of a listing, or what a search finds, has some kilobytes.
MOST: Final = 2_048
V = TypeVar("V")


class Derived:
    """Bounded; what was not asked for the longest time goes first. It can be dropped at any moment."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._age: _Age | None = None

    def of(self, index: SearchIndex, shelves: Shelves, key: Hashable, make: Callable[[], V]) -> V:
        """What `make` returns, or returned for this key since the last change."""
        self._begin(index, shelves)
        if key in self._kept:
            return cast(V, self._used(key))
        made = make()
        self._keep(key, made)
        return made

    async def read(self, index: SearchIndex, shelves: Shelves, key: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        """The same for what is read from the database. What changes while it is read may have been read as it was before."""
        age = self._begin(index, shelves)
        if key in self._kept:
            return cast(V, self._used(key))
        made = await make()
        if self._age is age and index.generation == age.generation:
            self._keep(key, made)
        return made

    def _begin(self, index: SearchIndex, shelves: Shelves) -> "_Age":
        age = self._age
        if age is None or age.index is not index or age.generation != index.generation or age.shelves is not shelves:
            age = self._age = _Age(index, index.generation, shelves)
            self._kept.clear()
        return age

    def _used(self, key: Hashable) -> object:
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: Hashable, made: object) -> None:
        self._kept[key] = made
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Age:
    index: SearchIndex
    generation: int
    shelves: Shelves
