"""Places the touchpoints of whole people in the stages of a map."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from journey.maps.model import Stage
from journey.maps.rules import Condition, Occurrence, Rule
from journey.questions.filters import columns_of_rules, holds, kinds_of_rules
from journey.store.batch import Batch, Mask, Numbers

# Read to tell what happened before, beside what conditions name.
_HAPPENED: Final = frozenset({"kind", "outcome"})


def columns_of(stages: Sequence[Stage]) -> frozenset[str]:
    """Returns the columns that the rules of stages read."""
    rules = tuple(rule for stage in stages for rule in stage.rules)
    return columns_of_rules(rules) | _HAPPENED


def kinds_of(stages: Sequence[Stage]) -> frozenset[str]:
    """Returns the kinds that decide the placement in stages; empty for all."""
    rules = [rule for stage in stages for rule in stage.rules]
    found = kinds_of_rules(rules)
    return found.union(*(rule.after for rule in rules)) if found else found


def looks_at_others(stages: Sequence[Stage]) -> bool:
    """Returns whether touchpoints outside a period may decide on those in it."""
    return any(rule.looks_at_others for stage in stages for rule in stage.rules)


class Placement:
    """The touchpoints of a batch by rule; `acts` are those that count at all, in any period.

    Occurrences and what happened before are those of a person's whole history, in their order.
    """

    def __init__(self, batch: Batch, acts: Mask) -> None:
        self._batch, self._acts = batch, acts
        self._person = batch.person
        self._found: dict[Rule, Numbers] = {}
        # Rules of a map share conditions.
        self._held: dict[Condition, Mask] = {}

    def any_of(self, rules: Sequence[Rule]) -> Mask:
        """Returns the touchpoints for which any rule holds."""
        chosen = np.zeros(len(self._batch), dtype=np.bool_)
        for rule in rules:
            chosen[self._of(rule)] = True
        return chosen

    def stage_numbers(self, stages: Sequence[Stage]) -> Numbers:
        """Returns the first stage of each touchpoint; the number of stages for none."""
        numbers = np.full(len(self._batch), len(stages), dtype=np.int64)
        for number in reversed(range(len(stages))):
            for rule in stages[number].rules:
                numbers[self._of(rule)] = number
        return numbers

    def _of(self, rule: Rule) -> Numbers:
        """Returns the places of the touchpoints for which a rule holds."""
        if rule not in self._found:
            self._found[rule] = self._place(rule)
        return self._found[rule]

    def _place(self, rule: Rule) -> Numbers:
        places = self._fitting(rule.when)
        for kind in rule.after:
            places = places[places > self._first_of_person(kind)[self._person[places]]]
        if rule.occurrence is Occurrence.ANY or not len(places):
            return places
        person = self._person[places]
        borders = np.append(np.flatnonzero(np.diff(person)) + 1, len(places))
        is_first = np.zeros(len(places), dtype=np.bool_)
        match rule.occurrence:
            case Occurrence.FIRST | Occurrence.REPEAT:
                is_first[0] = True
                is_first[borders[:-1]] = True
                chosen = is_first if rule.occurrence is Occurrence.FIRST else ~is_first
                places = places[chosen]
            case Occurrence.LAST:
                places = places[borders - 1]
        return places

    def _fitting(self, conditions: Sequence[Condition]) -> Numbers:
        """Returns the acts of which all conditions hold."""
        chosen = self._acts.copy()
        for one in conditions:
            if one not in self._held:
                self._held[one] = holds(self._batch, one)
            chosen &= self._held[one]
        return np.flatnonzero(chosen)

    def _first_of_person(self, kind: str) -> Numbers:
        """Returns each person's first successful touchpoint of a kind, or one after all."""
        conditions = Condition("kind", (kind,)), Condition("outcome", ("ok",))
        places = self._fitting(conditions)
        first = np.full(len(self._batch.people), len(self._batch), dtype=np.int64)
        # Backwards, so that the first one is what stays.
        first[self._person[places[::-1]]] = places[::-1]
        return first
