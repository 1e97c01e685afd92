"""Copies of maps, also as the future of a present one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from journey.errors import MapExists
from journey.maps.actions import lock_map, put_map
from journey.maps.model import JourneyMap


class MapTime(StrEnum):
    """Times that a map speaks of; their values are its `type`."""

    SAME = ""
    CURRENT = "current"
    FUTURE = "future"


# Words after the name of a copy, by language.
_COPY: Final = {"en": "copy", "de": "Kopie"}
_WORDS: Final[Mapping[MapTime, Mapping[str, str]]] = {
    MapTime.SAME: _COPY,
    MapTime.CURRENT: _COPY,
    MapTime.FUTURE: {"en": "future", "de": "Zukunft"},
}


@dataclass(frozen=True, slots=True)
class MapCopy:
    """A copy to make; `name` beats the map's own with a word that it is a copy."""

    slug: str
    name: Mapping[str, str]
    time: MapTime


async def copy_map(tx: Tx, source: JourneyMap, copy: MapCopy, *, actor_id: UUID) -> JourneyMap:
    """Creates a copy of a map, with an audit row.

    Raises MapExists, InvalidMap, MapIsBuiltIn.
    """
    if await lock_map(tx, copy.slug, 0) is not None:
        raise MapExists
    chart = await put_map(tx, document_of_copy(source, copy), actor_id=actor_id, expected_version=0)
    origin: dict[str, JsonValue] = {"copied_from": source.slug, "version": source.version}
    record_audit(tx, actor_id, "copy_map", f"map:{chart.slug}", before=None, after=origin)
    return chart


def document_of_copy(source: JourneyMap, copy: MapCopy) -> dict[str, JsonValue]:
    """Returns the document of a copy, which shares nothing that changes with the map."""
    document: dict[str, JsonValue] = {
        name: value
        for name, value in source.document.items()
        if name not in ("version", "is_built_in")
    }
    words = _WORDS[copy.time]
    names: dict[str, JsonValue] = {
        locale: f"{text} ({word})" if (word := words.get(locale.partition("-")[0])) else text
        for locale, text in source.name.items()
    }
    document |= {"slug": copy.slug, "name": names | dict(copy.name)}
    if copy.time is not MapTime.SAME:
        given = document.get("details")
        details = dict(given) if isinstance(given, Mapping) else {}
        details.pop("current", None)
        document["type"] = copy.time.value
        if copy.time is MapTime.FUTURE:
            details["current"] = source.slug
        document["details"] = details
    return document
