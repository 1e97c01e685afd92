"""Comparison: the same question of several segments, in one reading of the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from journey.questions.filters import Filter
from journey.questions.fold import OfKinds, Question
from journey.store.batch import Batch, Mask

A = TypeVar("A")
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Comparison(Generic[A]):
    """The answer of all that the filter lets through, and that of each segment, in their order."""

    whole: A
    segments: list[A]


class Compared(Generic[A]):
    """Asks one question of all, and of each segment by a question of its own.

    Each of `parts` is the whole filter narrowed to a segment, with its question.
    """

    def __init__(self, whole: Question[A], parts: Sequence[tuple[Filter, Question[A]]]) -> None:
        self._whole, self._parts = whole, parts
        self.columns = whole.columns.union(
            *(question.columns | chosen.columns for chosen, question in parts)
        )
        self.reads_later = whole.reads_later
        self.kinds = _kinds(whole, [chosen for chosen, _ in parts])
        self.before = max([whole.before, *map(_before, (chosen for chosen, _ in parts))])

    def add(self, batch: Batch, counted: Mask) -> None:
        self._whole.add(batch, counted)
        for chosen, question in self._parts:
            inside = counted & chosen.touchpoints(batch)
            if inside.any():
                question.add(batch, inside)

    def answer(self) -> Comparison[A]:
        return Comparison(self._whole.answer(), [one.answer() for _, one in self._parts])


def _kinds(whole: Question[A], segments: Sequence[Filter]) -> frozenset[str]:
    """Returns the kinds that decide the answers, with those that decide on segments' people."""
    own = whole.kinds if isinstance(whole, OfKinds) else frozenset()
    found = [own, *(one.wanted(frozenset(), kinds=own).kinds for one in segments)]
    return frozenset().union(*found) if all(found) else frozenset()


def _before(chosen: Filter) -> timedelta:
    """Returns the time before the period that decides on a segment's people."""
    if chosen.since is None or not chosen.asks_for_history:
        return timedelta()
    return chosen.since - _BEGINNING
