"""Paths: what people do one after the other, where they enter, and where they end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from journey.questions import sessions
from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask, Numbers

MOST_STEPS: Final = 10
_KIND: Final = "kind"


class Scope(StrEnum):
    """Extents of a path: all that a person did in the period, or one session."""

    PERSON = "person"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOptions:
    """Options of paths.

    `after` begins each path at its first touchpoint of a kind, `before` ends it at its first one
    and counts its steps backwards. `joins_repeats` takes the same kind one after the other as one
    step.
    """

    scope: Scope = Scope.SESSION
    steps: int = 5
    after: str = ""
    before: str = ""
    joins_repeats: bool = True


@dataclass(slots=True)
class PathCounts:
    """Counts of paths.

    `nodes` are paths by step (from 0) and kind; `links` by the step, its kind and the next kind;
    `ends` those that end at a step and kind. `entries`, `exits` and `transitions` are of whole
    paths, `bounces` paths of one step.
    """

    paths: int = 0
    bounces: int = 0
    nodes: Counter[tuple[int, str]] = field(default_factory=Counter)
    links: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    ends: Counter[tuple[int, str]] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    transitions: Counter[tuple[str, str]] = field(default_factory=Counter)


class Paths:
    """Counts paths of counted touchpoints, by kind."""

    columns = frozenset({_KIND}) | sessions.COLUMNS
    before = AT_ONCE
    reads_later = False

    def __init__(self, options: PathOptions) -> None:
        self._options, self._found = options, PathCounts()

    def add(self, batch: Batch, counted: Mask) -> None:
        groups = batch.person
        if self._options.scope is Scope.SESSION:
            groups = sessions.sessions_of(batch)
            counted = counted & (groups != sessions.NO_SESSION)
        places = np.flatnonzero(counted)
        kinds, groups = batch.texts[_KIND].codes[places].astype(np.int64), groups[places]
        if self._options.joins_repeats and len(places):
            same = np.zeros(len(places), dtype=np.bool_)
            same[1:] = (kinds[1:] == kinds[:-1]) & (groups[1:] == groups[:-1])
            kinds, groups = kinds[~same], groups[~same]
        if len(kinds):
            kinds, groups = self._anchored(kinds, groups, batch.texts[_KIND].values)
        if len(kinds):
            self._count(kinds, groups, batch.texts[_KIND].values)

    def _anchored(
        self, kinds: Numbers, groups: Numbers, names: Sequence[str]
    ) -> tuple[Numbers, Numbers]:
        """Returns what is left of paths that begin or end at a kind."""
        anchor = self._options.after or self._options.before
        if not anchor:
            return kinds, groups
        code = names.index(anchor) if anchor in names else -1
        is_anchor = kinds == code
        starts = np.concatenate([[True], groups[1:] != groups[:-1]])
        group = np.cumsum(starts) - 1
        first = np.full(int(group[-1]) + 1, len(kinds), dtype=np.int64)
        np.minimum.at(first, group[is_anchor], np.flatnonzero(is_anchor))
        place = np.arange(len(kinds))
        chosen = place >= first[group] if self._options.after else place <= first[group]
        chosen &= first[group] < len(kinds)
        return kinds[chosen], groups[chosen]

    def _count(self, kinds: Numbers, groups: Numbers, names: Sequence[str]) -> None:
        found = self._found
        begins = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]]))
        ends = np.concatenate([begins[1:], [len(kinds)]]) - 1
        lengths = ends - begins + 1
        found.paths += len(begins)
        found.bounces += int((lengths == 1).sum())
        _tally(found.entries, (kinds[begins],), names)
        _tally(found.exits, (kinds[ends],), names)
        follows = np.flatnonzero(groups[1:] == groups[:-1])
        _tally(found.transitions, (kinds[follows], kinds[follows + 1]), names)
        if self._options.before:
            step = np.repeat(ends, lengths) - np.arange(len(kinds))
            following, last = np.arange(len(kinds)) - 1, step == np.repeat(lengths, lengths) - 1
        else:
            step = np.arange(len(kinds)) - np.repeat(begins, lengths)
            following, last = np.arange(len(kinds)) + 1, step == np.repeat(lengths, lengths) - 1
        shown = step < self._options.steps
        _tally_steps(found.nodes, step[shown], (kinds[shown],), names)
        linked = shown & ~last & (step < self._options.steps - 1)
        _tally_steps(found.links, step[linked], (kinds[linked], kinds[following[linked]]), names)
        _tally_steps(found.ends, step[shown & last], (kinds[shown & last],), names)

    def answer(self) -> PathCounts:
        return self._found


def _tally(counter: Counter[Any], columns: tuple[Numbers, ...], names: Sequence[str]) -> None:
    """Counts texts, or tuples of them where there are several columns."""
    for codes, number in _counts(columns):
        texts = tuple(names[code] for code in codes)
        counter[texts if len(texts) > 1 else texts[0]] += number


def _tally_steps(
    counter: Counter[Any], steps: Numbers, columns: tuple[Numbers, ...], names: Sequence[str]
) -> None:
    """Counts a step with its texts."""
    for (step, *codes), number in _counts((steps, *columns)):
        counter[step, *(names[code] for code in codes)] += number


def _counts(columns: tuple[Numbers, ...]) -> list[tuple[list[int], int]]:
    if not len(columns[0]):
        return []
    different, numbers = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    return list(zip(different.tolist(), numbers.tolist(), strict=True))
