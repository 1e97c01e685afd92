"""Findings about the rules of a map: they never hold, overlap, or name what is unknown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from journey.map_documents.conditions import (
    contradiction_of,
    covers,
    is_same_selection,
    kinds_named,
    share_touchpoints,
)
from journey.map_documents.findings import Finding, FindingCode, Known, Severity, pointer
from journey.maps.model import JourneyMap, Stage
from journey.maps.rules import Condition, Rule

_MOST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule and its place."""

    stage: int
    slug: str
    number: int
    rule: Rule
    kinds: frozenset[str] | None

    @property
    def pointer(self) -> str:
        return pointer("stages", self.stage, "rules", self.number)


def rule_findings(chart: JourneyMap, known: Known) -> Iterator[Finding]:
    """Yields the findings about the rules of a map."""
    has_rules = any(stage.rules for stage in chart.stages)
    for place, stage in enumerate(chart.stages):
        if not stage.reached_by:
            yield _without_rules(place, stage, has_rules=has_rules)
    sound: list[_Placed] = []
    for one in _rules_of(chart):
        if field := contradiction_of(one.rule.when):
            yield _never_holds(one, field)
            continue
        yield from _unknown_names(one, known)
        sound.append(one)
    yield from _overlaps(sound)


def _rules_of(chart: JourneyMap) -> Iterator[_Placed]:
    for place, stage in enumerate(chart.stages):
        for number, rule in enumerate(stage.rules):
            yield _Placed(place, stage.slug, number, rule, kinds_named(rule))


def _without_rules(place: int, stage: Stage, *, has_rules: bool) -> Finding:
    reason = (
        "Its rules only place touchpoints; nobody reaches the stage by them."
        if stage.rules
        else "The stage has no rule."
    )
    return Finding(
        FindingCode.STAGE_WITHOUT_RULES,
        Severity.WARNING if has_rules else Severity.NOTICE,
        pointer("stages", place, "rules"),
        f"{reason} Whoever reached the stage before it counts as having reached it.",
        "Add a rule that names the touchpoints by which people reach the stage.",
        stage.slug,
    )


def _never_holds(one: _Placed, field: str) -> Finding:
    return Finding(
        FindingCode.RULE_NEVER_HOLDS,
        Severity.ERROR,
        one.pointer,
        f"No touchpoint fulfils all conditions on {field}.",
        f"Take out one of the conditions on {field}, or give each its own rule: "
        "a stage takes a touchpoint for which any of its rules holds.",
        one.slug,
        field,
    )


def _unknown_names(one: _Placed, known: Known) -> Iterator[Finding]:
    for number, condition in enumerate(one.rule.when):
        place = f"{one.pointer}/when/{number}"
        if condition.field == "kind" and known.kinds is not None:
            for kind in _missing(condition, known.kinds):
                yield _unknown_kind(one, place, kind)
        if condition.field == "channel" and known.channels is not None:
            for channel in _missing(condition, known.channels):
                yield Finding(
                    FindingCode.UNKNOWN_CHANNEL,
                    Severity.WARNING,
                    place,
                    f"No touchpoint of the last 90 days is of the channel {channel}.",
                    "Check the code of the channel.",
                    one.slug,
                    channel,
                )
    if known.kinds is not None:
        for number, kind in enumerate(one.rule.after):
            if kind not in known.kinds:
                yield _unknown_kind(one, f"{one.pointer}/after/{number}", kind)


def _missing(condition: Condition, names: frozenset[str]) -> list[str]:
    missing = [value for value in condition.any_of if value not in names]
    if condition.prefix and not any(name.startswith(condition.prefix) for name in names):
        missing.append(f"{condition.prefix}*")
    return missing


def _unknown_kind(one: _Placed, place: str, kind: str) -> Finding:
    # A list of kinds may name rare ones; a rule none of whose kinds was seen has no effect.
    return Finding(
        FindingCode.UNKNOWN_KIND,
        Severity.NOTICE,
        place,
        f"No touchpoint of the last 90 days is of the kind {kind}.",
        "Check the spelling of the kind, or record such touchpoints.",
        one.slug,
        kind,
    )


def _overlaps(rules: Sequence[_Placed]) -> Iterator[Finding]:
    for number, later in enumerate(rules):
        overlap: Finding | None = None
        for earlier in rules[:number]:
            if earlier.stage == later.stage:
                if is_same_selection(earlier.rule, later.rule) and _adds_nothing(earlier, later):
                    overlap = _repeated(earlier, later)
                    break
                continue
            if not _may_meet(earlier, later):
                continue
            if covers(earlier.rule, later.rule):
                overlap = _covered(earlier, later)
                break
            if overlap is None and share_touchpoints(earlier.rule, later.rule):
                overlap = _overlapping(earlier, later)
        if overlap is not None:
            yield overlap


def _adds_nothing(earlier: _Placed, later: _Placed) -> bool:
    return later.rule.is_placed_only or not earlier.rule.is_placed_only


def _may_meet(earlier: _Placed, later: _Placed) -> bool:
    """Returns whether two rules name a kind in common.

    Rules of all kinds, as those of a campaign, are meant to cut across the others.
    """
    if earlier.kinds is None or later.kinds is None:
        return False
    return not earlier.kinds.isdisjoint(later.kinds)


def _repeated(earlier: _Placed, later: _Placed) -> Finding:
    return Finding(
        FindingCode.RULE_IS_REPEATED,
        Severity.NOTICE,
        later.pointer,
        f"The rule at {earlier.pointer} holds for the same touchpoints.",
        "Delete one of them.",
        later.slug,
        earlier.pointer,
    )


def _covered(earlier: _Placed, later: _Placed) -> Finding:
    return Finding(
        FindingCode.RULE_IS_COVERED,
        Severity.WARNING,
        later.pointer,
        f"The rule of the stage {earlier.slug} at {earlier.pointer} holds for all of its "
        "touchpoints. They stand in that stage's statistics and in none of this one.",
        "Narrow the earlier rule, or take the touchpoints out of one of the stages.",
        later.slug,
        earlier.pointer,
    )


def _overlapping(earlier: _Placed, later: _Placed) -> Finding:
    shared = sorted((earlier.kinds or frozenset()) & (later.kinds or frozenset()))
    named = ", ".join(shared)[:_MOST_SHOWN]
    return Finding(
        FindingCode.RULES_OVERLAP,
        Severity.NOTICE,
        later.pointer,
        f"The rule of the stage {earlier.slug} at {earlier.pointer} holds for some of its "
        f"touchpoints too ({named}). Those stand in that stage's statistics alone.",
        "Part the rules by a condition, or leave it so if both stages are meant.",
        later.slug,
        earlier.pointer,
    )
