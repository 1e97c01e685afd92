"""Findings about a map as its page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from web.studio.documents.model import Finding, Lint
from web.studio.words import Words

_SEVERITIES: Final = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in the reader's language. `place` is its stage; `pointer` is for editors."""

    severity: str
    mark: str
    title: str
    place: str
    reason: str
    remedy: str
    pointer: str


@dataclass(frozen=True, slots=True)
class ShownLint:
    """The findings of a map, and how many there are of each severity."""

    findings: Sequence[ShownFinding]
    counts: Sequence[tuple[str, str]]
    notes: Sequence[str]


def describe_lint(lint: Lint, stages: Mapping[str, str], words: Words) -> ShownLint:
    """Returns what a page shows of a map's findings. `stages` are names by slug."""
    notes = [words.text("lint.more", number=words.number(len(lint.findings)))]
    sums = [(one, sum(f.severity == one for f in lint.findings)) for one in _SEVERITIES]
    return ShownLint(
        findings=[_describe(one, stages, words) for one in lint.findings],
        counts=[(one, words.count(f"lint.{one}", number)) for one, number in sums if number],
        notes=[
            *(notes if lint.is_truncated else []),
            *([] if lint.is_exact else [words.text("lint.sample")]),
        ],
    )


def _describe(one: Finding, stages: Mapping[str, str], words: Words) -> ShownFinding:
    stage, value = stages.get(one.stage, one.stage), one.value or "–"

    def told(part: str, otherwise: str) -> str:
        return words.text_or(f"finding.{one.code}.{part}", otherwise, value=value, stage=stage)

    return ShownFinding(
        severity=one.severity,
        mark=words.text_or(f"severity.{one.severity}", one.severity),
        title=told("title", one.code.replace("_", " ")),
        place=stage or words.text("finding.whole_map"),
        reason=told("reason", one.reason),
        remedy=told("remedy", one.remedy),
        pointer=one.pointer,
    )
