"""What follows from the search index and the shelves, worked out once and kept until one of them changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from catalog.reserving import Shelves
from catalog.search import SearchIndex

# A description of a listing, or what a search finds, has some kilobytes.
MOST: Final = 2_048
V = TypeVar("V")


class Derived:
    """Bounded; what was not asked for the longest time goes first. It can be dropped at any moment."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._of: tuple[SearchIndex, int, Shelves] | None = None

    def of(self, index: SearchIndex, shelves: Shelves, key: Hashable, make: Callable[[], V]) -> V:
        """What `make` returns, or returned for this key since the last change."""
        known = self._of
        if known is None or known[0] is not index or known[1] != index.generation or known[2] is not shelves:
            self._of = (index, index.generation, shelves)
            self._kept.clear()
        elif key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]  # type: ignore[no-any-return]
        # A reader in the next line sees the index as it is then: a change in between is of the next generation.
        made = self._kept[key] = make()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made
