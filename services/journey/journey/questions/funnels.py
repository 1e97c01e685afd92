"""Funnels without a map: steps in sequence or in any order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

import numpy as np

from journey.errors import InvalidQuestion
from journey.maps.rules import Rule
from journey.questions import sessions
from journey.questions.filters import (
    columns_of_rules,
    holds_any,
    kinds_of_rules,
    require_plain,
)
from journey.questions.fold import AT_ONCE
from journey.questions.paths import Scope
from journey.store.batch import Batch, Mask, Numbers

MOST_STEPS: Final = 20
MOST_VALUES: Final = 50
NOWHERE: Final = -1
Rules = tuple[Rule, ...]
V = TypeVar("V", Numbers, Mask)


class Order(StrEnum):
    """Orders of steps."""

    SEQUENCE = "sequence"
    """Each step at or after the one before it."""
    ANY = "any"
    """A step is reached by who did it and all steps before it, in whichever order.

    A way begins with its first touchpoint of any step.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelOptions:
    """Options of a funnel.

    `scope` and `same` say what makes one way: a person or a session, and in it the touchpoints with
    the same value of the column `same`, e.g. the subject. A touchpoint of `excluded` between two
    steps ends the way before the second. `window` runs from the first step; zero is any time.
    """

    steps: tuple[Rules, ...]
    order: Order = Order.SEQUENCE
    scope: Scope = Scope.PERSON
    window: timedelta = timedelta()
    excluded: Rules = ()
    same: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise InvalidQuestion(f"1 to {MOST_STEPS} steps", field="steps")
        for rules in self.steps:
            require_plain(rules, "steps")
        require_plain(self.excluded, "excluded")
        if self.order is Order.ANY and self.excluded:
            raise InvalidQuestion("only steps in sequence exclude touchpoints", field="excluded")


@dataclass(slots=True)
class Segment:
    """Ways by step: how many reached it, and the times from the step before it."""

    reached: list[int]
    times: list[list[Numbers]]

    def add(self, reached: Sequence[Numbers], at: Numbers) -> None:
        """Counts ways by where they reached each step."""
        for step, places in enumerate(reached):
            arrived = places != NOWHERE
            self.reached[step] += int(arrived.sum())
            if step:
                taken = at[places[arrived]] - at[reached[step - 1][arrived]]
                self.times[step].append(np.abs(taken))

    def median_seconds(self, step: int) -> float:
        """Returns the lower median of the times from the step before; 0 where there is none."""
        times = np.concatenate([*self.times[step], np.zeros(0, dtype=np.int64)])
        if not len(times):
            return 0.0
        middle = (len(times) - 1) // 2
        return float(np.partition(times, middle)[middle]) / 1_000_000


@dataclass(frozen=True, slots=True)
class _Ways:
    """Touchpoints of a batch by way: `places` are theirs in the batch, way after way.

    None are the places of all, in the batch's order. `starts` are as of a batch.
    """

    places: Numbers | None
    starts: Numbers

    def __len__(self) -> int:
        return int(self.starts[-1])

    def of(self, values: V) -> V:
        """Returns the values of the ways' touchpoints from those of the batch's."""
        return values if self.places is None else values[self.places]

    def place(self, places: Numbers) -> Numbers:
        """Returns places in the batch from places in the ways."""
        return places if self.places is None else self.places[places]


class Funnel:
    """Counts the ways that reach each step.

    A way reaches the first step at its first touchpoint of it, and each next step at its first
    touchpoint of it at or after the step before; one touchpoint may be of several steps.
    """

    before = AT_ONCE
    reads_later = False

    def __init__(self, options: FunnelOptions) -> None:
        self._options = options
        self._found: dict[str, Segment] = defaultdict(
            lambda: Segment([0] * len(options.steps), [[] for _ in options.steps])
        )

    @property
    def columns(self) -> frozenset[str]:
        options = self._options
        found = sessions.COLUMNS if options.scope is Scope.SESSION else frozenset()
        for rules in (*options.steps, options.excluded):
            found |= columns_of_rules(rules)
        return found | {name for name in (options.same, options.by) if name}

    @property
    def kinds(self) -> frozenset[str]:
        return kinds_of(self._options)

    def add(self, batch: Batch, counted: Mask) -> None:
        ways = ways_of(batch, counted, self._options)
        if not len(ways):
            return
        reached = steps_of(batch, ways, self._options)
        begun = np.flatnonzero(reached[0] != NOWHERE)
        texts = batch.texts[self._options.by] if self._options.by else None
        codes = texts.codes[ways.place(reached[0][begun])] if texts else np.zeros(len(begun))
        for code in np.unique(codes).tolist():
            segment = self._found[texts.values[code] if texts else ""]
            segment.add([places[begun[codes == code]] for places in reached], ways.of(batch.at))

    def answer(self) -> dict[str, Segment]:
        """Returns segments by value, the largest first; one of the empty text without `by`."""
        if not self._options.by:
            return {"": self._found[""]}
        largest = sorted(self._found.items(), key=lambda pair: (-pair[1].reached[0], pair[0]))
        return dict(largest[:MOST_VALUES])


