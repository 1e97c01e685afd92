"""Places the touchpoints of whole people in the stages of a map."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from journey.maps.model import Stage
from journey.maps.rules import Condition, Occurrence, Rule
from journey.questions.filters import columns_of_rules, holds_all, kinds_of_rules
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
        self._found: dict[Rule, Mask] = {}

    def any_of(self, rules: Sequence[Rule]) -> Mask:
        """Returns the touchpoints for which any rule holds."""
        chosen = np.zeros(len(self._batch), dtype=np.bool_)
        for rule in rules:
            chosen |= self._of(rule)
        return chosen

    def stage_numbers(self, stages: Sequence[Stage]) -> Numbers:
        """Returns the first stage of each touchpoint; the number of stages for none."""
        numbers = np.full(len(self._batch), len(stages), dtype=np.int64)
        for number in reversed(range(len(stages))):
            numbers[self.any_of(stages[number].rules)] = number
        return numbers

    def _of(self, rule: Rule) -> Mask:
        if rule not in self._found:
            self._found[rule] = self._place(rule)
        return self._found[rule]

    def _place(self, rule: Rule) -> Mask:
        fits: Mask = self._acts & holds_all(self._batch, rule.when)
        for kind in rule.after:
            fits = fits & (self._count_before(self._happened(kind)) > 0)
        if rule.occurrence is Occurrence.ANY:
            return fits
        before = self._count_before(fits)
        match rule.occurrence:
            case Occurrence.FIRST:
                fits &= before == 0
            case Occurrence.REPEAT:
                fits &= before > 0
            case Occurrence.LAST:
                all_of_them = np.bincount(self._person[fits], minlength=len(self._batch.people))
                fits &= before + 1 == all_of_them[self._person]
        return fits

    def _happened(self, kind: str) -> Mask:
        conditions = Condition("kind", (kind,)), Condition("outcome", ("ok",))
        happened: Mask = self._acts & holds_all(self._batch, conditions)
        return happened

    def _count_before(self, chosen: Mask) -> Numbers:
        """Returns how many of a person's chosen touchpoints come before each of theirs."""
        before: Numbers = np.cumsum(chosen) - chosen
        counts: Numbers = before - before[self._batch.starts[:-1]][self._person]
        return counts
