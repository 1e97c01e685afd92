"""Lifetime value: what the people who began in one interval have brought since.

The value of a customer is the sum of their orders' money net of refunds, and its margin what is
left of it after taxes, shipping and the cost of the goods. Of an order that was refunded in part
the margin shrinks as the money does: what came back may or may not be sold again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import numpy as np

from chassis.money import MOST_MINOR
from journey.maps.rules import Rule
from journey.questions import orders
from journey.questions.calendar import Interval, begin_of, intervals_of
from journey.questions.filters import (
    columns_of_rules,
    holds_any,
    kinds_of_rules,
    require_plain,
)
from journey.questions.fold import AT_ONCE
from journey.questions.retention import MOST_INTERVALS
from journey.store.batch import MISSING, Batch, Mask, Numbers

# An order's margin in minor units of its currency, where its costs are known.
MARGIN: Final = "property:margin_minor"


@dataclass(slots=True)
class CohortValue:
    """Money of a cohort in one currency.

    `net_minor[n]` and `margin_minor[n]` are of orders placed up to n intervals after the beginning.
    """

    orders: int = 0
    orders_with_margin: int = 0
    net_minor: tuple[int, ...] = ()
    margin_minor: tuple[int, ...] = ()


@dataclass(slots=True)
class ValueCohort:
    """People who began in an interval, and what they brought by currency."""

    begin: str
    people: int
    values: dict[str, CohortValue] = field(default_factory=dict)


@dataclass(slots=True)
class _Sums:
    """Sums of a cohort, a currency, and a number of intervals after the beginning."""

    orders: int = 0
    with_margin: int = 0
    net: int = 0
    margin: int = 0


class LifetimeValue:
    """Cohorts by the first counted touchpoint of `begins`, and their orders from then on.

    Without rules people begin with their first order.
    """

    before = AT_ONCE
    # Refunds of the period's orders.
    reads_later = True

    def __init__(self, interval: Interval, zone: str, begins: tuple[Rule, ...]) -> None:
        require_plain(begins, "begins")
        self._interval, self._zone, self._begins = interval, zone, begins
        self._people: Counter[int] = Counter()
        self._sums: dict[tuple[int, str, int], _Sums] = defaultdict(_Sums)

    @property
    def columns(self) -> frozenset[str]:
        return orders.COLUMNS | columns_of_rules(self._begins) | {MARGIN}

    @property
    def kinds(self) -> frozenset[str]:
        own = frozenset({orders.PLACED, orders.REFUNDED, orders.CANCELLED})
        if not self._begins:
            return own
        of_rules = kinds_of_rules(self._begins)
        return own | of_rules if of_rules else frozenset()

    def add(self, batch: Batch, counted: Mask) -> None:
        begun = counted & (
            holds_any(batch, self._begins)
            if self._begins
            else batch.texts["kind"].where(orders.PLACED.__eq__)
        )
        first = np.full(len(batch.people), len(batch), dtype=np.int64)
        places = np.flatnonzero(begun)
        np.minimum.at(first, batch.person[places], places)
        number = intervals_of(batch.at, self._interval, self._zone)
        started = first < len(batch)
        self._people.update(number[first[started]].tolist())
        found = orders.orders_of(batch, counted)
        margins = _margins_of(batch, found)
        began = first[batch.person[found.places]]
        is_later = found.places >= began
        for index in np.flatnonzero(is_later).tolist():
            cohort = int(number[began[index]])
            after = int(number[found.places[index]]) - cohort
            sums = self._sums[cohort, found.currencies[index], after]
            sums.orders += 1
            sums.net += int(found.net_minor[index])
            if margins[index] != MISSING:
                sums.with_margin += 1
                sums.margin += int(margins[index])

    def answer(self) -> list[ValueCohort]:
        """Returns the cohorts by time, with intervals up to the last one with an order."""
        last = max((cohort + after for cohort, _, after in self._sums), default=0)
        cohorts = {
            number: ValueCohort(begin_of(number, self._interval), self._people[number])
            for number in sorted(self._people)
        }
        for number, currency in sorted({key[:2] for key in self._sums}):
            count = min(last - number + 1, MOST_INTERVALS)
            own = [self._sums.get((number, currency, after), _Sums()) for after in range(count)]
            cohorts[number].values[currency] = CohortValue(
                sum(one.orders for one in own),
                sum(one.with_margin for one in own),
                _running(one.net for one in own),
                _running(one.margin for one in own),
            )
        return list(cohorts.values())


def _running(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(values))


def _margins_of(batch: Batch, found: orders.Orders) -> Numbers:
    """Returns the margin of each order, as far as it was not given back; MISSING if unknown."""
    told = batch.texts[MARGIN]
    by_text = np.fromiter(map(_parsed, told.values), dtype=np.int64, count=len(told.values))
    margins = by_text[told.codes[found.places]]
    amounts = batch.numbers["amount_minor"][found.places]
    gross = np.where(amounts == MISSING, 0, amounts)
    for index in np.flatnonzero((margins != MISSING) & (found.net_minor != gross)).tolist():
        whole = int(gross[index])
        net = int(found.net_minor[index])
        margins[index] = int(margins[index]) * net // whole if whole > 0 else 0
    return margins


def _parsed(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        return int(MISSING)
    return number if abs(number) <= MOST_MINOR else int(MISSING)
