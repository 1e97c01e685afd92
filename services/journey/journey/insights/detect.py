"""Finding changes of a day, and whom they are about.

A day is compared with the same weekdays of up to 8 weeks before, and not judged with fewer than 4.
Counts are judged as `questions.analyses.anomalies` does: the modified z-score of Iglewicz and
Hoaglin 1993. So are rates, with their median and median absolute deviation; their spread is at
least the standard error of a share (the p chart of Shewhart, in NIST/SEMATECH e-Handbook 6.3.3.2),
because shares vary by chance that much.

Whom it is about: of each value of a dimension, its part of the change (the explanatory power of
Bhagwan et al. 2014, "Adtributor"). The value is told whose part exceeds its part of what was
expected most; that both bounds are needed is ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from journey.insights.model import Audience, InsightSettings, Measure, Tally
from journey.questions.analyses.anomalies import CONSISTENT, LEAST_WEEKS, score_counts

# A value tells of a change if it is at least this part of it, and so much more than expected.
_LEAST_SHARE: Final = 0.5
_LEAST_LIFT: Final = 0.15


@dataclass(frozen=True, slots=True)
class Change:
    """A significant change of a measure of one day; `expected` and `actual` are counts or rates."""

    subject: str
    measure: Measure
    actual: float
    expected: float
    score: float
    volume: int

    @property
    def is_rise(self) -> bool:
        return self.actual > self.expected

    @property
    def excess(self) -> float:
        """Returns the part of the day's value that is beyond what was expected of it."""
        return max(0.0, (self.actual - self.expected) / self.actual) if self.actual else 0.0


def judge(
    subject: str,
    measure: Measure,
    actual: Tally,
    before: Sequence[Tally],
    settings: InsightSettings,
) -> Change | None:
    """Returns the change of a day against the days before; None for none that is significant."""
    found = (
        _judge_rate(actual, before, settings.least_volume)
        if measure.is_rate
        else _judge_count(actual, before, settings.least_volume)
    )
    if found is None:
        return None
    value, expected, score = found
    is_large = abs(value - expected) >= settings.least_change * expected
    if abs(score) < settings.threshold or not is_large or value == expected:
        return None
    return Change(subject, measure, value, expected, score, actual.n)


def _judge_count(
    actual: Tally, before: Sequence[Tally], least: int
) -> tuple[float, float, float] | None:
    if len(before) < LEAST_WEEKS:
        return None
    baseline = np.array([[float(one.n)] for one in before])
    expected, score = score_counts(np.array([actual.n]), baseline)
    if max(float(actual.n), float(expected[0])) < least:
        return None
    return float(actual.n), float(expected[0]), float(score[0])


def _judge_rate(
    actual: Tally, before: Sequence[Tally], least: int
) -> tuple[float, float, float] | None:
    rates = [one.rate for one in before if one.rate is not None]
    if actual.rate is None or actual.n < least or len(rates) < LEAST_WEEKS:
        return None
    if sum(one.n for one in before) < least:
        return None
    expected = median(rates)
    spread = CONSISTENT * median(abs(rate - expected) for rate in rates)
    # Half a success more than none: a rate that was always 0 varies by chance too.
    chance = (expected * actual.n + 0.5) / (actual.n + 1)
    spread = max(spread, (chance * (1 - chance) / actual.n) ** 0.5)
    return actual.rate, expected, (actual.rate - expected) / spread


def audience_of(change: Change, actual: Tally, before: Sequence[Tally]) -> Audience:
    """Returns whom a change is about most; an audience without dimension for everybody alike."""
    best, most = Audience(), 0.0
    for dimension, values in actual.by.items():
        names = set(values).union(*(one.by.get(dimension, {}) for one in before))
        parts = {
            name: _part(change.measure, dimension, name, actual, before, change.expected)
            for name in names
        }
        whole = sum(part for part, _ in parts.values())
        volume = sum(size for _, size in parts.values())
        if not whole or not volume or (whole > 0) is not change.is_rise:
            continue
        for name, (part, size) in sorted(parts.items()):
            share, lift = part / whole, part / whole - size / volume
            if share >= _LEAST_SHARE and lift >= _LEAST_LIFT and lift > most:
                best, most = Audience(dimension, name, share), lift
    return best


def _part(
    measure: Measure,
    dimension: str,
    name: str,
    actual: Tally,
    before: Sequence[Tally],
    expected_rate: float,
) -> tuple[float, float]:
    """Returns by how much a value changed, and how large it was expected to be."""
    n, k = actual.by.get(dimension, {}).get(name, (0, 0))
    past = [one.by.get(dimension, {}).get(name, (0, 0)) for one in before]
    if not measure.is_rate:
        expected = float(median(count for count, _ in past)) if past else 0.0
        return n - expected, expected
    tries, hits = sum(count for count, _ in past), sum(hit for _, hit in past)
    rate = hits / tries if tries else expected_rate
    return k - rate * n, float(n)


def subjects_of(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, Measure]]:
    """Yields the subject and measure of each key of a day's tallies."""
    for key in tallies:
        measure, _, subject = key.partition("|")
        yield subject, Measure(measure)
