"""Filters that all questions share: which touchpoints count, and which people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

import numpy as np

from journey.errors import InvalidQuestion
from journey.maps.rules import AMOUNT, Condition, Rule
from journey.store.batch import MISSING, Batch, Mask
from journey.store.store import Wanted
from journey.touchpoints.acts import EVENT_OF_REQUEST
from journey.touchpoints.model import Outcome, Source

BOT: Final = "bot"
_SECOND: Final = 1_000_000
# Time before a period that reaches back to the beginning.
EVER: Final = timedelta.max


class Newcomers(StrEnum):
    """Selects people by their first touchpoint of all history: in the period, or before it."""

    NEW = "new"
    RETURNING = "returning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Acts in a period, of channels and devices, of which all conditions hold.

    `who_did` narrows to people with a touchpoint, up to the period's end, of which all of them
    hold, and `who_did_not` to people without one. Bots are left out unless `with_bots`. Each of
    `segments` must let a touchpoint through too.
    """

    since: datetime | None = None
    until: datetime | None = None
    channels: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    who_did: tuple[Condition, ...] = ()
    who_did_not: tuple[Condition, ...] = ()
    newcomers: Newcomers | None = None
    with_bots: bool = False
    segments: tuple["Filter", ...] = ()

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidQuestion("ends before it begins", field="filter.time_range.until")
        if self.newcomers and self.since is None:
            raise InvalidQuestion(
                "who is new is a question about a period", field="filter.time_range.since"
            )

    @property
    def columns(self) -> frozenset[str]:
        """Returns the columns that the filter reads."""
        conditions = (*self.conditions, *self.who_did, *self.who_did_not)
        own = {"kind", "outcome", "source"}
        if self.channels:
            own.add("channel")
        if self.devices or not self.with_bots:
            own.add("device")
        return frozenset(own).union(
            map(_column, conditions), *(one.columns for one in self.segments)
        )

    @property
    def asks_for_history(self) -> bool:
        """Returns whether what was before the period decides on people."""
        return bool(self.who_did or self.who_did_not or self.newcomers) or any(
            one.asks_for_history for one in self.segments
        )

    def narrowed(self, segment: Self) -> Self:
        """Returns the filter of what a segment lets through too.

        The segment has the period of both; bots count where either says so.
        """
        with_bots = self.with_bots or segment.with_bots
        own = replace(self, since=segment.since, until=segment.until, with_bots=with_bots)
        inner = replace(segment, with_bots=with_bots)
        return replace(own, segments=(*self.segments, inner))

    def wanted(
        self,
        columns: frozenset[str],
        *,
        before: timedelta = timedelta(),
        reads_later: bool = False,
        kinds: frozenset[str] = frozenset(),
    ) -> Wanted:
        """Returns the scan of a question that reads columns, and beyond the period.

        `kinds` are those that decide its answer; empty for all.
        """
        reads_all = self.since is None or self.asks_for_history or before == EVER
        since = None if reads_all or self.since is None else self.since - before
        until = None if reads_later else self.until
        return Wanted(self.columns | columns, since, until, self.kinds_to_read(kinds))

    def kinds_to_read(self, of_question: frozenset[str]) -> frozenset[str]:
        """Returns the kinds to read, with those that decide on people; empty for all."""
        if not of_question or self.newcomers is not None:
            return frozenset()
        found = set(of_question)
        for conditions in (self.who_did, self.who_did_not):
            if conditions:
                named = kinds_of_conditions(conditions)
                if not named:
                    return frozenset()
                found |= named
        for segment in self.segments:
            if not (named := segment.kinds_to_read(of_question)):
                return frozenset()
            found |= named
        return frozenset(found)

    def touchpoints(self, batch: Batch) -> Mask:
        """Returns which touchpoints of a batch count."""
        chosen = holds_all(batch, self.conditions)
        if self.who_did or self.who_did_not or self.newcomers is not None:
            chosen &= self._people(batch)[batch.person]
        chosen &= self.acts(batch)
        if self.since is not None:
            chosen &= batch.at >= microseconds(self.since)
        if self.until is not None:
            chosen &= batch.at < microseconds(self.until)
        if self.channels:
            chosen &= batch.texts["channel"].where(self.channels.__contains__)
        if self.devices:
            chosen &= batch.texts["device"].where(self.devices.__contains__)
        for segment in self.segments:
            chosen &= segment.touchpoints(batch)
        return chosen

    def acts(self, batch: Batch) -> Mask:
        """Returns which touchpoints count in any period: acts, and no bot's unless asked for."""
        chosen = acts(batch)
        if not self.with_bots:
            chosen &= batch.texts["device"].where(lambda device: device != BOT)
        return chosen

    def _people(self, batch: Batch) -> Mask:
        chosen = np.ones(len(batch.people), dtype=np.bool_)
        if self.who_did:
            chosen &= any_of_person(batch, self._so_far(batch) & holds_all(batch, self.who_did))
        if self.who_did_not:
            done = self._so_far(batch) & holds_all(batch, self.who_did_not)
            chosen &= ~any_of_person(batch, done)
        if self.newcomers is not None and self.since is not None:
            is_new = batch.at[batch.starts[:-1]] >= microseconds(self.since)
            chosen &= is_new if self.newcomers is Newcomers.NEW else ~is_new
        return chosen

    def _so_far(self, batch: Batch) -> Mask:
        if self.until is None:
            return np.ones(len(batch), dtype=np.bool_)
        return batch.at < microseconds(self.until)


