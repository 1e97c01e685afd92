"""Findings about a map: their kinds, and the facts that a map is held against."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MOST_FINDINGS: Final = 500


class Severity(StrEnum):
    """Severities of findings, the worst last."""

    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


class FindingCode(StrEnum):
    """Kinds of findings."""

    MAP_WITHOUT_STAGES = "map_without_stages"
    STAGE_WITHOUT_RULES = "stage_without_rules"
    RULE_NEVER_HOLDS = "rule_never_holds"
    RULE_IS_COVERED = "rule_is_covered"
    RULES_OVERLAP = "rules_overlap"
    RULE_IS_REPEATED = "rule_is_repeated"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_SEGMENT = "unknown_segment"
    UNKNOWN_PERSONA = "unknown_persona"
    UNKNOWN_LANE = "unknown_lane"
    UNKNOWN_STAGE = "unknown_stage"
    BRANCH_TO_NOWHERE = "branch_to_nowhere"
    KPI_WITHOUT_TARGET = "kpi_without_target"
    PERSONA_WITHOUT_SEGMENT = "persona_without_segment"
    PAIN_WITHOUT_IMPACT = "pain_without_impact"
    OPPORTUNITY_WITHOUT_OWNER = "opportunity_without_owner"
    MISSING_TRANSLATION = "missing_translation"
    TYPE_LACKS = "type_lacks"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing in a map, or makes no sense.

    `pointer` is its place (RFC 6901), `value` what it is about, and `remedy` what would mend it.
    """

    code: FindingCode
    severity: Severity
    pointer: str
    reason: str
    remedy: str
    stage: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Names that exist beside the map. None of a field means that it is not known which exist."""

    kinds: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    segments: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings of a map, the worst first."""

    findings: list[Finding] = field(default_factory=list)
    is_truncated: bool = False


def pointer(*steps: str | int) -> str:
    """Returns the JSON pointer of a place (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
