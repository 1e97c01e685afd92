"""Differences of two maps or versions by stage and cell, and of their numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import JsonValue

from journey.maps.document_lists import objects

# The slug names the map itself, and is no cell of it.
_NO_CELLS: Final = frozenset({"slug", "stages", "personas"})


class DifferenceKind(StrEnum):
    """Kinds of differences, seen from the left map."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that differs. None is a cell that is not there; cells of the map have no stage.

    `cell` is empty for a whole stage; a stage that moved has its positions from 1.
    """

    kind: DifferenceKind
    stage: str
    cell: str
    left: JsonValue
    right: JsonValue


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a stage on both sides; None where that side has no such stage or number."""

    stage: str
    name: str
    left: float | None
    right: float | None
    currency: str = ""

    @property
    def difference(self) -> float | None:
        """Returns right minus left."""
        return None if self.left is None or self.right is None else self.right - self.left


def compare_documents(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Difference]:
    """Returns the differences of two maps: of the map itself, then by stage in the right order."""
    found = list(_compare_cells("", dict(_cells_of(left)), dict(_cells_of(right))))
    ours, theirs = _by_slug(left, "stages"), _by_slug(right, "stages")
    shared = [slug for slug in theirs if slug in ours]
    was = [slug for slug in ours if slug in theirs]
    for slug in dict.fromkeys([*theirs, *ours]):
        if slug not in ours:
            found.append(Difference(DifferenceKind.ADDED, slug, "", None, dict(theirs[slug])))
            continue
        if slug not in theirs:
            found.append(Difference(DifferenceKind.REMOVED, slug, "", dict(ours[slug]), None))
            continue
        before, now = was.index(slug) + 1, shared.index(slug) + 1
        if before != now:
            found.append(Difference(DifferenceKind.MOVED, slug, "", before, now))
        cells = dict(_stage_cells(ours[slug])), dict(_stage_cells(theirs[slug]))
        found += _compare_cells(slug, *cells)
    return found


def compare_figures(
    left: Mapping[tuple[str, str, str], float], right: Mapping[tuple[str, str, str], float]
) -> list[Figure]:
    """Returns numbers by stage, name and currency, each with both values."""
    return [
        Figure(stage, name, left.get((stage, name, money)), right.get((stage, name, money)), money)
        for stage, name, money in dict.fromkeys([*right, *left])
    ]


def _compare_cells(
    stage: str, left: Mapping[str, JsonValue], right: Mapping[str, JsonValue]
) -> Iterator[Difference]:
    for cell in dict.fromkeys([*right, *left]):
        before, now = left.get(cell), right.get(cell)
        if before == now:
            continue
        kind = (
            DifferenceKind.ADDED
            if before is None
            else DifferenceKind.REMOVED
            if now is None
            else DifferenceKind.CHANGED
        )
        yield Difference(kind, stage, cell, before, now)


def _cells_of(document: Mapping[str, Any]) -> Iterator[tuple[str, JsonValue]]:
    """Yields the cells of the map itself, and its personas, each under its slug."""
    for name, value in document.items():
        if name not in _NO_CELLS:
            yield from _flattened(name, value)
    for slug, persona in _by_slug(document, "personas").items():
        for name, value in persona.items():
            if name != "slug":
                yield from _flattened(f"personas.{slug}.{name}", value)


def _stage_cells(stage: Mapping[str, Any]) -> Iterator[tuple[str, JsonValue]]:
    for name, value in stage.items():
        if name not in ("slug", "cells"):
            yield from _flattened(name, value)
    for cell in objects(stage, "cells"):
        persona = str(cell.get("persona") or "")
        yield f"{cell.get('lane', '')}{f' · {persona}' if persona else ''}", cell.get("texts") or []


def _flattened(name: str, value: Any) -> Iterator[tuple[str, JsonValue]]:
    """Yields the fields of objects under their joined names. A list is one cell."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(f"{name}.{key}", inner)
    elif value not in (None, [], ""):
        yield name, value


def _by_slug(document: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = objects(document, name)
    return {str(one.get("slug", "")): one for one in found}
