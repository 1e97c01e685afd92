"""Trends: touchpoints, people, sessions, orders and revenue in each interval of time."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.questions import orders, sessions
from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Codes, Mask, Numbers

# An answer has at most so many values of a breakdown: those with the most touchpoints.
MOST_VALUES: Final = 50
# Pairs of interval and value that are counted in an array; many more of few touchpoints are sorted.
MOST_SLOTS: Final = 100_000


@dataclass(slots=True)
class Counts:
    """Counts of one interval and value; `revenue` is net of refunds, in minor units by currency."""

    touchpoints: int = 0
    people: int = 0
    sessions: int = 0
    orders: int = 0
    revenue: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class Point:
    """Counts of an interval that begins at a local time, for a value of the breakdown."""

    begin: str
    value: str
    counts: Counts


class Trend:
    """Counts by interval of local time, and by a column where `by` names one.

    A person and a session count once an interval and value, in each that they have touchpoints in.
    """

    before = AT_ONCE
    # Refunds of the period's orders.
    reads_later = True

    def __init__(self, interval: Interval, zone: str, by: str = "") -> None:
        self._interval, self._zone, self._by = interval, zone, by
        self._counts: dict[tuple[int, str], Counts] = defaultdict(Counts)

    @property
    def columns(self) -> frozenset[str]:
        return orders.COLUMNS | sessions.COLUMNS | ({self._by} if self._by else set())

    def add(self, batch: Batch, counted: Mask) -> None:
        # A slice copies nothing.
        places = slice(None) if counted.all() else np.flatnonzero(counted)
        intervals = intervals_of(batch.at[places], self._interval, self._zone)
        column = batch.texts[self._by] if self._by else None
        values = column.values if column else [""]
        codes = column.codes[places] if column else None
        keys, found = _grouped(intervals, codes, len(values))
        counts = [self._counts[number, values[code]] for number, code in keys]
        of_session = sessions.sessions_of(batch)[places]
        _add(counts, "touchpoints", found)
        _add(counts, "people", _distinct(found, batch.person[places], len(keys)))
        in_session = of_session != sessions.NO_SESSION
        if in_session.all():
            _add(counts, "sessions", _distinct(found, of_session, len(keys)))
        else:
            in_some = _distinct(found[in_session], of_session[in_session], len(keys))
            _add(counts, "sessions", in_some)
        placed = orders.orders_of(batch, counted)
        is_order = np.zeros(len(batch), dtype=np.bool_)
        is_order[placed.places] = True
        of_order = found[is_order[places]]
        _add(counts, "orders", of_order)
        for place, net, currency in zip(
            of_order.tolist(), placed.net_minor.tolist(), placed.currencies, strict=True
        ):
            if currency:
                counts[place].revenue[currency] += net

    def answer(self) -> list[Point]:
        """Returns the points by time, each interval's by value."""
        largest: dict[str, int] = defaultdict(int)
        for (_, value), counts in self._counts.items():
            largest[value] += counts.touchpoints
        kept = sorted(largest, key=lambda value: (-largest[value], value))[:MOST_VALUES]
        return [
            Point(begin_of(number, self._interval), value, counts)
            for (number, value), counts in sorted(self._counts.items())
            if value in kept
        ]


def _grouped(
    intervals: Numbers, codes: Codes | None, values: int
) -> tuple[list[tuple[int, int]], Numbers]:
    """Returns the different pairs of interval and code, and the place of each element's pair."""
    first = int(intervals.min())
    keys = intervals - first
    if codes is not None:
        keys = keys * values + codes
    width = int(keys.max()) + 1
    if width <= max(MOST_SLOTS, 4 * len(keys)):
        taken = np.bincount(keys, minlength=width) > 0
        different = np.flatnonzero(taken)
        found = (np.cumsum(taken) - 1)[keys]
    else:
        different, found = np.unique(keys, return_inverse=True)
    pairs = zip((different // values + first).tolist(), (different % values).tolist(), strict=True)
    return list(pairs), found


def _distinct(group: Numbers, member: Numbers, groups: int) -> Numbers:
    """Returns the group of each different pair of group and member."""
    if _rises(group, member):
        is_new = np.ones(len(group), dtype=np.bool_)
        is_new[1:] = (member[1:] != member[:-1]) | (group[1:] != group[:-1])
        return group[is_new]
    # Members rise; only their groups may be in no order.
    pairs = np.unique(member * groups + group)
    return pairs % groups


def _rises(group: Numbers, member: Numbers) -> bool:
    """Returns whether the groups of each member, who come one after the other, rise."""
    falls = group[1:] < group[:-1]
    return not falls.any() or not (falls & (member[1:] == member[:-1])).any()


def _add(counts: list[Counts], name: str, groups: Numbers) -> None:
    for place, number in enumerate(np.bincount(groups, minlength=len(counts)).tolist()):
        setattr(counts[place], name, getattr(counts[place], name) + number)
