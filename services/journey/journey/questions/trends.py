"""Trends: touchpoints, people, sessions, orders and revenue in each interval of time."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey.questions import orders, sessions
from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Codes, Mask, Numbers, numbered

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
        # A slice copies nothing.
        places = slice(None) if counted.all() else np.flatnonzero(counted)
        intervals = intervals_of(batch.at[places], self._interval, self._zone)
        column = batch.texts[self._by] if self._by else None
        values = column.values if column else [""]
        codes = column.codes[places] if column else None
        keys, found = _grouped(intervals, codes, len(values))
        groups = _Groups(found, len(keys))
        of_session = sessions.sessions_of(batch)[places]
        in_session = of_session != sessions.NO_SESSION
        with_session = groups if in_session.all() else _Groups(found[in_session], len(keys))
        placed = orders.orders_of(batch, counted)
        order_places = (
            placed.places if isinstance(places, slice) else np.searchsorted(places, placed.places)
        )
        of_order = found[order_places]
        counts = [self._counts[number, values[code]] for number, code in keys]
        sums = (
            groups.sizes(found),
            groups.sizes(groups.distinct(batch.person[places])),
            groups.sizes(
                with_session.distinct(
                    of_session if with_session is groups else of_session[in_session]
                )
            ),
            groups.sizes(of_order),
        )
        for one, touchpoints, people, in_sessions, of_orders in zip(counts, *sums, strict=True):
            one.touchpoints += touchpoints
            one.people += people
            one.sessions += in_sessions
            one.orders += of_orders
        for place, currency, net in placed.net_by(of_order):
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
    different, found = numbered(keys)
    pairs = zip((different // values + first).tolist(), (different % values).tolist(), strict=True)
    return list(pairs), found


class _Groups:
    """The group of each touchpoint, of people who come one after the other."""

    def __init__(self, numbers: Numbers, count: int) -> None:
        self._numbers, self._count = numbers, count
        self._changes = numbers[1:] != numbers[:-1]
        self._falls = numbers[1:] < numbers[:-1]

    def sizes(self, numbers: Numbers) -> list[int]:
        """Returns how often each group is among some."""
        found: list[int] = np.bincount(numbers, minlength=self._count).tolist()
        return found

    def distinct(self, member: Numbers) -> Numbers:
        """Returns the group of each different pair of group and member; members rise."""
        is_other = member[1:] != member[:-1]
        if (self._falls & ~is_other).any():
            # The groups of a member are in no order.
            return np.unique(member * self._count + self._numbers) % self._count
        is_new = np.ones(len(member), dtype=np.bool_)
        np.logical_or(is_other, self._changes, out=is_new[1:])
        return self._numbers[is_new]
