"""Values derived from the search index, kept until the index or the directory changes."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeVar, cast

from google.protobuf.message import Message

from catalog.reservations.actions import CatalogContext
from catalog.search.index import SearchIndex
from chassis.caches import BoundedCache

# A description of a listing, or what a search finds, has some kilobytes.
MOST: Final = 2_048
MOST_BYTES: Final = 16 * 1024 * 1024
# A value beyond it is given back and not kept: it would displace many.
MOST_VALUE_BYTES: Final = MOST_BYTES // 16
# What an object takes beside its content.
_OBJECT_BYTES: Final = 64
V = TypeVar("V")


class Derived:
    """Bounded in number and bytes; what was not asked for the longest time goes first.

    It can be dropped at any moment.
    """

    def __init__(self, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._largest_bytes = min(MOST_VALUE_BYTES, most_bytes)
        self._kept: BoundedCache[Hashable, object] = BoundedCache(
            most_entries=most, most_bytes=most_bytes
        )
        self._age: _Age | None = None

    @property
    def size_bytes(self) -> int:
        """About how many bytes the kept values take."""
        return self._kept.size_bytes

    def get_or_make(
        self, index: SearchIndex, context: CatalogContext, key: Hashable, make: Callable[[], V]
    ) -> V:
        """Returns the value of `make`, computed once for a key between two changes."""
        self._begin(index, context)
        if key in self._kept:
            return cast(V, self._kept[key])
        made = make()
        self._keep(key, made)
        return made

    async def read(
        self,
        index: SearchIndex,
        context: CatalogContext,
        key: Hashable,
        make: Callable[[], Awaitable[V]],
    ) -> V:
        """The same for what is read from the database.

        What changes while it is read may have been read as it was before.
        """
        age = self._begin(index, context)
        if key in self._kept:
            return cast(V, self._kept[key])
        made = await make()
        if self._age is age and index.generation == age.generation:
            self._keep(key, made)
        return made

    def _begin(self, index: SearchIndex, context: CatalogContext) -> "_Age":
        age = self._age
        if (
            age is None
            or age.index is not index
            or age.generation != index.generation
            or age.context is not context
        ):
            age = self._age = _Age(index, index.generation, context)
            self._kept.clear()
        return age

    def _keep(self, key: Hashable, made: object) -> None:
        size = _size_of(key) + _size_of(made)
        if size <= self._largest_bytes:
            self._kept.put(key, made, size)


def _size_of(value: object) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, str | bytes):
        return _OBJECT_BYTES + len(value)
    if isinstance(value, Message):
        # In memory, a message takes some times its serialized size.
        return _OBJECT_BYTES + 3 * value.ByteSize()
    if isinstance(value, Mapping):
        return _OBJECT_BYTES + sum(_size_of(key) + _size_of(each) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return _OBJECT_BYTES + sum(map(_size_of, value))
    if is_dataclass(value):
        return _OBJECT_BYTES + sum(
            _size_of(getattr(value, field.name)) for field in fields(cast(Any, value))
        )
    return _OBJECT_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class _Age:
    index: SearchIndex
    generation: int
    context: CatalogContext
