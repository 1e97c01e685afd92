"""Three-way merge of maps: the changes of two editors since a version that both began with.

Stages and personas are told apart by their slugs, and cells by lane and persona; a list of a stage
is one cell, and so is each language of a text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pydantic import JsonValue

_Key = Callable[[Mapping[str, Any]], str]


class Side(StrEnum):
    """One of two editors: the one who saves now, or the one who saved before."""

    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place that both changed, each to another value. None is a place that is not there."""

    pointer: str
    base: JsonValue
    mine: JsonValue
    theirs: JsonValue


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged document, and the places at which it has the saved value for want of a choice."""

    document: dict[str, Any]
    conflicts: list[Conflict] = field(default_factory=list)


class _Absent:
    """The value of a place that a document does not have."""


_ABSENT: Final = _Absent()


def merge_documents(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    choices: Mapping[str, Side] | None = None,
) -> Merged:
    """Returns both editors' changes of a map; `choices` are sides by the pointers of conflicts."""
    merge = _Merge(choices or {})
    document = merge.fields((), base, mine, theirs)
    return Merged(document, merge.conflicts)


class _Merge:
    """One merge, and the conflicts that it found."""

    def __init__(self, choices: Mapping[str, Side]) -> None:
        self._choices = choices
        self.conflicts: list[Conflict] = []

    def fields(
        self,
        at: tuple[str, ...],
        base: Mapping[str, Any],
        mine: Mapping[str, Any],
        theirs: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Returns the merged fields of an object, in their order; those of mine come last."""
        merged = {}
        for name in dict.fromkeys([*theirs, *mine]):
            values = (one.get(name, _ABSENT) for one in (base, mine, theirs))
            value = self.value((*at, name), *values)
            if not isinstance(value, _Absent):
                merged[name] = value
        return merged

    def value(self, at: tuple[str, ...], base: Any, mine: Any, theirs: Any) -> Any:
        """Returns the merged value of a place."""
        if mine == theirs or theirs == base:
            return mine
        if mine == base:
            return theirs
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            return self.fields(at, base if isinstance(base, Mapping) else {}, mine, theirs)
        if (key := _key_of(at)) and isinstance(mine, list) and isinstance(theirs, list):
            lists = (base if isinstance(base, list) else [], mine, theirs)
            if all(_are_distinct(one, key) for one in lists):
                return self._keyed(at, *lists, key)
        return self._choose(at, base, mine, theirs)

    def _keyed(
        self,
        at: tuple[str, ...],
        base: Sequence[Any],
        mine: Sequence[Any],
        theirs: Sequence[Any],
        key: _Key,
    ) -> list[Any]:
        """Returns the merged objects of a list, each under its key."""
        by_key = [{key(one): one for one in each} for each in (base, mine, theirs)]
        merged = self.fields(at, *by_key)
        of_base, of_mine, of_theirs = (list(one) for one in by_key)
        order = self._order(at, of_base, of_mine, of_theirs, set(merged))
        return [merged[name] for name in order]

    def _order(
        self,
        at: tuple[str, ...],
        base: list[str],
        mine: list[str],
        theirs: list[str],
        kept: set[str],
    ) -> list[str]:
        """Returns keys in the order of the editor who changed it.

        The keys that only the other one has follow the key that they follow there.
        """
        shared = {name for name in base if name in mine and name in theirs}
        of_base, of_mine, of_theirs = (
            [name for name in one if name in shared] for one in (base, mine, theirs)
        )
        leads, follows = (theirs, mine) if of_mine == of_base else (mine, theirs)
        if of_base not in (of_mine, of_theirs) and of_mine != of_theirs:
            order = self._choose((*at, "order"), of_base, of_mine, of_theirs)
            leads, follows = (mine, theirs) if order == of_mine else (theirs, mine)
        return [name for name in _woven(leads, follows) if name in kept]

    def _choose(self, at: tuple[str, ...], base: Any, mine: Any, theirs: Any) -> Any:
        place = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in at)
        match self._choices.get(place):
            case Side.MINE:
                return mine
            case Side.THEIRS:
                return theirs
        self.conflicts.append(Conflict(place, *map(_told, (base, mine, theirs))))
        return theirs


def _woven(leads: Iterable[str], follows: Sequence[str]) -> list[str]:
    woven = list(dict.fromkeys(leads))
    for place, name in enumerate(follows):
        if name not in woven:
            before = follows[place - 1] if place else ""
            woven.insert(woven.index(before) + 1 if before in woven else 0, name)
    return woven


def _key_of(at: tuple[str, ...]) -> _Key | None:
    """Returns the key of the objects of a list at a place; None for a list that is one value."""
    match at:
        case ("stages",) | ("personas",):
            return lambda one: str(one.get("slug", ""))
        case ("stages", _, "cells"):
            return lambda one: f"{one.get('lane', '')}|{one.get('persona', '')}"
    return None


def _are_distinct(found: Sequence[Any], key: _Key) -> bool:
    if not all(isinstance(one, Mapping) for one in found):
        return False
    return len({key(one) for one in found}) == len(found)


def _told(value: Any) -> JsonValue:
    found: JsonValue = None if isinstance(value, _Absent) else value
    return found
