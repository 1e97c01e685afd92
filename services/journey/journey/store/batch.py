"""Touchpoints of some whole people, one array a column and one element a touchpoint."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
# A number that a touchpoint does not have.
MISSING: Final = np.iinfo(np.int64).min
_FEW_CODES: Final = 6
# Numbers below it are counted in an array; among larger ones different ones are found by sorting.
_MOST_SLOTS: Final = 100_000


class ArrowTexts(Sequence[str]):
    """Texts of an Arrow array, made into Python's only where they are asked for."""

    __slots__ = ("array",)

    def __init__(self, array: pa.StringArray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "ArrowTexts": ...

    def __getitem__(self, place: int | slice) -> "str | ArrowTexts":
        if isinstance(place, slice):
            return ArrowTexts(self.array[place])
        text: str = self.array[place].as_py()
        return text

    def __iter__(self) -> Iterator[str]:
        yield from self.array.to_pylist()


def where_code(chosen: Mask, codes: Codes) -> Mask:
    """Returns which codes are chosen. Few of them are compared, which is faster than a look-up."""
    if chosen.all():
        return np.ones(len(codes), dtype=np.bool_)
    few = np.flatnonzero(chosen)
    if len(few) > _FEW_CODES:
        found: Mask = chosen.take(codes)
        return found
    found = np.zeros(len(codes), dtype=np.bool_)
    for code in few.tolist():
        found |= codes == code
    return found


def numbered(keys: Numbers) -> tuple[Numbers, Numbers]:
    """Returns the different keys, and the place of each element's among them.

    There must be at least one; none is below 0.
    """
    width = int(keys.max()) + 1
    if width > max(_MOST_SLOTS, 4 * len(keys)):
        different, found = np.unique(keys, return_inverse=True)
        return different, found
    is_taken = np.zeros(width, dtype=np.bool_)
    is_taken[keys] = True
    different = np.flatnonzero(is_taken)
    if len(different) == width:
        return different, keys
    return different, (np.cumsum(is_taken) - 1)[keys]


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: `values[codes[i]]` is the text of touchpoint i."""

    codes: Codes
    values: Sequence[str]

    def where(self, test: Callable[[str], bool]) -> Mask:
        """Returns which touchpoints have a text for which the test holds; asks each text once."""
        chosen = np.fromiter(map(test, self.values), dtype=np.bool_, count=len(self.values))
        return self._of_values(chosen)

    @property
    def given(self) -> Mask:
        """Tells of each touchpoint whether it has a text."""
        return self._of_values(self.values_given)

    def _of_values(self, chosen: Mask) -> Mask:
        """Returns which touchpoints have a chosen value; most columns have few values."""
        return where_code(chosen, self.codes)

    @property
    def values_given(self) -> Mask:
        """Tells of each value whether it is a text and not the empty one."""
        if isinstance(self.values, ArrowTexts):
            found: Mask = pc.not_equal(self.values.array, "").to_numpy(zero_copy_only=False)
            return found
        return np.fromiter(map(bool, self.values), dtype=np.bool_, count=len(self.values))

    def take(self, chosen: Mask | Numbers | slice) -> list[str]:
        """Returns the texts of the chosen touchpoints."""
        codes = self.codes[chosen]
        if isinstance(self.values, ArrowTexts):
            found: list[str] = self.values.array.take(pa.array(codes)).to_pylist()
            return found
        return [self.values[code] for code in codes.tolist()]


@dataclass(frozen=True, slots=True)
class Batch:
    """Touchpoints in the order of person, time, `sequence` and id; each person is in one batch.

    `starts[p]` is the first touchpoint of `people[p]`, and `starts[p + 1]` the one after their
    last. `at` is in microseconds since 1970-01-01T00:00Z. `texts` and `numbers` hold what was asked
    for; properties are `property:<name>`. `people` may be `Ids`, which are spelled one by one: ask
    for the few that an answer names.

    `read_share` is set on a batch that completes a sample: the people of it and of all batches
    before it are this share of all people, drawn by a hash of their ids. None says that more of
    the sample comes.
    """

    people: Sequence[str]
    starts: Numbers
    at: Numbers
    texts: Mapping[str, Texts]
    numbers: Mapping[str, Numbers]
    read_share: float | None = None

    def __len__(self) -> int:
        return len(self.at)

    @property
    def person(self) -> Numbers:
        """The place in `people` of each touchpoint's person."""
        return np.repeat(np.arange(len(self.people)), np.diff(self.starts))
