"""Statistics of kinds of touchpoints in each stage."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.funnels.model import KindStatistics
from journey.funnels.placement import Placement
from journey.maps.model import Stage
from journey.store.batch import MISSING, Batch, Mask, Numbers
from journey.touchpoints.model import Outcome

COLUMNS: Final = frozenset({"kind", "outcome", "duration_ms"})


@dataclass(slots=True)
class _Counts:
    """Counts of a stage and kind; `times` are touchpoints by milliseconds."""

    touchpoints: int = 0
    people: int = 0
    errors: int = 0
    refused: int = 0
    times: Counter[int] = field(default_factory=Counter)


class StatisticsFold:
    """Counts touchpoints, people, outcomes and times by stage and kind.

    A touchpoint stands in the first stage whose rules hold for it.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._found: dict[tuple[int, str], _Counts] = defaultdict(_Counts)

    def add(self, batch: Batch, placement: Placement, counted: Mask) -> None:
        person, stages = batch.person, placement.stage_numbers(self._stages)
        outcomes = batch.texts["outcome"]
        failed = outcomes.where(Outcome.ERROR.__eq__), outcomes.where(Outcome.REFUSED.__eq__)
        for stage in range(len(self._stages)):
            places = np.flatnonzero((stages == stage) & counted)
            for kind, mine in _by_kind(batch, places):
                counts = self._found[stage, kind]
                # Theirs are one after the other.
                counts.people += 1 + int((np.diff(person[mine]) != 0).sum())
                counts.errors += int(failed[0][mine].sum())
                counts.refused += int(failed[1][mine].sum())
                _add_times(counts, batch.numbers["duration_ms"][mine])

    def answer(self) -> list[KindStatistics]:
        """Returns the statistics by stage, the most frequent kind first."""
        found = [
            KindStatistics(
                stage,
                kind,
                counts.touchpoints,
                counts.people,
                counts.errors,
                counts.refused,
                p95(sorted(counts.times.items())),
            )
            for (stage, kind), counts in self._found.items()
        ]
        return sorted(found, key=lambda one: (one.stage, -one.touchpoints, one.kind))


def _add_times(counts: _Counts, times: Numbers) -> None:
    counts.touchpoints += len(times)
    values, numbers = np.unique(times[times != MISSING], return_counts=True)
    counts.times.update(dict(zip(values.tolist(), numbers.tolist(), strict=True)))


def _by_kind(batch: Batch, places: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Yields the touchpoints by kind, each in the order of the batch."""
    kinds = batch.texts["kind"]
    codes = kinds.codes[places]
    order = np.argsort(codes, kind="stable")
    borders = np.flatnonzero(np.diff(codes[order])) + 1
    for mine in np.split(places[order], borders):
        if len(mine):
            yield kinds.values[kinds.codes[mine[0]]], mine


def p95(times: Sequence[tuple[int, int]]) -> int | None:
    """Nearest-rank percentile of sorted values with their counts."""
    total = sum(count for _, count in times)
    rank, seen = -(-95 * total // 100), 0
    for value, count in times:
        seen += count
        if seen >= rank:
            return value
    return None
