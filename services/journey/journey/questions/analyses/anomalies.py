"""Anomalies: counts of an hour or a day that are far from those of the weeks before.

The baseline of an interval are the same ones (weekday, and hour) of up to 8 weeks before it. What
is expected is their median, and the usual spread is 1.4826 times their median absolute deviation,
which outliers among them do not move: Iglewicz and Hoaglin 1993. The spread is at least the square
root of what is expected, because counts vary by chance that much (Poisson); this is ours. Nothing
is judged with fewer than 4 weeks of history before it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.filters import microseconds
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask

WEEKS: Final = 8
LEAST_WEEKS: Final = 4
BASELINE: Final = timedelta(weeks=WEEKS)
# A modified z-score beyond which Iglewicz and Hoaglin call a value an outlier.
USUAL_THRESHOLD: Final = 3.5
MOST_ANOMALIES: Final = 200
# Makes the median absolute deviation of a normal distribution its standard deviation.
_CONSISTENT: Final = 1.4826
_SEASONS: Final = {Interval.HOUR: 7 * 24, Interval.DAY: 7}


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A count far from what was expected; `score` is the distance in usual spreads."""

    begin: str
    value: str
    actual: int
    expected: float
    score: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Anomalies, the largest scores first, and how many counts were judged.

    `too_new` could not be judged for want of history.
    """

    anomalies: list[Anomaly]
    judged: int
    too_new: int


class Anomalies:
    """Judges counts by interval of local time and value; only intervals that are over.

    Its filter must let through BASELINE before `since` too.
    """

    before = AT_ONCE
    reads_later = False

    def __init__(
        self,
        interval: Interval,
        zone: str,
        by: str,
        period: tuple[datetime | None, datetime],
        threshold: float = USUAL_THRESHOLD,
    ) -> None:
        self._interval, self._zone, self._by, self._threshold = interval, zone, by, threshold
        self._since, self._until = period
        self.columns = frozenset({by})
        self._counts: dict[str, Counter[int]] = defaultdict(Counter)

    def add(self, batch: Batch, counted: Mask) -> None:
        numbers = intervals_of(batch.at[counted], self._interval, self._zone)
        texts = batch.texts[self._by]
        pairs = np.stack([texts.codes[counted].astype(np.int64), numbers], axis=1)
        different, counts = np.unique(pairs, axis=0, return_counts=True)
        for (code, number), count in zip(different.tolist(), counts.tolist(), strict=True):
            self._counts[texts.values[code]][number] += count

    def answer(self) -> Judged:
        known = [number for counts in self._counts.values() for number in counts]
        if not known:
            return Judged([], 0, 0)
        # The first interval of the history may have begun before it.
        begin = min(known) + 1
        found: list[Anomaly] = []
        judged = too_new = 0
        for value, counts in self._counts.items():
            for number in range(max(self._first(), begin), self._end()):
                baseline = self._baseline(counts, number, begin)
                if len(baseline) < LEAST_WEEKS:
                    too_new += 1
                    continue
                judged += 1
                expected, score = score_count(counts[number], baseline)
                if abs(score) >= self._threshold:
                    at = begin_of(number, self._interval)
                    found.append(Anomaly(at, value, counts[number], expected, score))
        found.sort(key=lambda one: (-abs(one.score), one.begin, one.value))
        return Judged(found[:MOST_ANOMALIES], judged, too_new)

    def _baseline(self, counts: Mapping[int, int], number: int, begin: int) -> list[int]:
        season = _SEASONS[self._interval]
        before = (number - season * week for week in range(1, WEEKS + 1))
        return [counts.get(one, 0) for one in before if one >= begin]

    def _first(self) -> int:
        """Returns the first interval that is whole in the period."""
        if self._since is None:
            return -(2**62)
        number, just_before = self._numbers([self._since, self._since - timedelta(microseconds=1)])
        return number if number != just_before else number + 1

    def _end(self) -> int:
        """Returns the interval after the last that is over."""
        return self._numbers([self._until])[0]

    def _numbers(self, times: Sequence[datetime]) -> list[int]:
        at = np.array([microseconds(time) for time in times], dtype=np.int64)
        return [int(number) for number in intervals_of(at, self._interval, self._zone)]


def score_count(actual: int, baseline: Sequence[int]) -> tuple[float, float]:
    """Returns what was expected, and by how many usual spreads the count is away from it."""
    values = np.array(baseline, dtype=np.float64)
    expected = float(np.median(values))
    spread = _CONSISTENT * float(np.median(np.abs(values - expected)))
    return expected, (actual - expected) / max(spread, max(expected, 1.0) ** 0.5)
