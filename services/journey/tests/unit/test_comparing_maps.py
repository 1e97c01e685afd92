"""Differences of maps by stage and cell, and of their numbers."""

from __future__ import annotations

from typing import Any

from journey.map_documents import wire
from journey.map_documents.compare import (
    Difference,
    DifferenceKind,
    Figure,
    compare_documents,
    compare_figures,
)
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import map_documents_pb2 as pb


def a_map(*stages: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"slug": "a", "name": {"en": "A"}, "stages": list(stages), **facts}


def a_stage(slug: str, **facts: Any) -> dict[str, Any]:
    return {"slug": slug, "name": {"en": slug.title()}, **facts}


LOOK, BUY = a_stage("look", goals=["find"]), a_stage("buy")


def test_the_same_map_has_no_differences() -> None:
    assert compare_documents(a_map(LOOK, BUY), {**a_map(LOOK, BUY), "slug": "copy"}) == []


def test_cells_that_differ_are_told_with_both_values() -> None:
    cells = [{"lane": "thoughts", "persona": "eve", "texts": ["hm"]}]
    left = a_map({**LOOK, "cells": cells, "details": {"a": {"b": "x"}}})
    right = a_map({**LOOK, "goals": ["compare"], "pains": ["slow"], "details": {"a": {"b": "y"}}})

    assert compare_documents(left, right) == [
        Difference(DifferenceKind.CHANGED, "look", "goals", ["find"], ["compare"]),
        Difference(DifferenceKind.ADDED, "look", "pains", None, ["slow"]),
        Difference(DifferenceKind.CHANGED, "look", "details.a.b", "x", "y"),
        Difference(DifferenceKind.REMOVED, "look", "thoughts · eve", ["hm"], None),
    ]


def test_stages_that_one_map_has_alone_and_those_that_moved_are_told() -> None:
    found = compare_documents(a_map(LOOK, BUY, a_stage("old")), a_map(a_stage("new"), BUY, LOOK))

    assert [(one.kind, one.stage, one.cell) for one in found] == [
        (DifferenceKind.ADDED, "new", ""),
        (DifferenceKind.MOVED, "buy", ""),
        (DifferenceKind.MOVED, "look", ""),
        (DifferenceKind.REMOVED, "old", ""),
    ]
    assert (found[1].left, found[1].right) == (2, 1)


def test_the_map_s_own_texts_and_personas_are_compared_by_name() -> None:
    left = a_map(LOOK, channels=["web"], personas=[{"slug": "eve", "goals": ["a"]}])
    right = a_map(LOOK, name={"en": "A", "de": "Ah"}, personas=[{"slug": "eve", "goals": ["b"]}])

    assert {(one.kind, one.stage, one.cell) for one in compare_documents(left, right)} == {
        (DifferenceKind.ADDED, "", "name.de"),
        (DifferenceKind.REMOVED, "", "channels"),
        (DifferenceKind.CHANGED, "", "personas.eve.goals"),
    }


def test_numbers_have_both_values_and_their_difference() -> None:
    def funnel(people: int, net: int, currency: str = "EUR") -> journey_pb2.Funnel:
        message = journey_pb2.Funnel()
        part = message.segments.add()
        part.stages.add(slug="buy", people=people, conversion_rate=people / 100)
        message.revenue.add(stage="buy", currency=currency, orders=1, net_minor=net)
        return message

    left, right = wire.figures_of(funnel(20, 500)), wire.figures_of(funnel(50, 900, "USD"))
    found = {(one.name, one.currency): one for one in compare_figures(left, right)}

    assert found["people", ""] == Figure("buy", "people", 20, 50)
    assert found["people", ""].difference == 30
    assert round(found["conversion_rate", ""].difference or 0, 6) == 0.3
    assert found["net_minor", "EUR"] == Figure("buy", "net_minor", 500, None, "EUR")
    assert found["net_minor", "USD"].difference is None
    message = wire.encode_figure(found["net_minor", "USD"])
    assert not message.HasField("left")
    assert (message.right, message.HasField("difference")) == (900, False)


def test_a_difference_is_a_message_with_the_values_that_are_there() -> None:
    message = wire.encode_difference(
        Difference(DifferenceKind.ADDED, "look", "pains", None, ["slow"])
    )

    assert message.kind == pb.DIFFERENCE_KIND_ADDED
    assert not message.HasField("left")
    assert message.right.list_value.values[0].string_value == "slow"