def microseconds(time: datetime) -> int:
    """Returns a time as `Batch.at` has it."""
    return round(time.timestamp() * _SECOND)


def acts(batch: Batch) -> Mask:
    """Returns which touchpoints are acts: attempts at one that an event tells do not count."""
    is_attempt = batch.texts["kind"].where(EVENT_OF_REQUEST.__contains__)
    is_attempt &= batch.texts["source"].where(lambda source: source == Source.GATEWAY)
    is_attempt &= batch.texts["outcome"].where(lambda outcome: outcome == Outcome.OK)
    return ~is_attempt


def any_of_person(batch: Batch, chosen: Mask) -> Mask:
    """Returns which people have a chosen touchpoint."""
    return np.bincount(batch.person[chosen], minlength=len(batch.people)) > 0


def holds(batch: Batch, condition: Condition) -> Mask:
    """Returns of which touchpoints a condition holds."""
    if condition.field == AMOUNT:
        fits = _is_amount(batch, condition)
        return ~fits if condition.negated else fits
    return batch.texts[condition.field].where(_test(condition))


def holds_all(batch: Batch, conditions: tuple[Condition, ...]) -> Mask:
    """Returns of which touchpoints all conditions hold."""
    chosen = np.ones(len(batch), dtype=np.bool_)
    for condition in conditions:
        chosen &= holds(batch, condition)
    return chosen


def holds_any(batch: Batch, rules: tuple[Rule, ...]) -> Mask:
    """Returns of which touchpoints any rule holds."""
    chosen = np.zeros(len(batch), dtype=np.bool_)
    for rule in rules:
        chosen |= holds_all(batch, rule.when)
    return chosen


def columns_of_rules(rules: tuple[Rule, ...]) -> frozenset[str]:
    """Returns the columns that rules read."""
    return frozenset(_column(one) for rule in rules for one in rule.when)


def kinds_of_conditions(conditions: tuple[Condition, ...]) -> frozenset[str]:
    """Returns kinds, one of which a touchpoint has if all conditions hold; empty for any kind."""
    for one in conditions:
        if one.field == "kind" and one.any_of and not one.negated:
            return frozenset(one.any_of)
    return frozenset()


def kinds_of_rules(rules: Iterable[Rule]) -> frozenset[str]:
    """Returns kinds, one of which a touchpoint has if any rule holds; empty for any kind."""
    found = [kinds_of_conditions(rule.when) for rule in rules]
    return frozenset().union(*found) if all(found) else frozenset()


def require_plain(rules: Iterable[Rule], field: str) -> None:
    """Raises InvalidQuestion for rules that look at a person's other touchpoints."""
    if any(rule.looks_at_others for rule in rules):
        raise InvalidQuestion("questions count every occurrence", field=field)


def _column(condition: Condition) -> str:
    return "amount_minor" if condition.field == AMOUNT else condition.field


def _is_amount(batch: Batch, condition: Condition) -> Mask:
    amounts = batch.numbers["amount_minor"]
    chosen: Mask = amounts != MISSING
    if condition.at_least is not None:
        chosen &= amounts >= condition.at_least
    if condition.below is not None:
        chosen &= amounts < condition.below
    return chosen


def _test(condition: Condition) -> Callable[[str], bool]:
    if condition.any_of:
        values = frozenset(condition.any_of)
        return lambda text: (text in values) is not condition.negated
    if condition.prefix:
        return lambda text: text.startswith(condition.prefix) is not condition.negated
    return lambda text: (text != "") is not condition.negated
