"""Times of funnels: how long ways take from step to step, and from the first to the last.

Percentiles are by the inverse of the empirical distribution, so that each is a time that was
measured: Hyndman and Fan 1996, definition 1. The median is the lower one of two.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.questions.fold import AT_ONCE
from journey.questions.funnels import (
    MOST_VALUES,
    NOWHERE,
    Funnel,
    FunnelOptions,
    kinds_of,
    steps_of,
    ways_of,
)
from journey.store.batch import Batch, Mask, Numbers

# In per cent: an index must not depend on a float.
_PERCENTS: Final = (25, 50, 75, 90)
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of times in seconds, and how many times there were; all 0 for none."""

    count: int
    p25_seconds: float
    median_seconds: float
    p75_seconds: float
    p90_seconds: float


@dataclass(frozen=True, slots=True)
class SegmentTimes:
    """Times of ways with one value of the breakdown.

    `ways` reached the first step. `steps[n]` are the times from step n - 1 to n of those that
    reached n; nothing for the first. `whole` is from the first step to the last.
    """

    ways: int
    steps: list[Times]
    whole: Times


@dataclass(slots=True)
class _Collected:
    steps: list[list[Numbers]]
    ways: int = 0
    whole: list[Numbers] = field(default_factory=list)

    def add(self, reached: Sequence[Numbers], at: Numbers) -> None:
        self.ways += len(reached[0])
        for step in range(1, len(reached)):
            arrived = reached[step] != NOWHERE
            before = reached[step - 1][arrived]
            self.steps[step].append(np.abs(at[reached[step][arrived]] - at[before]))
        arrived = reached[-1] != NOWHERE
        places = np.stack([step[arrived] for step in reached])
        if places.size:
            moments = at[places]
            self.whole.append(moments.max(axis=0) - moments.min(axis=0))


class StepTimes:
    """Measures the ways that a funnel counts. In any order, times run between the steps' first."""

    before = AT_ONCE
    reads_later = False

    def __init__(self, options: FunnelOptions) -> None:
        self._options = options
        self.columns, self.kinds = Funnel(options).columns, kinds_of(options)
        self._found: dict[str, _Collected] = defaultdict(
            lambda: _Collected([[] for _ in options.steps])
        )

    def add(self, batch: Batch, counted: Mask) -> None:
        ways = ways_of(batch, counted, self._options)
        if not len(ways):
            return
        reached = steps_of(batch, ways, self._options)
        begun = np.flatnonzero(reached[0] != NOWHERE)
        texts = batch.texts[self._options.by] if self._options.by else None
        codes = texts.codes[ways.place(reached[0][begun])] if texts else np.zeros(len(begun))
        at = ways.of(batch.at)
        for code in np.unique(codes).tolist():
            collected = self._found[texts.values[code] if texts else ""]
            collected.add([places[begun[codes == code]] for places in reached], at)

    def answer(self) -> dict[str, SegmentTimes]:
        """Returns times by value, those of most ways first; of the empty text without `by`."""
        if not self._options.by:
            self._found[""]
        largest = sorted(self._found.items(), key=lambda pair: (-pair[1].ways, pair[0]))
        return {
            value: SegmentTimes(
                one.ways, [describe_times(step) for step in one.steps], describe_times(one.whole)
            )
            for value, one in largest[:MOST_VALUES]
        }


def describe_times(parts: Sequence[Numbers]) -> Times:
    """Returns the percentiles of times in microseconds."""
    times = np.sort(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))
    if not len(times):
        return Times(0, 0.0, 0.0, 0.0, 0.0)
    places = [-(-percent * len(times) // 100) - 1 for percent in _PERCENTS]
    p25, median, p75, p90 = (float(times[place]) / _SECOND for place in places)
    return Times(len(times), p25, median, p75, p90)
