"""Ids of people and of touchpoints: 16 bytes each, spelled only where a text is asked for.

In Arrow they are columns of 16 bytes. People are in the order of their last 8 bytes, without the
two bits that tell an id's variant, and then of their first 8: the last ones are random in ids of
RFC 9562, so that the first people of the order are a random sample of all.
"""

import binascii
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final, overload
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Words = NDArray[np.uint64]
_BYTES: Final = 16
_VARIANT_BITS: Final = np.uint64(2)
_OTHER_BITS: Final = np.uint64(62)
_ALL_BITS: Final = 2**64 - 1


class Ids(Sequence[str]):
    """People's ids in their usual spelling, by their keys.

    Spelling a million takes a second, and most questions ask for none.
    """

    __slots__ = ("_key", "_rest")

    def __init__(self, key: Words, rest: Words) -> None:
        self._key, self._rest = key, rest

    def __len__(self) -> int:
        return len(self._key)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Ids": ...

    def __getitem__(self, place: int | slice) -> "str | Ids":
        if isinstance(place, slice):
            return Ids(self._key[place], self._rest[place])
        low = int(last_bytes_of(self._key[place]))
        return str(UUID(int=int(self._rest[place]) << 64 | low))

    def have_keys(self, keys: Words) -> NDArray[np.bool_]:
        """Returns whose key is among some."""
        return np.isin(self._key, keys)

    def __iter__(self) -> Iterator[str]:
        raw = np.stack([self._rest, last_bytes_of(self._key)], axis=1).astype(">u8").tobytes()
        yield from spelled(raw).to_pylist()


def spelled(raw: bytes) -> pa.Array:
    """Returns the texts of ids of 16 bytes each."""
    count = len(raw) // _BYTES
    digits = np.frombuffer(binascii.hexlify(raw), dtype=np.uint8).reshape(count, 2 * _BYTES)
    dashes = np.full((count, 1), ord("-"), dtype=np.uint8)
    cuts = np.split(digits, [8, 12, 16, 20], axis=1)
    parts = [part for cut in cuts for part in (dashes, cut)][1:]
    text = np.concatenate(parts, axis=1).tobytes()
    offsets = np.arange(count + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def column_of(table: pa.Table, name: str) -> pa.Array:
    """Returns a column as one array."""
    column = table[name]
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def bytes_of(ids: pa.Array) -> bytes:
    """Returns the bytes of ids, 16 each; of a missing one anything."""
    return bytes(_bytes_of(ids))


def _bytes_of(ids: pa.Array) -> memoryview:
    storage = ids.storage if isinstance(ids, pa.ExtensionArray) else ids
    if not len(storage):
        return memoryview(b"")
    begin = storage.offset * 16
    return memoryview(storage.buffers()[1])[begin : begin + len(storage) * 16]


def words_of(ids: pa.Array) -> tuple[Words, Words]:
    """Returns the first and the last 8 bytes of ids as numbers in the order of the ids."""
    pairs = np.frombuffer(_bytes_of(ids), dtype=">u8").reshape(-1, 2)
    return pairs[:, 0].astype(np.uint64), pairs[:, 1].astype(np.uint64)


def keys_of(ids: pa.Array, places: NDArray[np.int64] | None = None) -> tuple[Words, Words]:
    """Returns people's ids as two numbers each, the keys and what decides between equal keys.

    With `places` those at some places, in their order.
    """
    return keys_of_bytes(_bytes_of(ids), places)


def keys_of_bytes(
    raw: bytes | memoryview, places: NDArray[np.int64] | None = None
) -> tuple[Words, Words]:
    """Returns the keys of ids of 16 bytes each, or of those at some places."""
    pairs = np.frombuffer(raw, dtype=">u8").reshape(-1, 2)
    if places is not None:
        pairs = pairs[places]
    last = pairs[:, 1].astype(np.uint64)
    key = last << _VARIANT_BITS
    last >>= _OTHER_BITS
    key |= last
    return key, pairs[:, 0].astype(np.uint64)


def place_in_order(key: int, ids: pa.ChunkedArray) -> int:
    """Returns how many of people's ids, which are in their order, have keys below one."""
    found = 0
    for chunk in ids.chunks:
        place = _place_in_chunk(key, chunk)
        found += place
        if place < len(chunk):
            break
    return found


def _place_in_chunk(key: int, ids: pa.Array) -> int:
    raw = _bytes_of(ids)

    def key_at(place: int) -> int:
        last = int.from_bytes(raw[place * _BYTES + 8 : (place + 1) * _BYTES])
        return (last << 2 | last >> 62) & _ALL_BITS

    return bisect_left(range(len(ids)), key, key=key_at)


def last_bytes_of(keys: Any) -> Any:
    """Returns the last 8 bytes of ids, as numbers, from their keys."""
    return keys >> _VARIANT_BITS | keys << _OTHER_BITS


def share_before(key: int) -> float:
    """Returns the share of random ids whose keys are below one."""
    return key / 2**64


def key_at_share(share: float) -> int:
    """Returns the key below which a share of random ids have theirs."""
    return int(share * 2**64)


def place_of_key(key: int, keys: Words) -> int:
    """Returns how many of the sorted keys are below one."""
    return int(np.searchsorted(keys, np.uint64(key), side="left"))
