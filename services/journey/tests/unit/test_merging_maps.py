"""Two editors of one map lose nothing."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from journey.maps.merge import Conflict, Merged, Side, merge_documents

BASE: dict[str, Any] = {
    "slug": "a",
    "name": {"en": "A", "de": "A"},
    "stages": [
        {"slug": "look", "name": {"en": "Look"}, "goals": ["find"], "pains": ["slow"]},
        {"slug": "think", "name": {"en": "Think"}},
        {
            "slug": "buy",
            "name": {"en": "Buy"},
            "cells": [
                {"lane": "thoughts", "texts": ["hm"]},
                {"lane": "thoughts", "persona": "eve", "texts": ["ah"]},
            ],
        },
    ],
    "personas": [{"slug": "eve", "name": "Eve"}],
    "details": {"owner": {"team": "shop"}},
}


def edited(**stages: dict[str, Any]) -> dict[str, Any]:
    """Returns the map with fields of stages set; None takes one out."""
    document = copy.deepcopy(BASE)
    for stage in document["stages"]:
        stage.update(stages.get(stage["slug"], {}))
    return document


def slugs(merged: Merged) -> list[str]:
    return [stage["slug"] for stage in merged.document["stages"]]


def ordered(*order: str) -> dict[str, Any]:
    by_slug = {stage["slug"]: stage for stage in BASE["stages"]}
    named = {"slug": "new", "name": {"en": "New"}}
    stages = [by_slug.get(slug, {**named, "slug": slug}) for slug in order]
    return {**BASE, "stages": copy.deepcopy(stages)}


def test_changes_of_different_cells_are_both_kept() -> None:
    mine = edited(look={"goals": ["find", "compare"]})
    theirs = edited(look={"pains": ["slow", "dear"]}, buy={"goals": ["pay"]})

    merged = merge_documents(BASE, mine, theirs)

    look, _, buy = merged.document["stages"]
    assert merged.conflicts == []
    assert (look["goals"], look["pains"]) == (["find", "compare"], ["slow", "dear"])
    assert buy["goals"] == ["pay"]


def test_cells_are_told_apart_by_lane_and_persona() -> None:
    eve, all_of = {"lane": "thoughts", "persona": "eve"}, {"lane": "thoughts"}
    mine = edited(buy={"cells": [{**all_of, "texts": ["oh"]}, {**eve, "texts": ["ah"]}]})
    theirs = edited(
        buy={
            "cells": [
                {**all_of, "texts": ["hm"]},
                {**eve, "texts": ["aha"]},
                {"lane": "back stage", "texts": ["bank"]},
            ]
        }
    )

    merged = merge_documents(BASE, mine, theirs)

    assert merged.conflicts == []
    assert [one["texts"] for one in merged.document["stages"][2]["cells"]] == [
        ["oh"],
        ["aha"],
        ["bank"],
    ]


def test_a_cell_that_both_changed_is_a_conflict_with_both_values() -> None:
    mine, theirs = edited(look={"goals": ["x"]}), edited(look={"goals": ["y"]})

    merged = merge_documents(BASE, mine, theirs)

    assert merged.conflicts == [Conflict("/stages/look/goals", ["find"], ["x"], ["y"])]
    assert merged.document == theirs


@pytest.mark.parametrize(("side", "goals"), [(Side.MINE, ["x"]), (Side.THEIRS, ["y"])])
def test_a_choice_settles_a_conflict(side: Side, goals: list[str]) -> None:
    mine, theirs = edited(look={"goals": ["x"]}), edited(look={"goals": ["y"]})

    merged = merge_documents(BASE, mine, theirs, {"/stages/look/goals": side})

    assert merged.conflicts == []
    assert merged.document["stages"][0]["goals"] == goals


def test_the_same_change_of_both_is_no_conflict() -> None:
    mine = theirs = edited(look={"goals": ["x"]})

    assert merge_documents(BASE, mine, theirs).conflicts == []


def test_languages_and_details_are_cells_of_their_own() -> None:
    mine = {**BASE, "name": {"en": "B", "de": "A"}, "details": {"owner": {"team": "web"}}}
    theirs = {
        **BASE,
        "name": {"en": "A", "de": "Be"},
        "details": {"owner": {"team": "shop", "since": 2026.0}},
    }

    merged = merge_documents(BASE, mine, theirs)

    assert merged.conflicts == []
    assert merged.document["name"] == {"en": "B", "de": "Be"}
    assert merged.document["details"] == {"owner": {"team": "web", "since": 2026.0}}


def test_stages_that_each_added_are_both_there_after_those_that_they_followed() -> None:
    merged = merge_documents(
        BASE, ordered("look", "compare", "think", "buy"), ordered("look", "think", "buy", "tell")
    )

    assert merged.conflicts == []
    assert slugs(merged) == ["look", "compare", "think", "buy", "tell"]


def test_a_stage_that_one_moved_and_the_other_took_out_is_merged() -> None:
    moved = merge_documents(BASE, ordered("think", "look", "buy"), ordered("look", "buy"))

    assert moved.conflicts == []
    assert slugs(moved) == ["look", "buy"]


def test_two_orders_are_a_conflict() -> None:
    mine, theirs = ordered("think", "look", "buy"), ordered("look", "buy", "think")

    merged = merge_documents(BASE, mine, theirs)

    assert [one.pointer for one in merged.conflicts] == ["/stages/order"]
    chosen = merge_documents(BASE, mine, theirs, {"/stages/order": Side.MINE})
    assert slugs(chosen) == ["think", "look", "buy"]


def test_a_stage_that_one_took_out_and_the_other_changed_is_a_conflict() -> None:
    mine, theirs = ordered("look", "buy"), edited(think={"goals": ["weigh"]})

    merged = merge_documents(BASE, mine, theirs)

    (conflict,) = merged.conflicts
    assert (conflict.pointer, conflict.mine) == ("/stages/think", None)
    assert conflict.theirs == theirs["stages"][1]
    gone = merge_documents(BASE, mine, theirs, {"/stages/think": Side.MINE})
    assert slugs(gone) == ["look", "buy"]


def test_a_name_with_a_slash_is_escaped_in_a_pointer() -> None:
    cells = [{"lane": "on/off ~ stage", "texts": ["a"]}]
    mine = edited(look={"cells": cells})
    theirs = edited(look={"cells": [{**cells[0], "texts": ["b"]}]})

    (conflict,) = merge_documents(BASE, mine, theirs).conflicts

    assert conflict.pointer == "/stages/look/cells/on~1off ~0 stage|/texts"


@pytest.mark.parametrize("seed", range(50))
def test_no_change_of_either_editor_is_lost(seed: int) -> None:
    """Two editors change random cells of different stages, and add some."""
    dice = random.Random(seed)
    mine, theirs = copy.deepcopy(BASE), copy.deepcopy(BASE)
    places = [(stage, lane) for stage in range(3) for lane in ("goals", "actions", "emotions")]
    dice.shuffle(places)
    for document, chosen in ((mine, places[:4]), (theirs, places[4:])):
        for stage, lane in chosen:
            document["stages"][stage][lane] = [str(dice.random())]
    added = {"slug": f"s{seed}", "name": {"en": "S"}}
    dice.choice([mine, theirs])["stages"].insert(dice.randrange(4), added)

    merged = merge_documents(BASE, mine, theirs)
    turned = merge_documents(BASE, theirs, mine)

    by_slug = {stage["slug"]: stage for stage in merged.document["stages"]}
    assert merged.conflicts == []
    assert merged.document == turned.document
    assert added["slug"] in by_slug
    for document, chosen in ((mine, places[:4]), (theirs, places[4:])):
        for stage, lane in chosen:
            slug = BASE["stages"][stage]["slug"]
            wanted = next(one for one in document["stages"] if one["slug"] == slug)
            assert by_slug[slug][lane] == wanted[lane]
