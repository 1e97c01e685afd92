"""Objectives of stages: data of a map, small and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from journey.errors import InvalidMap

MOST_OBJECTIVES: Final = 2
WINDOW_DAYS: Final = (7, 28)
_TARGETS: Final = (50.0, 99.99)
_MOST_MS: Final = 3_600_000
_FIELDS: Final = frozenset({"kind", "target_percent", "window_days", "within_ms", "counts_refused"})


class ObjectiveKind(StrEnum):
    """Kinds of objectives: people get through without an error, or are answered in time."""

    SUCCESS = "success"
    SPEED = "speed"


@dataclass(frozen=True, slots=True)
class StageObjective:
    """An objective of a stage: `target_percent` of the tries shall be good."""

    kind: ObjectiveKind
    target_percent: float
    window_days: int
    within_ms: int = 0
    counts_refused: bool = False

    @property
    def budget(self) -> float:
        """Returns the share of tries that may be bad."""
        return (100 - self.target_percent) / 100


def objectives_of(documents: Any, path: str) -> tuple[StageObjective, ...]:
    """Returns the objectives of a stage. Raises InvalidMap with the path of what is wrong."""
    if not isinstance(documents, list) or len(documents) > MOST_OBJECTIVES:
        raise InvalidMap(path=path, problem=f"a list of at most {MOST_OBJECTIVES} objectives")
    found = tuple(_objective(one, f"{path}[{index}]") for index, one in enumerate(documents))
    if len({one.kind for one in found}) < len(found):
        raise InvalidMap(path=path, problem="one objective of a kind")
    return found


def _objective(document: Any, path: str) -> StageObjective:
    if not isinstance(document, Mapping):
        raise InvalidMap(path=path, problem="an object")
    if unknown := sorted(set(document) - _FIELDS):
        raise InvalidMap(path=f"{path}.{unknown[0]}", problem="unknown")
    kind, target = document.get("kind"), document.get("target_percent")
    if not isinstance(kind, str) or kind not in list(ObjectiveKind):
        raise InvalidMap(path=f"{path}.kind", problem=f"one of {', '.join(ObjectiveKind)}")
    if isinstance(target, bool) or not isinstance(target, int | float):
        raise InvalidMap(path=f"{path}.target_percent", problem="a number")
    if not _TARGETS[0] <= target <= _TARGETS[1]:
        raise InvalidMap(path=f"{path}.target_percent", problem=f"{_TARGETS[0]} to {_TARGETS[1]}")
    days, within = document.get("window_days"), document.get("within_ms", 0)
    if isinstance(days, bool) or days not in WINDOW_DAYS:
        raise InvalidMap(path=f"{path}.window_days", problem="7 or 28")
    is_speed = kind == ObjectiveKind.SPEED
    if isinstance(within, bool) or not isinstance(within, int) or not 0 <= within <= _MOST_MS:
        raise InvalidMap(path=f"{path}.within_ms", problem=f"0 to {_MOST_MS}")
    if is_speed is not bool(within):
        raise InvalidMap(path=f"{path}.within_ms", problem="speed, and nothing else, takes a time")
    refused = document.get("counts_refused", False)
    if not isinstance(refused, bool) or (refused and is_speed):
        raise InvalidMap(path=f"{path}.counts_refused", problem="true or false, of success alone")
    return StageObjective(ObjectiveKind(kind), float(target), days, within, refused)
