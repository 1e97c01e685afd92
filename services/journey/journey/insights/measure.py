"""Measures of days: people, conversion, errors and slowness of each stage, counts of kinds.

A measure reads one day alone, so that a day is read once and kept. So rules with an occurrence or
`after`, which need other days, are passed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import numpy as np

from journey.funnels.placement import Placement, columns_of
from journey.insights.model import MOST_VALUES, Measure, Met, Tallies, Tally, key_of
from journey.maps.model import Stage
from journey.questions import orders
from journey.questions.filters import BOT, EVER, Filter, microseconds
from journey.questions.fold import AT_ONCE
from journey.store.batch import MISSING, Batch, Mask, Numbers
from journey.touchpoints.model import Outcome

DIMENSIONS: Final = ("channel", "utm_campaign", "device")
NEWCOMERS: Final = "newcomers"
NEW: Final = "new"
RETURNING: Final = "returning"
_MOST_KINDS: Final = 200
_COLUMNS: Final = orders.COLUMNS | {"outcome", "duration_ms"} | set(DIMENSIONS)


@dataclass(slots=True)
class _Sum:
    """A tally that grows batch by batch."""

    n: int = 0
    k: int = 0
    orders: int = 0
    by: dict[str, dict[str, list[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: [0, 0]))
    )
    money: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    met: Met | None = None
    kinds: set[str] = field(default_factory=set)

    @property
    def tally(self) -> Tally:
        by = {
            dimension: {
                value: (n, k)
                for value, (n, k) in sorted(
                    values.items(), key=lambda pair: (-pair[1][0], pair[0])
                )[:MOST_VALUES]
            }
            for dimension, values in self.by.items()
        }
        kinds = sorted(self.kinds)
        return Tally(self.n, self.k, by, self.orders, dict(self.money), self.met, kinds)


def plain_stages(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Returns stages without the rules that look at a person's other touchpoints."""
    return tuple(
        replace(stage, rules=tuple(rule for rule in stage.rules if not rule.looks_at_others))
        for stage in stages
    )


def answered(batch: Batch) -> Mask:
    """Returns what people did, also requests whose effect an event tells: they took the time."""
    return batch.texts["device"].where(lambda device: device != BOT)


