"""The language of stage rules: data, small and checked.

Any rule of a stage makes a touchpoint one of it; all conditions of a rule must hold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from journey.errors import InvalidMap

FIELDS: Final = frozenset(
    {
        "kind", "source", "channel", "outcome", "reason", "subject", "utm_source", "utm_medium",
        "utm_campaign", "utm_term", "utm_content",
        "click_id", "referrer_host",
    }
)  # fmt: skip
PROPERTY: Final = "property:"
MOST_RULES: Final = 20
MOST_CONDITIONS: Final = 10
MOST_VALUES: Final = 50
# Of all stages together, as each is one bit of a mask.
MOST_COUNTED: Final = 32
MOST_TEXT: Final = 200
_PROPERTY_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Occurrence(StrEnum):
    """Selects among a person's matching touchpoints of all history, by time and then id."""

    ANY = "any"
    FIRST = "first"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `any_of`, `prefix` and `exists` is set. A field without a value is the empty text."""

    field: str
    any_of: tuple[str, ...] = ()
    prefix: str = ""
    exists: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions hold, and the occurrence is right."""

    when: tuple[Condition, ...]
    occurrence: Occurrence = Occurrence.ANY


def rules_of(documents: Any, path: str) -> tuple[Rule, ...]:
    """The rules of a stage. Raises InvalidMap with the path of what is wrong."""
    if not isinstance(documents, list) or len(documents) > MOST_RULES:
        raise InvalidMap(path=path, problem=f"a list of at most {MOST_RULES} rules")
    return tuple(_rule(document, f"{path}[{index}]") for index, document in enumerate(documents))


def _rule(document: Any, path: str) -> Rule:
    _must_have_only(document, {"when", "occurrence"}, path)
    when = document.get("when")
    if not isinstance(when, list) or not 1 <= len(when) <= MOST_CONDITIONS:
        raise InvalidMap(path=f"{path}.when", problem=f"1 to {MOST_CONDITIONS} conditions")
    occurrence = document.get("occurrence") or "any"
    if not isinstance(occurrence, str) or occurrence not in list(Occurrence):
        raise InvalidMap(path=f"{path}.occurrence", problem="one of any, first, repeat")
    return Rule(
        tuple(_condition(one, f"{path}.when[{index}]") for index, one in enumerate(when)),
        Occurrence(occurrence),
    )


def _condition(document: Any, path: str) -> Condition:
    _must_have_only(document, {"field", "any_of", "prefix", "exists", "negated"}, path)
    field, any_of, prefix = (
        document.get("field"),
        document.get("any_of") or [],
        document.get("prefix") or "",
    )
    exists, negated = document.get("exists", False), document.get("negated", False)
    if not isinstance(field, str) or not _is_field(field):
        raise InvalidMap(
            path=f"{path}.field", problem=f"one of {', '.join(sorted(FIELDS))}, or property:<name>"
        )
    if (
        not isinstance(any_of, list)
        or len(any_of) > MOST_VALUES
        or not all(_is_text(value) for value in any_of)
    ):
        raise InvalidMap(
            path=f"{path}.any_of",
            problem=f"at most {MOST_VALUES} texts of at most {MOST_TEXT} characters",
        )
    if not _is_text(prefix):
        raise InvalidMap(path=f"{path}.prefix", problem=f"a text of at most {MOST_TEXT} characters")
    if not isinstance(exists, bool) or not isinstance(negated, bool):
        raise InvalidMap(path=path, problem="exists and negated are true or false")
    if [bool(any_of), bool(prefix), exists].count(True) != 1:
        raise InvalidMap(path=path, problem="exactly one of any_of, prefix and exists")
    return Condition(field, tuple(any_of), prefix, exists, negated)


def _is_field(name: str) -> bool:
    return name in FIELDS or (
        name.startswith(PROPERTY)
        and _PROPERTY_NAME.fullmatch(name.removeprefix(PROPERTY)) is not None
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT and "\x00" not in value


def _must_have_only(document: Any, names: set[str], path: str) -> None:
    if not isinstance(document, Mapping):
        raise InvalidMap(path=path, problem="an object")
    if unknown := sorted(set(document) - names):
        raise InvalidMap(path=f"{path}.{unknown[0]}", problem="unknown")
