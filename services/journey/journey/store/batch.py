"""Touchpoints of some whole people, one array a column and one element a touchpoint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
# A number that a touchpoint does not have.
MISSING: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: `values[codes[i]]` is the text of touchpoint i."""

    codes: Codes
    values: Sequence[str]

    def where(self, test: Callable[[str], bool]) -> Mask:
        """Returns which touchpoints have a text for which the test holds; asks each text once."""
        chosen = np.fromiter(map(test, self.values), dtype=np.bool_, count=len(self.values))
        return chosen[self.codes]

    def take(self, chosen: Mask | Numbers) -> list[str]:
        """Returns the texts of the chosen touchpoints."""
        return [self.values[code] for code in self.codes[chosen].tolist()]


@dataclass(frozen=True, slots=True)
class Batch:
    """Touchpoints in the order of person, time, `sequence` and id; each person is in one batch.

    `starts[p]` is the first touchpoint of `people[p]`, and `starts[p + 1]` the one after their
    last. `at` is in microseconds since 1970-01-01T00:00Z. `texts` and `numbers` hold what was asked
    for; properties are `property:<name>`.
    """

    people: Sequence[str]
    starts: Numbers
    at: Numbers
    texts: Mapping[str, Texts]
    numbers: Mapping[str, Numbers]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def person(self) -> Numbers:
        """The place in `people` of each touchpoint's person."""
        return np.repeat(np.arange(len(self.people)), np.diff(self.starts))
