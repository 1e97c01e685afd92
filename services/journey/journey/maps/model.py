"""Journey maps: documents with stages, rules that select touchpoints, and annotations."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from pydantic import JsonValue
from pydantic_core import to_json
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, counter, document
from chassis.data.tx import Read
from journey.errors import InvalidMap, MapNotFound
from journey.maps import builtin_map
from journey.maps.objectives import StageObjective, objectives_of
from journey.maps.rules import MOST_COUNTED, MOST_PRECEDING, Rule, rules_of

BUILT_IN: Final = str(builtin_map.DOCUMENT["slug"])
MOST_STAGES: Final = 20
MOST_BYTES: Final = 256 * 1024
# Of a text in one language, in characters; of its languages.
MOST_TEXT: Final = 10_000
MOST_LOCALES: Final = 50
MOST_PERSONAS: Final = 100
_LOOP: Final = Loop("journey_maps")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class MapType(StrEnum):
    """Types of maps."""

    CURRENT = "current"
    FUTURE = "future"
    DAY_IN_THE_LIFE = "day_in_the_life"
    SERVICE_BLUEPRINT = "service_blueprint"
    EMPATHY = "empathy"
    PERSPECTIVE_GRID = "perspective_grid"


class MapRow(Row, table=True):
    """The present version of a map.

    `document` is the message JourneyMap as JSON, by its own field names; `JourneyMap.of` checks it.
    """

    __tablename__ = "journey_map"

    slug: str = Field(primary_key=True)
    version: int = counter()
    document: dict[str, JsonValue] = document(dict[str, JsonValue])
    changed_at: datetime


class MapVersion(Row, table=True):
    """A version of a map, kept for good."""

    __tablename__ = "journey_map_version"

    slug: str = Field(primary_key=True)
    version: int = counter(primary_key=True)
    document: dict[str, JsonValue] = document(dict[str, JsonValue])
    changed_by: UUID
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as the evaluations see it."""

    slug: str
    name: Mapping[str, str]
    rules: tuple[Rule, ...]
    objectives: tuple[StageObjective, ...] = ()

    @property
    def reached_by(self) -> tuple[Rule, ...]:
        """The rules by whose touchpoints people reach the stage."""
        return tuple(rule for rule in self.rules if not rule.is_placed_only)


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A checked map."""

    slug: str
    version: int
    stages: tuple[Stage, ...]
    document: Mapping[str, Any]

    @classmethod
    def from_document(cls, document: Mapping[str, Any], version: int) -> Self:
        """The map of a document. Raises InvalidMap, whatever the document holds."""
        if not isinstance(document, Mapping):
            raise InvalidMap(path="$", problem="an object")
        try:
            size = len(to_json(document))
        except ValueError as error:
            raise InvalidMap(path="$", problem="a JSON document") from error
        if size > MOST_BYTES:
            raise InvalidMap(path="$", problem=f"at most {MOST_BYTES} bytes", most=MOST_BYTES)
        slug = _slug(document, "$")
        _texts(document.get("name"), "$.name", needs_english=True)
        _texts(document.get("description") or {}, "$.description")
        stages = _objects(document.get("stages"), "$.stages", most=MOST_STAGES)
        checked = tuple(_stage(stage, f"$.stages[{index}]") for index, stage in enumerate(stages))
        _must_be_unique([stage.slug for stage in checked], "$.stages")
        _must_fit_mask([rule for stage in checked for rule in stage.rules])
        personas = _objects(document.get("personas"), "$.personas", most=MOST_PERSONAS)
        _must_be_unique([_slug(persona, "$.personas") for persona in personas], "$.personas")
        if (type := document.get("type") or "") and type not in list(MapType):
            raise InvalidMap(path="$.type", problem=f"one of {', '.join(MapType)}")
        return cls(slug, version, checked, document)

    @property
    def is_built_in(self) -> bool:
        return self.slug == BUILT_IN

    @property
    def name(self) -> Mapping[str, str]:
        name: Mapping[str, str] = self.document["name"]
        return name


def _objects(found: Any, path: str, *, most: int) -> list[Mapping[str, Any]]:
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise InvalidMap(path=path, problem="a list of objects")
    if len(found) > most:
        raise InvalidMap(path=path, problem=f"at most {most}", most=most)
    return found


def _stage(document: Mapping[str, Any], path: str) -> Stage:
    _texts(document.get("name"), f"{path}.name", needs_english=True)
    _texts(document.get("meaning") or {}, f"{path}.meaning")
    return Stage(
        _slug(document, path),
        document["name"],
        rules_of(document.get("rules") or [], f"{path}.rules"),
        objectives_of(document.get("objectives") or [], f"{path}.objectives"),
    )


def _slug(document: Mapping[str, Any], path: str) -> str:
    slug = document.get("slug")
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise InvalidMap(path=f"{path}.slug", problem="at most 64 lower case letters, digits and -")
    return slug


def _texts(texts: Any, path: str, *, needs_english: bool = False) -> None:
    if not isinstance(texts, Mapping) or len(texts) > MOST_LOCALES:
        raise InvalidMap(
            path=path, problem=f"texts by locale, at most {MOST_LOCALES}", most=MOST_LOCALES
        )
    if not all(
        _LOCALE.fullmatch(locale) and text and isinstance(text, str)
        for locale, text in texts.items()
    ):
        raise InvalidMap(path=path, problem="texts by locale")
    if any(len(text) > MOST_TEXT for text in texts.values()):
        raise InvalidMap(path=path, problem=f"at most {MOST_TEXT} characters", most=MOST_TEXT)
    if needs_english and "en" not in texts:
        raise InvalidMap(path=path, problem="a text for en at least")


def _must_fit_mask(rules: Sequence[Rule]) -> None:
    if sum(rule.looks_at_others for rule in rules) > MOST_COUNTED:
        problem = f"at most {MOST_COUNTED} rules with after or an occurrence"
        raise InvalidMap(path="$.stages", problem=problem)
    if len({kind for rule in rules for kind in rule.after}) > MOST_PRECEDING:
        raise InvalidMap(path="$.stages", problem=f"at most {MOST_PRECEDING} kinds named by after")


def _must_be_unique(slugs: list[str], path: str) -> None:
    if len(set(slugs)) < len(slugs):
        raise InvalidMap(path=path, problem="slugs are unique")


def localized(texts: Mapping[str, str], locale: str) -> str:
    """The text in a locale, else in its language, else in English."""
    return texts.get(locale) or texts.get(locale.split("-")[0]) or texts.get("en") or ""


_BUILT_IN_MAP: Final = JourneyMap.from_document(builtin_map.DOCUMENT, builtin_map.VERSION)


async def get_map(read: Read, slug: str) -> JourneyMap:
    """A map by its slug; the built-in one for the empty text. Raises MapNotFound."""
    if slug in ("", BUILT_IN):
        return _BUILT_IN_MAP
    rows = await find_readable(read, MapRow, select(MapRow).where(MapRow.slug == slug), loop=_LOOP)
    if not (found := _readable(rows)):
        raise MapNotFound
    return found[0]


async def list_maps(read: Read) -> list[JourneyMap]:
    """Every map, the built-in one first. One that cannot be read is left out."""
    return [
        _BUILT_IN_MAP,
        *_readable(
            await find_readable(read, MapRow, select(MapRow).order_by(col(MapRow.slug)), loop=_LOOP)
        ),
    ]


def _readable(rows: Sequence[MapRow]) -> list[JourneyMap]:
    found: list[JourneyMap] = []
    for row in rows:
        try:
            found.append(JourneyMap.from_document(row.document, row.version))
        except InvalidMap as error:
            _LOOP.skip(row.slug, error)
    return found
