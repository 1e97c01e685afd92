"""Runs of a path: touchpoints of one kind, outcome and stage, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from web.studio.model import Touchpoint


@dataclass(frozen=True, slots=True)
class Run:
    """Touchpoints that belong together, with the number of the first on the whole path, from 1."""

    first: int
    touchpoints: Sequence[Touchpoint]

    @property
    def head(self) -> Touchpoint:
        return self.touchpoints[0]


def fold(placed: Sequence[Touchpoint]) -> list[Run]:
    """Returns a path's touchpoints in runs, in their order."""
    runs, first = [], 1
    for _, group in groupby(placed, key=lambda one: (one.stage, one.kind, one.outcome)):
        found = list(group)
        runs.append(Run(first, found))
        first += len(found)
    return runs
