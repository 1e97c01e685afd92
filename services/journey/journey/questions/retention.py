"""Retention: of the people who began in one interval, how many came back in each later one."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from journey.maps.rules import Rule
from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.filters import (
    columns_of_rules,
    holds_any,
    kinds_of_rules,
    require_plain,
)
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask

MOST_INTERVALS: Final = 60


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who began in an interval; `returned[n]` are those who came back n intervals later.

    `returned[0]` counts those who came back in the interval in which they began.
    """

    begin: str
    people: int
    returned: tuple[int, ...]


class Retention:
    """Cohorts by the first counted touchpoint of `begins`; coming back is one of `returns`.

    The touchpoint by which a person begins is no coming back. Empty rules are any touchpoint.
    """

    before = AT_ONCE
    reads_later = False

    def __init__(
        self, interval: Interval, zone: str, begins: tuple[Rule, ...], returns: tuple[Rule, ...]
    ) -> None:
        require_plain(begins, "begins")
        require_plain(returns, "returns")
        self._interval, self._zone = interval, zone
        self._begins, self._returns = begins, returns
        self._people: Counter[int] = Counter()
        self._returned: Counter[tuple[int, int]] = Counter()

    @property
    def columns(self) -> frozenset[str]:
        return columns_of_rules(self._begins) | columns_of_rules(self._returns)

    @property
    def kinds(self) -> frozenset[str]:
        if not self._begins or not self._returns:
            return frozenset()
        return kinds_of_rules((*self._begins, *self._returns))

    def add(self, batch: Batch, counted: Mask) -> None:
        begun = counted & holds_any(batch, self._begins) if self._begins else counted
        back = counted & holds_any(batch, self._returns) if self._returns else counted
        first = np.full(len(batch.people), len(batch), dtype=np.int64)
        places = np.flatnonzero(begun)
        np.minimum.at(first, batch.person[places], places)
        number = intervals_of(batch.at, self._interval, self._zone)
        started = first < len(batch)
        self._people.update(number[first[started]].tolist())
        later = np.flatnonzero(back)
        began = first[batch.person[later]]
        later, began = later[later > began], began[later > began]
        pairs = np.stack(
            [batch.person[later], number[began], number[later] - number[began]], axis=1
        )
        for _, cohort, after in np.unique(pairs, axis=0).tolist():
            self._returned[cohort, after] += 1

    def answer(self) -> list[Cohort]:
        """Returns the cohorts by time, with intervals up to the last one anybody was seen in."""
        if not self._people:
            return []
        last = max([*self._people, *(cohort + after for cohort, after in self._returned)])
        return [
            Cohort(
                begin_of(cohort, self._interval),
                self._people[cohort],
                tuple(
                    self._returned[cohort, after]
                    for after in range(min(last - cohort + 1, MOST_INTERVALS))
                ),
            )
            for cohort in sorted(self._people)
        ]
