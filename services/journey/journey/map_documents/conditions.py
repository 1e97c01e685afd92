"""Sets of touchpoints that rules hold for: empty ones, and those that meet.

A field without a value is the empty text. An amount that is not known is within no bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from journey.errors import InvalidTouchpoint
from journey.maps.rules import AMOUNT, Condition, Occurrence, Rule
from journey.touchpoints.kinds import parse_kind
from journey.touchpoints.model import Outcome, Source

# Fields whose values are these and no others.
_CLOSED: Final = {
    "outcome": frozenset(one.value for one in Outcome),
    "source": frozenset(one.value for one in Source),
}
_ONCE: Final = frozenset({Occurrence.FIRST, Occurrence.REPEAT})


def contradiction_of(when: Sequence[Condition]) -> str:
    """Returns the field whose conditions no touchpoint fulfils; empty where there is none."""
    for field in dict.fromkeys(one.field for one in when):
        of_field = [one for one in when if one.field == field]
        if not (_amounts_exist(of_field) if field == AMOUNT else _texts_exist(field, of_field)):
            return field
    return ""


def share_touchpoints(one: Rule, other: Rule) -> bool:
    """Returns whether a touchpoint can exist for which both rules hold.

    Rules with an occurrence count among their own touchpoints, so that only those of the same
    conditions are known to exclude each other.
    """
    if contradiction_of([*one.when, *other.when]):
        return False
    is_same = set(one.when) == set(other.when) and set(one.after) == set(other.after)
    return not (is_same and {one.occurrence, other.occurrence} == _ONCE)


def covers(one: Rule, other: Rule) -> bool:
    """Returns whether the first rule is known to hold wherever the second one does."""
    if one.occurrence is not Occurrence.ANY and not is_same_selection(one, other):
        return False
    if not set(one.after) <= set(other.after):
        return False
    return all(_follows(condition, other.when) for condition in one.when)


def is_same_selection(one: Rule, other: Rule) -> bool:
    """Returns whether two rules are known to hold for the same touchpoints."""
    return (
        one.occurrence is other.occurrence
        and set(one.when) == set(other.when)
        and set(one.after) == set(other.after)
    )


def kinds_named(rule: Rule) -> frozenset[str] | None:
    """Returns the only kinds that a rule can hold for; None where it names none."""
    named = [
        frozenset(one.any_of)
        for one in rule.when
        if one.field == "kind" and one.any_of and not one.negated
    ]
    return frozenset.intersection(*named) if named else None


def _follows(condition: Condition, when: Sequence[Condition]) -> bool:
    """Returns whether a condition holds wherever all of `when` do: its contrary never does."""
    of_field = [one for one in when if one.field == condition.field]
    contrary = Condition(
        condition.field,
        condition.any_of,
        condition.prefix,
        condition.exists,
        not condition.negated,
        condition.at_least,
        condition.below,
    )
    return bool(contradiction_of([*of_field, contrary]))


def _texts_exist(field: str, conditions: Sequence[Condition]) -> bool:
    """Returns whether a text fulfils all conditions of a field."""
    candidates = _candidates(field, conditions)
    if candidates is not None:
        return any(all(_holds(one, value) for one in conditions) for value in candidates)
    prefixes = [one.prefix for one in conditions if one.prefix and not one.negated]
    longest = max(prefixes, key=len, default="")
    if not all(longest.startswith(prefix) for prefix in prefixes):
        return False
    # Beyond the prefix any text goes on, so that only a prefix of the prefix excludes all.
    return not any(
        one.negated and one.prefix and longest.startswith(one.prefix) for one in conditions
    )


def _candidates(field: str, conditions: Sequence[Condition]) -> frozenset[str] | None:
    """Returns values of which one must fulfil the conditions; None where they are not countable."""
    sets = [frozenset(one.any_of) for one in conditions if one.any_of and not one.negated]
    if any(one.exists and one.negated for one in conditions):
        sets.append(frozenset({""}))
    if field in _CLOSED:
        sets.append(_CLOSED[field])
    if not sets:
        return None
    found = frozenset.intersection(*sets)
    return frozenset(value for value in found if _is_kind(value)) if field == "kind" else found


def _is_kind(value: str) -> bool:
    try:
        parse_kind(value)
    except InvalidTouchpoint:
        return False
    return True


def _holds(condition: Condition, value: str) -> bool:
    if condition.any_of:
        found = value in condition.any_of
    elif condition.prefix:
        found = value.startswith(condition.prefix)
    else:
        found = value != ""
    return found is not condition.negated


@dataclass(frozen=True, slots=True)
class _Span:
    """Amounts from `least` up to but without `end`; None is no bound."""

    least: int | None
    end: int | None

    @property
    def is_empty(self) -> bool:
        return self.least is not None and self.end is not None and self.least >= self.end


def _amounts_exist(conditions: Sequence[Condition]) -> bool:
    """Returns whether an amount, or a touchpoint without one, fulfils all conditions."""
    known = [one for one in conditions if not one.negated]
    if not known or any(one.exists and one.negated for one in conditions):
        # A touchpoint without an amount is within no bounds, so that all negated ones hold for it.
        return not known
    whole = _Span(
        max((one.at_least for one in known if one.at_least is not None), default=None),
        min((one.below for one in known if one.below is not None), default=None),
    )
    left = [whole]
    for one in conditions:
        if one.negated and not one.exists:
            left = [part for span in left for part in _without(span, one.at_least, one.below)]
    return any(not span.is_empty for span in left)


def _without(span: _Span, at_least: int | None, below: int | None) -> list[_Span]:
    """Returns the parts of a span before and after some bounds."""
    parts = []
    if at_least is not None:
        end = at_least if span.end is None else min(span.end, at_least)
        parts.append(_Span(span.least, end))
    if below is not None:
        least = below if span.least is None else max(span.least, below)
        parts.append(_Span(least, span.end))
    return parts
