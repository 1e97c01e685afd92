"""Trends: touchpoints, people, sessions, orders and revenue in each interval of time."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.questions import orders, sessions
from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers

# An answer has at most so many values of a breakdown: those with the most touchpoints.
MOST_VALUES: Final = 50


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
        intervals = intervals_of(batch.at, self._interval, self._zone)
        column = batch.texts[self._by] if self._by else None
        codes = column.codes.astype(np.int64) if column else np.zeros(len(batch), dtype=np.int64)
        values = column.values if column else [""]
        places = np.flatnonzero(counted)
        keys, found = _grouped(intervals[places], codes[places])
        where = np.full(len(batch), -1, dtype=np.int64)
        where[places] = found
        counts = [self._counts[number, values[code]] for number, code in keys]
        of_session = sessions.sessions_of(batch)
        _add(counts, "touchpoints", found)
        _add(counts, "people", _distinct(found, batch.person[places]))
        in_session = of_session[places] != sessions.NO_SESSION
        _add(counts, "sessions", _distinct(found[in_session], of_session[places][in_session]))
        placed = orders.orders_of(batch, counted)
        _add(counts, "orders", where[placed.places])
        for place, net, currency in zip(
            where[placed.places].tolist(), placed.net_minor.tolist(), placed.currencies, strict=True
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


def _grouped(first: Numbers, second: Numbers) -> tuple[list[tuple[int, int]], Numbers]:
    """Returns the different pairs, and the place of each element's pair."""
    pairs = np.stack([first, second], axis=1)
    different, found = np.unique(pairs, axis=0, return_inverse=True)
    return [(a, b) for a, b in different.tolist()], found.reshape(-1)


def _distinct(group: Numbers, member: Numbers) -> Numbers:
    """Returns the group of each different pair of group and member."""
    if not len(group):
        return group
    return np.unique(np.stack([group, member], axis=1), axis=0)[:, 0]


def _add(counts: list[Counts], name: str, groups: Numbers) -> None:
    for place, number in enumerate(np.bincount(groups, minlength=len(counts)).tolist()):
        setattr(counts[place], name, getattr(counts[place], name) + number)
