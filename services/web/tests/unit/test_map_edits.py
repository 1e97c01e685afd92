"""Edits of a map's document by a form."""

from __future__ import annotations

from typing import Any

import pytest

from web.server.requests import Refusal
from web.studio.documents.edits import Edit, apply_edit, stages_of

BASE: dict[str, Any] = {
    "slug": "tea",
    "name": {"en": "Tea"},
    "stages": [
        {"slug": "look", "name": {"en": "Look", "de": "Sehen"}, "goals": ["two\nlines"]},
        {"slug": "buy", "name": {"en": "Buy"}, "cells": [{"lane": "a", "texts": ["x"]}]},
        {"slug": "buy-2", "name": {"en": "Buy again"}},
    ],
}


def an_edit(action: str = "save", stage: str = "look", **texts: str) -> Edit:
    form = {"action": action, "stage": stage, "base_version": "1", "language": "de", **texts}
    return Edit.from_form(form)


def slugs(edit: Edit) -> list[Any]:
    return [one["slug"] for one in stages_of(apply_edit(BASE, edit))]


def test_a_text_that_the_editor_left_alone_stays_as_it_is() -> None:
    edited = apply_edit(BASE, an_edit(**{"name": "Sehen", "list:goals": "two lines"}))

    assert stages_of(edited) == BASE["stages"]


def test_a_name_is_set_in_the_language_of_the_form() -> None:
    look, *_ = stages_of(apply_edit(BASE, an_edit(name="Schauen")))
    without, *_ = stages_of(apply_edit(BASE, an_edit(name="")))

    assert look["name"] == {"en": "Look", "de": "Schauen"}
    assert without["name"] == {"en": "Look"}


def test_an_emptied_cell_is_none() -> None:
    _, buy, _ = stages_of(apply_edit(BASE, an_edit(stage="buy", **{"cell:a|": " "})))

    assert buy["cells"] == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (an_edit("earlier", "buy"), ["buy", "look", "buy-2"]),
        (an_edit("earlier", "look"), ["look", "buy", "buy-2"]),
        (an_edit("later", "look"), ["buy", "look", "buy-2"]),
        (an_edit("later", "buy-2"), ["look", "buy", "buy-2"]),
        (an_edit("remove", "buy"), ["look", "buy-2"]),
        (an_edit("add", "look", new_name="Büy"), ["look", "buy-3", "buy", "buy-2"]),
        (an_edit("add", "gone", new_name="茶"), ["look", "buy", "buy-2", "stage"]),
    ],
)
def test_stages_are_added_moved_and_removed(edit: Edit, expected: list[str]) -> None:
    assert slugs(edit) == expected


def test_the_base_is_not_changed() -> None:
    apply_edit(BASE, an_edit("remove", "buy"))

    assert len(BASE["stages"]) == 3


@pytest.mark.parametrize(
    "wrong", [{"action": "drop"}, {"language": "fr"}, {"base_version": "x"}, {"base_version": ""}]
)
def test_a_form_of_no_sense_is_refused(wrong: dict[str, str]) -> None:
    form = {"action": "save", "stage": "look", "base_version": "1", "language": "de"}

    with pytest.raises(Refusal):
        Edit.from_form({**form, **wrong})


def test_a_new_stage_needs_a_name() -> None:
    with pytest.raises(Refusal):
        apply_edit(BASE, an_edit("add"))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("buy-2 look buy", ["buy-2", "look", "buy"]),
        # A stage that somebody added or removed meanwhile: the order stays.
        ("buy look", ["look", "buy", "buy-2"]),
        ("buy buy look", ["look", "buy", "buy-2"]),
        ("", ["look", "buy", "buy-2"]),
    ],
)
def test_stages_are_ordered_by_their_slugs(order: str, expected: list[str]) -> None:
    assert slugs(an_edit("arrange", "", order=order)) == expected
