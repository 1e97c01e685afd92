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
from numpy.typing import NDArray

from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.filters import microseconds
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers

WEEKS: Final = 8
LEAST_WEEKS: Final = 4
BASELINE: Final = timedelta(weeks=WEEKS)
# A modified z-score beyond which Iglewicz and Hoaglin call a value an outlier.
USUAL_THRESHOLD: Final = 3.5
MOST_ANOMALIES: Final = 200
# Values that are judged: those with the most touchpoints.
MOST_VALUES: Final = 200
Floats = NDArray[np.float64]
# Makes the median absolute deviation of a normal distribution its standard deviation.
CONSISTENT: Final = 1.4826
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
        first, end = max(self._first(), begin), self._end()
        if first >= end:
            return Judged([], 0, 0)
        largest = sorted(self._counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
        found: list[Anomaly] = []
        judged = too_new = 0
        for value, counts in largest[:MOST_VALUES]:
            is_known, actual, expected, scores = self._judge(counts, begin, first, end)
            judged += int(is_known.sum())
            too_new += int((~is_known).sum())
            for place in np.flatnonzero(is_known & (np.abs(scores) >= self._threshold)).tolist():
                found.append(
                    Anomaly(
                        begin_of(first + place, self._interval),
                        value,
                        int(actual[place]),
                        float(expected[place]),
                        float(scores[place]),
                    )
                )
        found.sort(key=lambda one: (-abs(one.score), one.begin, one.value))
        return Judged(found[:MOST_ANOMALIES], judged, too_new)

    def _judge(
        self, counts: Mapping[int, int], begin: int, first: int, end: int
    ) -> tuple[Mask, Numbers, Floats, Floats]:
        """Returns of each interval from the first whether it can be judged, and its score."""
        series = np.zeros(end - begin, dtype=np.int64)
        for number, count in counts.items():
            if begin <= number < end:
                series[number - begin] = count
        season, length = _SEASONS[self._interval], end - first
        baseline = np.full((WEEKS, length), np.nan)
        for week in range(1, WEEKS + 1):
            place = first - begin - season * week + np.arange(length)
            baseline[week - 1, place >= 0] = series[place[place >= 0]]
        is_known = np.isfinite(baseline).sum(axis=0) >= LEAST_WEEKS
        actual = series[first - begin :]
        expected, scores = np.zeros(length), np.zeros(length)
        expected[is_known], scores[is_known] = score_counts(actual[is_known], baseline[:, is_known])
        return is_known, actual, expected, scores

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


def score_counts(actual: Numbers, baseline: Floats) -> tuple[Floats, Floats]:
    """Returns what was expected, and by how many usual spreads each count is away from it.

    The baseline has a row for each week before, and NaN where there is none.
    """
    if not len(actual):
        return np.zeros(0), np.zeros(0)
    expected = np.nanmedian(baseline, axis=0)
    spread = CONSISTENT * np.nanmedian(np.abs(baseline - expected), axis=0)
    least = np.sqrt(np.maximum(expected, 1.0))
    return expected, (actual - expected) / np.maximum(spread, least)
