"""Types of maps: known ones alone are kept, and findings say what a map of a type lacks."""

from __future__ import annotations

from typing import Any

import pytest

from journey.errors import InvalidMap
from journey.map_documents.lint import lint_map
from journey.maps.model import JourneyMap, MapType

STAGE: dict[str, Any] = {"slug": "buy", "name": {"en": "Buy"}}
ANN, BEN = {"slug": "ann", "name": "Ann"}, {"slug": "ben", "name": "Ben"}


def lacks(**parts: Any) -> list[str]:
    document = {"slug": "m", "name": {"en": "M"}, "stages": [STAGE], **parts}
    found = lint_map(JourneyMap.from_document(document, 1)).findings
    return [one.value for one in found if one.code == "type_lacks"]


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("", []),
        (MapType.CURRENT, []),
        (MapType.SERVICE_BLUEPRINT, ["front stage", "back stage", "support"]),
        (MapType.EMPATHY, ["says", "thinks", "does", "feels", "a persona"]),
        (MapType.DAY_IN_THE_LIFE, ["a persona"]),
        (MapType.PERSPECTIVE_GRID, ["2 personas"]),
    ],
)
def test_a_map_is_told_what_its_type_shows(type: str, expected: list[str]) -> None:
    assert sorted(lacks(type=type)) == sorted(expected)


def test_nothing_is_missing_where_it_is_drawn_by_another_spelling() -> None:
    cell = {"lane": "Support", "texts": ["a call"]}
    stage = {**STAGE, "cells": [cell], "actions": ["ask"], "emotions": ["calm"]}

    assert lacks(type="service_blueprint", lanes=["Frontstage", "back-stage"], stages=[stage]) == []
    assert lacks(type="empathy", lanes=["Says", "Thinks"], stages=[stage], personas=[ANN]) == []
    assert lacks(type="perspective_grid", personas=[ANN, BEN]) == []


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(InvalidMap):
        lacks(type="mind_map")
