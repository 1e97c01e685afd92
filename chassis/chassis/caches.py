"""An in-process cache with two bounds.

For one bound, or values that expire, use cachetools itself.
"""

from collections.abc import Hashable
from operator import itemgetter
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most `most_entries` values of `most_bytes` in all.

    The least recently used one is evicted first.

    cachetools bounds either the number of values or the sum of their sizes.
    """

    def __init__(self, *, most_entries: int, most_bytes: int) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._entries: LRUCache[K, tuple[V, int]] = LRUCache(most_bytes, getsizeof=itemgetter(1))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __getitem__(self, key: K) -> V:
        """Raises KeyError. The value is then the most recently used one."""
        return self._entries[key][0]

    def get(self, key: K) -> V | None:
        """Returns the value under a key, or None. The value is then the most recently used one."""
        try:
            return self._entries[key][0]
        except KeyError:
            return None

    @property
    def size_bytes(self) -> int:
        """The sum of the sizes given to `put`."""
        return int(self._entries.currsize)

    def put(self, key: K, value: V, size_bytes: int) -> None:
        """Stores a value in place of the one under the key.

        A value larger than the cache is not stored.
        """
        if size_bytes > self._most_bytes:
            self.discard(key)
            return
        self._entries[key] = value, size_bytes
        while len(self._entries) > self._most_entries:
            self._entries.popitem()

    def discard(self, key: K) -> None:
        """Removes the value under a key, if there is one."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()
