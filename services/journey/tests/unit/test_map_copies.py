"""Copies of maps share nothing with what they were copied from."""

from __future__ import annotations

import copy
from typing import Any

from journey.maps.copies import MapCopy, MapTime, document_of_copy
from journey.maps.model import JourneyMap

DOCUMENT: dict[str, Any] = {
    "slug": "tea",
    "version": 7,
    "is_built_in": True,
    "name": {"en": "Tea", "de": "Tee", "fr": "Thé"},
    "stages": [{"slug": "look", "name": {"en": "Look"}, "goals": ["find"]}],
    "type": "current",
    "details": {"owner": "shop"},
}


def copied(name: dict[str, str] | None = None, time: MapTime = MapTime.SAME) -> dict[str, Any]:
    source = JourneyMap.from_document(copy.deepcopy(DOCUMENT), 3)
    return document_of_copy(source, MapCopy("tea-2", name or {}, time))


def test_a_copy_has_all_but_slug_name_and_version() -> None:
    made = copied()

    assert made["slug"] == "tea-2"
    assert made["name"] == {"en": "Tea (copy)", "de": "Tee (Kopie)", "fr": "Thé"}
    assert made["stages"] == DOCUMENT["stages"]
    assert made["details"] == DOCUMENT["details"]
    assert "version" not in made
    assert "is_built_in" not in made


def test_a_future_names_its_present_and_changes_nothing_of_it() -> None:
    made = copied(time=MapTime.FUTURE, name={"en": "Tea in 2027"})

    assert made["name"] == {"en": "Tea in 2027", "de": "Tee (Zukunft)", "fr": "Thé"}
    assert (made["type"], made["details"]) == ("future", {"current": "tea", "owner": "shop"})
    assert DOCUMENT["type"] == "current"
