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
        "click_id", "referrer_host", "device", "currency",
    }
)  # fmt: skip
PROPERTY: Final = "property:"
# Compared as a number of minor units; every other field is a text.
AMOUNT: Final = "amount"
MOST_RULES: Final = 20
MOST_CONDITIONS: Final = 10
MOST_VALUES: Final = 50
# Of all stages together, as each is one bit of a mask.
MOST_COUNTED: Final = 32
# Kinds named by `after`, of all stages together: each is one bit more of the mask.
MOST_PRECEDING: Final = 8
MOST_AMOUNT: Final = 10**15
MOST_TEXT: Final = 200
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}")
_PROPERTY_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Occurrence(StrEnum):
    """Selects among a person's matching touchpoints of all history, in their order."""

    ANY = "any"
    FIRST = "first"
    REPEAT = "repeat"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `any_of`, `prefix`, `exists` and the bounds is set.

    A field without a value is the empty text. An amount that is not known is within no bounds.
    """

    field: str
    any_of: tuple[str, ...] = ()
    prefix: str = ""
    exists: bool = False
    negated: bool = False
    at_least: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions hold, each kind of `after` happened before, and the occurrence is right.

    `is_placed_only` places touchpoints in a stage, which nobody reaches by them.
    """

    when: tuple[Condition, ...]
    occurrence: Occurrence = Occurrence.ANY
    after: tuple[str, ...] = ()
    is_placed_only: bool = False

    @property
    def looks_at_others(self) -> bool:
        """Returns whether the rule needs the person's other touchpoints."""
        return self.occurrence is not Occurrence.ANY or bool(self.after)


def rules_of(documents: Any, path: str) -> tuple[Rule, ...]:
    """The rules of a stage. Raises InvalidMap with the path of what is wrong."""
    if not isinstance(documents, list) or len(documents) > MOST_RULES:
        raise InvalidMap(path=path, problem=f"a list of at most {MOST_RULES} rules")
    return tuple(_rule(document, f"{path}[{index}]") for index, document in enumerate(documents))


def _rule(document: Any, path: str) -> Rule:
    _must_have_only(document, {"when", "occurrence", "after", "is_placed_only"}, path)
    when = document.get("when")
    if not isinstance(when, list) or not 1 <= len(when) <= MOST_CONDITIONS:
        raise InvalidMap(path=f"{path}.when", problem=f"1 to {MOST_CONDITIONS} conditions")
    occurrence = document.get("occurrence") or "any"
    if not isinstance(occurrence, str) or occurrence not in list(Occurrence):
        raise InvalidMap(path=f"{path}.occurrence", problem="one of any, first, repeat, last")
    is_placed_only = document.get("is_placed_only", False)
    if not isinstance(is_placed_only, bool):
        raise InvalidMap(path=f"{path}.is_placed_only", problem="true or false")
    return Rule(
        tuple(_condition(one, f"{path}.when[{index}]") for index, one in enumerate(when)),
        Occurrence(occurrence),
        _after(document.get("after") or [], f"{path}.after"),
        is_placed_only,
    )


def _after(kinds: Any, path: str) -> tuple[str, ...]:
    if (
        not isinstance(kinds, list)
        or len(kinds) > MOST_PRECEDING
        or not all(_is_text(kind) and kind for kind in kinds)
    ):
        raise InvalidMap(path=path, problem=f"at most {MOST_PRECEDING} kinds")
    return tuple(dict.fromkeys(kinds))


def _condition(document: Any, path: str) -> Condition:
    _must_have_only(
        document, {"field", "any_of", "prefix", "exists", "negated", "at_least", "below"}, path
    )
    field, any_of, prefix = (
        document.get("field"),
        document.get("any_of") or [],
        document.get("prefix") or "",
    )
    exists, negated = document.get("exists", False), document.get("negated", False)
    if not isinstance(field, str) or not _is_field(field):
        raise InvalidMap(
            path=f"{path}.field",
            problem=f"one of {', '.join(sorted({*FIELDS, AMOUNT}))}, or property:<name>",
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
    at_least, below = _bound(document, "at_least", path), _bound(document, "below", path)
    has_bounds = at_least is not None or below is not None
    if [bool(any_of), bool(prefix), exists, has_bounds].count(True) != 1:
        raise InvalidMap(path=path, problem="exactly one of any_of, prefix, exists and bounds")
    if (field == AMOUNT) is not has_bounds and not (field == AMOUNT and exists):
        raise InvalidMap(path=path, problem="amount, and no other field, takes at_least and below")
    return Condition(field, tuple(any_of), prefix, exists, negated, at_least, below)


def _bound(document: Mapping[str, Any], name: str, path: str) -> int | None:
    """A bound of amounts. A message's JSON has 64-bit numbers as texts."""
    value = document.get(name)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MOST_AMOUNT:
        raise InvalidMap(
            path=f"{path}.{name}", problem=f"a whole number of minor units, at most {MOST_AMOUNT}"
        )
    return value


def _is_field(name: str) -> bool:
    return (
        name in FIELDS
        or name == AMOUNT
        or (
            name.startswith(PROPERTY)
            and _PROPERTY_NAME.fullmatch(name.removeprefix(PROPERTY)) is not None
        )
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT and "\x00" not in value


def _must_have_only(document: Any, names: set[str], path: str) -> None:
    if not isinstance(document, Mapping):
        raise InvalidMap(path=path, problem="an object")
    if unknown := sorted(set(document) - names):
        raise InvalidMap(path=f"{path}.{unknown[0]}", problem="unknown")
