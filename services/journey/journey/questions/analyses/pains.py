"""Pains: what fails, whom it meets, and the money that may be lost by it.

A pain is a kind of touchpoint with an outcome of error or refused, and its reason. A person meets
it once: at the first such touchpoint that counts. They bought after it where they placed an order,
anywhere, within the window from then on. People whose window is still open are not judged.

Money is an estimate, and is told as two bounds. At most: the people who did not buy, times what an
order brings on average. Likely: only as far as they bought less often than people who did the same
without failing, within the same window. Neither shows a cause: who fails may differ from others.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from journey.questions import orders
from journey.questions.filters import microseconds
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers
from journey.touchpoints.acts import EVENT_OF_REQUEST

FAILED: Final = ("error", "refused")
MOST_PAINS: Final = 100
_OK: Final = "ok"
_EVENTS: Final[dict[str, str]] = dict(EVENT_OF_REQUEST)


@dataclass(slots=True)
class Met:
    """People who met a pain, and what became of them; `open` have time left to buy."""

    touchpoints: int = 0
    people: int = 0
    open: int = 0
    bought: int = 0

    @property
    def lost(self) -> int:
        """People who did not buy within the window."""
        return self.people - self.open - self.bought


@dataclass(slots=True)
class _Usual:
    people: int = 0
    bought: int = 0

    @property
    def rate(self) -> float | None:
        return self.bought / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Pain:
    """A kind and reason of failures.

    `usual_rate` is the share of people who bought after they did the same and never failed at it;
    None where nobody did. Money is in minor units by currency.
    """

    kind: str
    outcome: str
    reason: str
    met: Met
    usual_rate: float | None
    at_most_minor: dict[str, int]
    likely_minor: dict[str, int]


@dataclass(slots=True)
class _Money:
    orders: int = 0
    net: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def average_of(self, count: float) -> dict[str, int]:
        """Returns what so many orders bring on average, by currency."""
        if not self.orders:
            return {}
        return {name: round(count * net / self.orders) for name, net in sorted(self.net.items())}


class Pains:
    """Finds what fails, those that may have lost most first."""

    before = AT_ONCE
    # Orders within the window, and refunds.
    reads_later = True
    columns = orders.COLUMNS | {"outcome", "reason"}

    def __init__(self, window: timedelta, now: datetime) -> None:
        self._window, self._now = int(window.total_seconds() * 1_000_000), microseconds(now)
        self._met: dict[tuple[str, str, str], Met] = defaultdict(Met)
        self._usual: dict[str, _Usual] = defaultdict(_Usual)
        self._money = _Money()

    def add(self, batch: Batch, counted: Mask) -> None:
        outcome = batch.texts["outcome"]
        failed = counted & outcome.where(FAILED.__contains__)
        bought, is_open = self._bought(batch), batch.at + self._window > self._now
        names = ("kind", "outcome", "reason")
        keys = [batch.texts[name].codes.astype(np.int64) for name in names]
        places = np.flatnonzero(failed)
        counts = Counter(zip(*(batch.texts[name].take(places) for name in names), strict=True))
        for key, count in counts.items():
            self._met[key].touchpoints += count
        first = _first_of_each(places, [batch.person, *keys])
        told = zip(*(batch.texts[name].take(first) for name in names), strict=True)
        for key, has_bought, has_time in zip(told, bought[first], is_open[first], strict=True):
            met = self._met[key]
            met.people += 1
            met.bought += bool(has_bought)
            met.open += bool(has_time and not has_bought)
        self._add_usual(batch, counted & outcome.where(_OK.__eq__), failed, bought)
        placed = orders.orders_of(batch, counted)
        self._money.orders += len(placed.places)
        for _, currency, net in placed.net_by(np.zeros(len(placed.places), dtype=np.int64)):
            self._money.net[currency] += net

    def _bought(self, batch: Batch) -> Mask:
        """Returns after which touchpoints their person placed an order within the window."""
        placed = np.flatnonzero(batch.texts["kind"].where(orders.PLACED.__eq__))
        if not len(placed):
            return np.zeros(len(batch), dtype=np.bool_)
        following = np.searchsorted(placed, np.arange(len(batch)))
        is_there = following < len(placed)
        order = placed[np.where(is_there, following, 0)]
        person = batch.person
        is_near = batch.at[order] - batch.at <= self._window
        found: Mask = is_there & (person[order] == person) & is_near
        return found

    def _add_usual(self, batch: Batch, fine: Mask, failed: Mask, bought: Mask) -> None:
        """Counts the people who did a kind and never failed at it."""
        kind = batch.texts["kind"]
        events = [_event_of(name) for name in kind.values]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(events))}
        number = np.array([numbers[name] for name in events], dtype=np.int64)[kind.codes]
        key = batch.person * len(numbers) + number
        places = np.flatnonzero(fine & ~np.isin(key, key[failed]))
        first = _first_of_each(places, [key])
        first = first[bought[first] | (batch.at[first] + self._window <= self._now)]
        names = list(numbers)
        for one, has_bought in zip(number[first].tolist(), bought[first].tolist(), strict=True):
            usual = self._usual[names[one]]
            usual.people += 1
            usual.bought += has_bought

    def answer(self) -> list[Pain]:
        found = [self._pain(*key, met) for key, met in self._met.items()]
        found.sort(
            key=lambda one: (-one.met.lost, -one.met.people, one.kind, one.outcome, one.reason)
        )
        return found[:MOST_PAINS]

    def _pain(self, kind: str, outcome: str, reason: str, met: Met) -> Pain:
        usual = self._usual[_event_of(kind)].rate
        missing = 0.0 if usual is None else usual * (met.people - met.open) - met.bought
        return Pain(
            kind,
            outcome,
            reason,
            met,
            usual,
            self._money.average_of(met.lost),
            self._money.average_of(max(missing, 0.0)),
        )


def _event_of(kind: str) -> str:
    """Returns the event that tells of a request's success, or the kind itself."""
    return _EVENTS.get(kind, kind)


def _first_of_each(places: Numbers, columns: list[Numbers]) -> Numbers:
    """Returns the first of the places for each different combination of the columns."""
    if not len(places):
        return places
    keys = np.stack([column[places] for column in columns], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    return places[first]
