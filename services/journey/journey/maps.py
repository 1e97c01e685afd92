"""Journey maps: a document with stages, whose rules say which touchpoints belong to them, and all that people draw around."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic_core import to_json

from chassis.db import Read
from chassis.rows import Row
from journey import builtin_map
from journey.errors import InvalidMap, MapNotFound
from journey.rules import MOST_COUNTED, Occurrence, Rule, rules_of

BUILT_IN: Final = str(builtin_map.DOCUMENT["slug"])
MOST_STAGES: Final = 20
MOST_BYTES: Final = 256 * 1024
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(kw_only=True)
class MapRow(Row, table="journey_map", key=("slug",)):
    """The present version of a map. `document` is the message JourneyMap as JSON, by its own field names."""

    slug: str
    version: int
    document: dict[str, Any]
    changed_at: datetime


@dataclass(kw_only=True)
class MapVersion(Row, table="journey_map_version", key=("slug", "version")):
    """A version of a map, kept for good."""

    slug: str
    version: int
    document: dict[str, Any]
    changed_by: UUID
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as the evaluations see it."""

    slug: str
    name: Mapping[str, str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A checked map."""

    slug: str
    version: int
    stages: tuple[Stage, ...]
    document: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any], version: int) -> Self:
        """The map of a document. Raises InvalidMap."""
        if len(to_json(document)) > MOST_BYTES:
            raise InvalidMap(path="$", problem=f"at most {MOST_BYTES} bytes")
        slug = _slug(document, "$")
        _texts(document.get("name"), "$.name", needs_english=True)
        _texts(document.get("description") or {}, "$.description")
        stages = document.get("stages") or []
        if len(stages) > MOST_STAGES:
            raise InvalidMap(path="$.stages", problem=f"at most {MOST_STAGES} stages")
        checked = tuple(_stage(stage, f"$.stages[{index}]") for index, stage in enumerate(stages))
        _must_be_unique([stage.slug for stage in checked], "$.stages")
        if sum(rule.occurrence is not Occurrence.ANY for stage in checked for rule in stage.rules) > MOST_COUNTED:
            raise InvalidMap(path="$.stages", problem=f"at most {MOST_COUNTED} rules of first or repeat")
        _must_be_unique([_slug(persona, "$.personas") for persona in document.get("personas") or []], "$.personas")
        return cls(slug, version, checked, document)

    @property
    def is_built_in(self) -> bool:
        return self.slug == BUILT_IN

    @property
    def name(self) -> Mapping[str, str]:
        name: Mapping[str, str] = self.document["name"]
        return name


def _stage(document: Mapping[str, Any], path: str) -> Stage:
    _texts(document.get("name"), f"{path}.name", needs_english=True)
    _texts(document.get("meaning") or {}, f"{path}.meaning")
    return Stage(_slug(document, path), document["name"], rules_of(document.get("rules") or [], f"{path}.rules"))


def _slug(document: Mapping[str, Any], path: str) -> str:
    slug = document.get("slug")
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise InvalidMap(path=f"{path}.slug", problem="at most 64 lower case letters, digits and -")
    return slug


def _texts(texts: Any, path: str, *, needs_english: bool = False) -> None:
    if not isinstance(texts, Mapping) or not all(_LOCALE.fullmatch(locale) and text for locale, text in texts.items()):
        raise InvalidMap(path=path, problem="texts by locale")
    if needs_english and "en" not in texts:
        raise InvalidMap(path=path, problem="a text for en at least")


def _must_be_unique(slugs: list[str], path: str) -> None:
    if len(set(slugs)) < len(slugs):
        raise InvalidMap(path=path, problem="slugs are unique")


def text_in(texts: Mapping[str, str], locale: str) -> str:
    """The text in a locale, else in its language, else in English."""
    return texts.get(locale) or texts.get(locale.split("-")[0]) or texts.get("en") or ""


_BUILT_IN_MAP: Final = JourneyMap.of(builtin_map.DOCUMENT, 1)


async def of(read: Read, slug: str) -> JourneyMap:
    """A map by its slug; the built-in one for the empty text. Raises MapNotFound."""
    if slug in ("", BUILT_IN):
        return _BUILT_IN_MAP
    row = await read.find_one(MapRow, "WHERE slug = %s", [slug])
    if row is None:
        raise MapNotFound
    return JourneyMap.of(row.document, row.version)


async def all_maps(read: Read) -> list[JourneyMap]:
    """Every map, the built-in one first."""
    rows = await read.find(MapRow, "ORDER BY slug")
    return [_BUILT_IN_MAP, *(JourneyMap.of(row.document, row.version) for row in rows)]
