"""Ids of people and of touchpoints: 16 bytes each, spelled only where a text is asked for.

In Arrow they are columns of 16 bytes.
"""

import binascii
from collections.abc import Iterator, Sequence
from typing import Final, overload
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Words = NDArray[np.uint64]
_BYTES: Final = 16


class Ids(Sequence[str]):
    """Ids in their usual spelling, by their first and last 8 bytes.

    Spelling a million takes a second, and most questions ask for none.
    """

    __slots__ = ("_high", "_low")

    def __init__(self, high: Words, low: Words) -> None:
        self._high, self._low = high, low

    def __len__(self) -> int:
        return len(self._high)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Ids": ...

    def __getitem__(self, place: int | slice) -> "str | Ids":
        if isinstance(place, slice):
            return Ids(self._high[place], self._low[place])
        return str(UUID(int=int(self._high[place]) << 64 | int(self._low[place])))

    def __iter__(self) -> Iterator[str]:
        raw = np.stack([self._high, self._low], axis=1).astype(">u8").tobytes()
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