class FunnelPeople:
    """Lists the people behind a step: those who reached it, or who reached only the one before."""

    before = AT_ONCE
    reads_later = False

    def __init__(self, options: FunnelOptions, step: int, *, left: bool, most: int) -> None:
        if not 0 <= step < len(options.steps) or (left and step == 0):
            raise InvalidQuestion("the funnel has no such step", field="step")
        self._options, self._step, self._left, self._most = options, step, left, most
        self._people: list[str] = []
        self.columns, self.kinds = Funnel(options).columns, kinds_of(options)
        self.count = 0

    def add(self, batch: Batch, counted: Mask) -> None:
        ways = ways_of(batch, counted, self._options)
        if not len(ways):
            return
        reached = steps_of(batch, ways, self._options)
        chosen = reached[self._step] != NOWHERE
        if self._left:
            chosen = (reached[self._step - 1] != NOWHERE) & ~chosen
        people = np.unique(batch.person[ways.place(ways.starts[:-1][chosen])])
        self.count += len(people)
        room = self._most - len(self._people)
        self._people += [batch.people[person] for person in people[:room].tolist()]

    def answer(self) -> list[str]:
        return self._people


def kinds_of(options: FunnelOptions) -> frozenset[str]:
    """Returns the kinds that decide a funnel; empty for all.

    Sessions are made of all touchpoints.
    """
    if options.scope is Scope.SESSION:
        return frozenset()
    return kinds_of_rules(rule for rules in (*options.steps, options.excluded) for rule in rules)


def ways_of(batch: Batch, counted: Mask, options: FunnelOptions) -> _Ways:
    """Returns the ways of a batch's counted touchpoints."""
    if options.scope is Scope.PERSON and not options.same and counted.all():
        return _Ways(None, batch.starts)
    groups = batch.person
    if options.scope is Scope.SESSION:
        groups = sessions.sessions_of(batch)
        counted = counted & (groups != sessions.NO_SESSION)
    places = np.flatnonzero(counted)
    keys = [groups[places]]
    if options.same:
        column = batch.texts[options.same]
        places = places[column.given[places]]
        values = column.codes[places].astype(np.int64)
        order = np.lexsort((places, values, groups[places]))
        places = places[order]
        keys = [groups[places], values[order]]
    if not len(places):
        return _Ways(places, np.zeros(1, dtype=np.int64))
    is_new = np.zeros(len(places), dtype=np.bool_)
    is_new[0] = True
    for key in keys:
        is_new[1:] |= key[1:] != key[:-1]
    return _Ways(places, np.append(np.flatnonzero(is_new), len(places)))


def steps_of(batch: Batch, ways: _Ways, options: FunnelOptions) -> list[Numbers]:
    """Returns for each step the place in the ways at which each reached it, or NOWHERE."""
    at = ways.of(batch.at)
    window = int(options.window.total_seconds() * 1_000_000)
    excluded = np.flatnonzero(ways.of(holds_any(batch, options.excluded)))
    steps = [np.flatnonzero(ways.of(holds_any(batch, rules))) for rules in options.steps]
    begins, ends = ways.starts[:-1], ways.starts[1:]
    is_ordered = options.order is Order.SEQUENCE
    first = np.min(
        [first_at(step, begins) for step in (steps[:1] if is_ordered else steps)], axis=0
    )
    began = at[np.where(first < ends, first, 0)]
    from_place, found = begins.copy(), []
    alive = first < ends
    for number, matching in enumerate(steps):
        # Of a way that has ended no place is looked for.
        place = np.full(len(begins), NOWHERE)
        living = np.flatnonzero(alive)
        place[living] = first_at(matching, (from_place if is_ordered else begins)[living])
        alive = alive & (place < ends)
        if window:
            alive &= at[np.where(alive, place, 0)] - began <= window
        if number and len(excluded):
            alive &= first_at(excluded, from_place + 1) >= place
        found.append(np.where(alive, place, NOWHERE))
        from_place = np.where(alive, place, ends)
    return found


def first_at(places: Numbers, least: Numbers) -> Numbers:
    """Returns the first of sorted places that is at least each bound; a huge one for none."""
    padded = np.append(places, np.iinfo(np.int64).max)
    return padded[np.searchsorted(places, least)]