class DayMeasures:
    """Tallies of each of some days. Without stages it counts the kinds of the whole shop.

    With `by_newcomers` it parts people by whether their history began on the day, for which it
    reads all history before, and by nothing else.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        days: Sequence[Filter],
        *,
        slow_ms: int,
        by_newcomers: bool = False,
    ) -> None:
        self._stages, self._days, self._slow_ms = plain_stages(stages), days, slow_ms
        self._by_newcomers = by_newcomers
        self._sums: list[dict[str, _Sum]] = [defaultdict(_Sum) for _ in days]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(_COLUMNS | columns_of(self._stages))

    @property
    def before(self) -> timedelta:
        return EVER if self._by_newcomers else AT_ONCE

    reads_later = False

    def add(self, batch: Batch, counted: Mask) -> None:
        for day, sums in zip(self._days, self._sums, strict=True):
            assert day.since is not None
            assert day.until is not None
            begin, end = microseconds(day.since), microseconds(day.until)
            mine = counted & (batch.at >= begin) & (batch.at < end)
            if not mine.any():
                continue
            one = _Day(batch, mine, sums, begin if self._by_newcomers else None)
            if self._stages:
                one.add_stages(Placement(batch, day.acts(batch)), self._stages)
                answers = answered(batch) & (batch.at >= begin) & (batch.at < end)
                numbers = Placement(batch, answers).stage_numbers(self._stages)
                for number, stage in enumerate(self._stages):
                    one.add_times(stage.slug, answers & (numbers == number), self._slow_ms)
            else:
                one.add_kinds()

    def answer(self) -> list[Tallies]:
        """Returns the tallies of each day."""
        return [{key: one.tally for key, one in sums.items()} for sums in self._sums]


class _Day:
    """The touchpoints of one day in a batch."""

    def __init__(
        self, batch: Batch, mine: Mask, sums: dict[str, _Sum], new_since: int | None
    ) -> None:
        self._batch, self._mine, self._sums, self._new_since = batch, mine, sums, new_since
        self._person = batch.person
        placed = orders.orders_of(batch, mine)
        self._order_places, self._order_nets = placed.places, placed.net_minor
        self._order_currencies = placed.currencies
        self._buyers = np.bincount(self._person[placed.places], minlength=len(batch.people)) > 0

    def add_kinds(self) -> None:
        kinds = self._batch.texts["kind"]
        codes, counts = np.unique(kinds.codes[self._mine], return_counts=True)
        for code in codes[np.argsort(-counts, kind="stable")][:_MOST_KINDS].tolist():
            places = np.flatnonzero(self._mine & (kinds.codes == code))
            self._add(kinds.values[code], Measure.COUNT, places, places[:0])

    def add_stages(self, placement: Placement, stages: Sequence[Stage]) -> None:
        ruled = [stage for stage in stages if stage.reached_by]
        firsts = [self._first_of_people(placement.any_of(stage.reached_by)) for stage in ruled]
        for number, (stage, first) in enumerate(zip(ruled, firsts, strict=True)):
            self._add_money(self._add(stage.slug, Measure.PEOPLE, first, first[:0]), first)
            if number + 1 < len(ruled):
                went = first[self._reaches(first, placement.any_of(ruled[number + 1].reached_by))]
                self._add_money(self._add(stage.slug, Measure.CONVERSION, first, went), went)
        numbers = placement.stage_numbers(stages)
        for number, stage in enumerate(stages):
            self._add_outcomes(stage.slug, self._mine & (numbers == number))

    def _add_outcomes(self, slug: str, mine: Mask) -> None:
        outcome, kinds = self._batch.texts["outcome"], self._batch.texts["kind"]
        failed = mine & outcome.where(lambda text: text in (Outcome.ERROR, Outcome.REFUSED))
        places = np.flatnonzero(failed)
        found = self._add(slug, Measure.ERRORS, np.flatnonzero(mine), places)
        found.kinds |= {kinds.values[code] for code in np.unique(kinds.codes[places]).tolist()}

    def add_times(self, slug: str, mine: Mask, slow_ms: int) -> None:
        """Counts the answers of a stage by whether they were slow."""
        times = self._batch.numbers["duration_ms"]
        timed = mine & (times != MISSING)
        slow = timed & (times > slow_ms)
        found = self._add(slug, Measure.SLOWNESS, np.flatnonzero(timed), np.flatnonzero(slow))
        people = len(self._batch.people)
        has_slow = np.bincount(self._person[slow], minlength=people) > 0
        usual = (np.bincount(self._person[timed], minlength=people) > 0) & ~has_slow
        met = found.met = found.met or Met()
        met.people += int(has_slow.sum())
        met.bought += int((has_slow & self._buyers).sum())
        met.usual_people += int(usual.sum())
        met.usual_bought += int((usual & self._buyers).sum())
        self._add_money(found, np.flatnonzero(timed))

    def _add(self, subject: str, measure: Measure, places: Numbers, chosen: Numbers) -> _Sum:
        """Counts places and the chosen ones among them, by each dimension."""
        found = self._sums[key_of(subject, measure)]
        found.n += len(places)
        found.k += len(chosen)
        for dimension, all_values, chosen_values in self._parted(places, chosen):
            values = found.by[dimension]
            for value, count in all_values:
                values[value][0] += count
            for value, count in chosen_values:
                values[value][1] += count
        return found

    def _parted(
        self, places: Numbers, chosen: Numbers
    ) -> Iterable[tuple[str, list[tuple[str, int]], list[tuple[str, int]]]]:
        if self._new_since is not None:
            is_new = self._batch.at[self._batch.starts[:-1]] >= self._new_since
            yield NEWCOMERS, self._new(is_new, places), self._new(is_new, chosen)
            return
        for name in DIMENSIONS:
            texts = self._batch.texts[name]
            parts = []
            for some in (places, chosen):
                codes, counts = np.unique(texts.codes[some], return_counts=True)
                pairs = zip(codes.tolist(), counts.tolist(), strict=True)
                parts.append([(texts.values[code], count) for code, count in pairs])
            yield name, parts[0], parts[1]

    def _new(self, is_new: Mask, places: Numbers) -> list[tuple[str, int]]:
        new = int(is_new[self._person[places]].sum())
        return [(NEW, new), (RETURNING, len(places) - new)]

    def _add_money(self, found: _Sum, places: Numbers) -> None:
        """Adds what the people of some places ordered on the day."""
        is_there = np.zeros(len(self._batch.people), dtype=np.bool_)
        is_there[self._person[places]] = True
        of_them = np.flatnonzero(is_there[self._person[self._order_places]])
        found.orders += len(of_them)
        for order in of_them.tolist():
            if currency := self._order_currencies[order]:
                found.money[currency] += int(self._order_nets[order])

    def _first_of_people(self, chosen: Mask) -> Numbers:
        """Returns each person's first chosen place."""
        places = np.flatnonzero(chosen & self._mine)
        is_first = np.ones(len(places), dtype=np.bool_)
        is_first[1:] = self._person[places[1:]] != self._person[places[:-1]]
        return places[is_first]

    def _reaches(self, first: Numbers, chosen: Mask) -> Mask:
        """Returns whose person has a chosen place at or after their first one."""
        last = np.full(len(self._batch.people), -1, dtype=np.int64)
        places = np.flatnonzero(chosen & self._mine)
        last[self._person[places]] = places
        found: Mask = last[self._person[first]] >= first
        return found
