from __future__ import annotations

from typing import Any

import pytest

from journey import wire
from journey.errors import InvalidMap
from journey.maps import rules
from journey.maps.model import JourneyMap, localized
from journey.maps.rules import Condition, Occurrence, Rule


def test_a_rule_is_read_as_it_is_written() -> None:
    written = [
        {
            "when": [
                {"field": "kind", "any_of": ["a.b"]},
                {"field": "property:plan", "prefix": "p", "negated": True},
            ],
            "occurrence": "repeat",
            "after": ["c.d"],
        },
        # As a message's JSON has numbers of 64 bits.
        {"when": [{"field": "amount", "at_least": "5", "below": 9}], "is_placed_only": True},
    ]

    read = rules.rules_of(written, "$")

    assert read == (
        Rule(
            (Condition("kind", ("a.b",)), Condition("property:plan", prefix="p", negated=True)),
            Occurrence.REPEAT,
            ("c.d",),
        ),
        Rule((Condition("amount", at_least=5, below=9),), is_placed_only=True),
    )


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({}, "$"),
        ([{"when": []}], "$[0].when"),
        ([{"when": [{"field": "kind", "any_of": ["a"]}], "sql": "1"}], "$[0].sql"),
        (
            [{"when": [{"field": "kind", "any_of": ["a"]}], "occurrence": "third"}],
            "$[0].occurrence",
        ),
        ([{"when": [{"field": "visitor_id", "any_of": ["a"]}]}], "$[0].when[0].field"),
        ([{"when": [{"field": "property:a b", "exists": True}]}], "$[0].when[0].field"),
        ([{"when": [{"field": "kind"}]}], "$[0].when[0]"),
        ([{"when": [{"field": "kind", "any_of": ["a"], "prefix": "b"}]}], "$[0].when[0]"),
        ([{"when": [{"field": "kind", "any_of": [1]}]}], "$[0].when[0].any_of"),
        ([{"when": [{"field": "kind", "prefix": "x" * 201}]}], "$[0].when[0].prefix"),
        ([{"when": [{"field": "kind", "exists": "yes"}]}], "$[0].when[0]"),
        ([{"when": ["kind"]}], "$[0].when[0]"),
        ([{"when": [{"field": "kind", "at_least": 1}]}], "$[0].when[0]"),
        ([{"when": [{"field": "amount", "any_of": ["1"]}]}], "$[0].when[0]"),
        ([{"when": [{"field": "amount", "at_least": True}]}], "$[0].when[0].at_least"),
        ([{"when": [{"field": "amount", "below": "1.5"}]}], "$[0].when[0].below"),
        ([{"when": [{"field": "kind", "any_of": ["a"]}], "after": "b"}], "$[0].after"),
        (
            [{"when": [{"field": "kind", "any_of": ["a"]}], "after": list("abcdefghi")}],
            "$[0].after",
        ),
        (
            [{"when": [{"field": "kind", "any_of": ["a"]}], "is_placed_only": 1}],
            "$[0].is_placed_only",
        ),
    ],
)
def test_what_is_no_rule_is_refused_with_its_path(written: Any, path: str) -> None:
    with pytest.raises(InvalidMap) as refusal:
        rules.rules_of(written, "$")

    assert refusal.value.metadata["path"] == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"slug": "A map"}, "$.slug"),
        ({"name": {"de": "Karte"}}, "$.name"),
        ({"name": {"en": ""}}, "$.name"),
        ({"stages": [{"slug": "a", "name": {"en": "A"}}] * 2}, "$.stages"),
        ({"stages": [{"slug": "a", "name": {}}]}, "$.stages[0].name"),
        ({"stages": [{"slug": f"s{n}", "name": {"en": "A"}} for n in range(21)]}, "$.stages"),
        ({"details": {"text": "x" * 300_000}}, "$"),
    ],
)
def test_what_is_no_map_is_refused_with_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidMap) as refusal:
        JourneyMap.from_document({"slug": "map", "name": {"en": "Map"}, **changes}, 1)

    assert refusal.value.metadata["path"] == path


def test_a_text_falls_back_to_its_language_and_to_english() -> None:
    texts = {"en": "Cart", "de": "Warenkorb"}

    assert [localized(texts, locale) for locale in ("de-AT", "fr", "")] == [
        "Warenkorb",
        "Cart",
        "Cart",
    ]


def test_an_answered_map_can_be_put_again() -> None:
    stage = {
        "slug": "buy",
        "name": {"en": "Buy"},
        "rules": [{"when": [{"field": "kind", "any_of": ["a.b"]}]}],
    }
    chart = JourneyMap.from_document({"slug": "m", "name": {"en": "M"}, "stages": [stage]}, 1)

    answered = wire.document_of(wire.journey_map(chart))

    assert answered["stages"][0]["rules"][0]["occurrence"] == "any"
    assert JourneyMap.from_document(answered, 1).stages == chart.stages
