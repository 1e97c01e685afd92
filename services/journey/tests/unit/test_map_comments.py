"""Anchors and texts of comments on maps."""

from __future__ import annotations

from typing import Any

import pytest

from journey.errors import InvalidMapComment
from journey.map_comments.actions import require_text
from journey.map_comments.model import Anchor, missing_part

DOCUMENT: dict[str, Any] = {
    "slug": "a",
    "name": {"en": "A"},
    "lanes": ["front stage"],
    "stages": [
        {"slug": "look", "cells": [{"lane": "thoughts", "texts": ["hm"]}], "details": {"risk": 1}},
        {"slug": "buy"},
    ],
}


@pytest.mark.parametrize(
    ("anchor", "missing"),
    [
        (Anchor(), ""),
        (Anchor("look"), ""),
        (Anchor("buy", "pains"), ""),
        (Anchor("buy", "front stage"), ""),
        (Anchor("buy", "thoughts"), ""),
        (Anchor("look", "risk"), ""),
        (Anchor("look", "back stage"), "lane"),
        (Anchor("gone"), "stage"),
        (Anchor("gone", "pains"), "stage"),
        (Anchor("", "pains"), "stage"),
    ],
)
def test_a_thread_is_orphaned_when_its_stage_or_lane_is_gone(anchor: Anchor, missing: str) -> None:
    assert missing_part(anchor, DOCUMENT) == missing


def test_a_lane_that_is_taken_out_orphans_its_threads() -> None:
    without = {**DOCUMENT, "lanes": []}

    assert missing_part(Anchor("buy", "front stage"), without) == "lane"


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "x" * 5_001])
def test_a_comment_has_a_text_of_a_possible_length(text: str) -> None:
    with pytest.raises(InvalidMapComment) as refusal:
        require_text(text)

    assert refusal.value.metadata["path"] == "text"


def test_blanks_around_a_text_are_left_out() -> None:
    assert require_text("  Half of them leave here.\n") == "Half of them leave here."
