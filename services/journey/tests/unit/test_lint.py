"""Lint of maps: each finding, with its place."""

from __future__ import annotations

from typing import Any

import pytest

from journey.map_documents.conditions import contradiction_of, covers, share_touchpoints
from journey.map_documents.findings import Finding, FindingCode, Known, Severity
from journey.map_documents.lint import lint_map
from journey.map_documents.wire import known_of
from journey.maps.builtin_map import DOCUMENT
from journey.maps.model import JourneyMap
from journey.maps.rules import Condition, Rule, rules_of
from journey.wire import document_of
from services.journey.tests.published_maps import PUBLISHED, published_maps
from sojourn.journey.v1 import questions_pb2

KNOWN = Known(
    kinds=frozenset({"product.view", "cart.add", "order.placed"}),
    channels=frozenset({"web", "app"}),
    segments=frozenset({"newcomers"}),
)


def kind(*values: str) -> dict[str, Any]:
    return {"field": "kind", "any_of": list(values)}


def a_stage(slug: str, *rules: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"slug": slug, "name": {"en": slug.title()}, "rules": list(rules), **facts}


def findings(*stages: dict[str, Any], locales: tuple[str, ...] = (), **facts: Any) -> list[Finding]:
    document = {"slug": "a", "name": {"en": "A"}, "stages": list(stages), **facts}
    return lint_map(JourneyMap.from_document(document, 1), KNOWN, locales).findings


def places(found: list[Finding]) -> list[tuple[FindingCode, str]]:
    return [(one.code, one.pointer) for one in found]


LOOK = a_stage("look", {"when": [kind("product.view")]})


def test_a_sound_map_has_no_findings() -> None:
    assert findings(LOOK, a_stage("buy", {"when": [kind("order.placed")]})) == []


def test_a_stage_without_rules_is_found_and_one_that_nobody_reaches() -> None:
    shown = {"when": [kind("cart.add")], "is_placed_only": True}
    found = findings(LOOK, a_stage("think"), a_stage("fill", shown))

    assert places(found) == [
        (FindingCode.STAGE_WITHOUT_RULES, "/stages/1/rules"),
        (FindingCode.STAGE_WITHOUT_RULES, "/stages/2/rules"),
    ]
    assert {one.severity for one in found} == {Severity.WARNING}
    assert [one.severity for one in findings(a_stage("think"))] == [Severity.NOTICE]
    assert [one.code for one in findings()] == [FindingCode.MAP_WITHOUT_STAGES]


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ([kind("a"), kind("b")], "kind"),
        ([kind("a"), {**kind("a"), "negated": True}], "kind"),
        ([kind("Not a kind")], "kind"),
        ([{"field": "kind", "exists": True, "negated": True}], "kind"),
        ([{"field": "kind", "prefix": "cart."}, {"field": "kind", "prefix": "order."}], "kind"),
        (
            [
                {"field": "kind", "prefix": "cart.add"},
                {"field": "kind", "prefix": "cart.", "negated": True},
            ],
            "kind",
        ),
        ([{"field": "outcome", "any_of": ["done"]}], "outcome"),
        (
            [
                {"field": "utm_source", "exists": True},
                {"field": "utm_source", "exists": True, "negated": True},
            ],
            "utm_source",
        ),
        ([{"field": "amount", "at_least": 10, "below": 10}], "amount"),
        (
            [
                {"field": "amount", "at_least": 10},
                {"field": "amount", "at_least": 5, "negated": True},
            ],
            "amount",
        ),
        (
            [
                {"field": "amount", "below": 10},
                {"field": "amount", "exists": True, "negated": True},
            ],
            "amount",
        ),
        ([kind("a")], ""),
        ([{"field": "kind", "prefix": "cart."}, {**kind("cart.view"), "negated": True}], ""),
        (
            [
                {"field": "amount", "at_least": 10, "below": 20},
                {"field": "amount", "at_least": 12, "below": 15, "negated": True},
            ],
            "",
        ),
        ([{"field": "amount", "at_least": 10, "below": 5, "negated": True}], ""),
        ([{"field": "amount", "exists": True, "negated": True}], ""),
    ],
)
def test_conditions_that_contradict_each_other_are_found(
    when: list[dict[str, Any]], field: str
) -> None:
    (rule,) = rules_of([{"when": when}], "$")

    assert contradiction_of(rule.when) == field


def test_a_rule_that_never_holds_is_an_error() -> None:
    never = {"when": [kind("cart.add"), kind("order.placed")]}
    (found,) = findings(a_stage("look", {"when": [kind("product.view")]}, never))

    assert (found.code, found.pointer) == (FindingCode.RULE_NEVER_HOLDS, "/stages/0/rules/1")
    assert (found.severity, found.stage, found.value) == (Severity.ERROR, "look", "kind")


def test_rules_of_two_stages_that_meet_are_found() -> None:
    wide = a_stage("all", {"when": [kind("product.view", "cart.add")]})
    inside = a_stage("one", {"when": [kind("cart.add"), {"field": "device", "any_of": ["phone"]}]})
    partly = a_stage("two", {"when": [kind("cart.add", "order.placed")]})

    assert places(findings(wide, inside)) == [(FindingCode.RULE_IS_COVERED, "/stages/1/rules/0")]
    assert places(findings(wide, partly)) == [(FindingCode.RULES_OVERLAP, "/stages/1/rules/0")]


def test_the_first_and_the_repeated_of_the_same_touchpoints_do_not_meet() -> None:
    first = {"when": [kind("order.placed")], "occurrence": "first"}
    repeat = {"when": [kind("order.placed")], "occurrence": "repeat"}

    assert findings(a_stage("buy", first), a_stage("again", repeat)) == []


def test_the_same_rule_twice_in_a_stage_is_found() -> None:
    rule = {"when": [kind("cart.add"), {"field": "outcome", "any_of": ["ok"]}]}
    turned = {"when": list(reversed(rule["when"]))}

    assert places(findings(a_stage("fill", rule, turned))) == [
        (FindingCode.RULE_IS_REPEATED, "/stages/0/rules/1")
    ]
    assert findings(a_stage("fill", {**rule, "is_placed_only": True}, rule)) == []


def test_names_that_nothing_has_are_found() -> None:
    stage = a_stage(
        "look",
        {
            "when": [kind("product.veiw", "cart.add"), {"field": "channel", "any_of": ["shop"]}],
            "after": ["cart.ad"],
        },
        cells=[{"lane": "feel", "persona": "bob", "texts": ["x"]}],
        branches=[{"to": "nowhere"}, {"to": "look"}],
    )
    found = findings(
        stage,
        LOOK | {"slug": "more"},
        lanes=["think"],
        personas=[{"slug": "eve", "segment": "gone"}, {"slug": "al", "segment": "newcomers"}],
        steps=[{"stage": "Look"}, {"stage": "elsewhere"}],
    )

    assert {(one.code, one.pointer, one.value) for one in found} == {
        (FindingCode.UNKNOWN_KIND, "/stages/0/rules/0/when/0", "product.veiw"),
        (FindingCode.UNKNOWN_CHANNEL, "/stages/0/rules/0/when/1", "shop"),
        (FindingCode.UNKNOWN_KIND, "/stages/0/rules/0/after/0", "cart.ad"),
        (FindingCode.UNKNOWN_PERSONA, "/stages/0/cells/0/persona", "bob"),
        (FindingCode.UNKNOWN_LANE, "/stages/0/cells/0/lane", "feel"),
        (FindingCode.BRANCH_TO_NOWHERE, "/stages/0/branches/0/to", "nowhere"),
        (FindingCode.BRANCH_TO_NOWHERE, "/stages/0/branches/1/to", "look"),
        (FindingCode.UNKNOWN_SEGMENT, "/personas/0/segment", "gone"),
        (FindingCode.UNKNOWN_STAGE, "/steps/1/stage", "elsewhere"),
    }


def test_names_are_not_judged_where_it_is_not_known_which_exist() -> None:
    document = {"slug": "a", "name": {"en": "A"}, "stages": [a_stage("x", {"when": [kind("y")]})]}

    assert lint_map(JourneyMap.from_document(document, 1)).findings == []


def test_what_people_drew_without_its_facts_is_found() -> None:
    found = findings(
        {
            **LOOK,
            "metrics": ["bounce rate", "visits"],
            "kpis": [{"name": "visits", "target": 5.0}, {"name": "time"}],
            "pains": ["slow", "rated"],
            "pain_points": [{"text": "rated", "impact": "abandons"}, {"text": "open"}],
            "opportunities": ["cache"],
            "owned_opportunities": [{"text": "mine", "owner": "web team"}, {"text": "whose"}],
        },
        personas=[{"slug": "eve"}],
    )

    assert {one.severity for one in found} == {Severity.NOTICE}
    assert places(found) == [
        (FindingCode.PERSONA_WITHOUT_SEGMENT, "/personas/0"),
        (FindingCode.KPI_WITHOUT_TARGET, "/stages/0/kpis/1"),
        (FindingCode.KPI_WITHOUT_TARGET, "/stages/0/metrics/0"),
        (FindingCode.OPPORTUNITY_WITHOUT_OWNER, "/stages/0/opportunities/0"),
        (FindingCode.OPPORTUNITY_WITHOUT_OWNER, "/stages/0/owned_opportunities/1"),
        (FindingCode.PAIN_WITHOUT_IMPACT, "/stages/0/pain_points/1"),
        (FindingCode.PAIN_WITHOUT_IMPACT, "/stages/0/pains/0"),
    ]


def test_a_title_that_lacks_a_language_is_found() -> None:
    told = {"name": {"en": "Look", "de": "Sehen"}, "meaning": {"en": "They look"}}

    found = findings(LOOK | told)
    assert places(found) == [
        (FindingCode.MISSING_TRANSLATION, "/name/de"),
        (FindingCode.MISSING_TRANSLATION, "/stages/0/meaning/de"),
    ]
    assert [one.severity for one in found] == [Severity.WARNING, Severity.NOTICE]
    asked = findings(LOOK, locales=("en", "fr"))
    assert places(asked) == [
        (FindingCode.MISSING_TRANSLATION, "/name/fr"),
        (FindingCode.MISSING_TRANSLATION, "/stages/0/name/fr"),
    ]


def test_the_worst_findings_come_first_and_there_are_at_most_500() -> None:
    many = {"pains": [f"pain {number}" for number in range(600)], "branches": [{"to": "x"}]}
    lint = lint_map(
        JourneyMap.from_document({"slug": "a", "name": {"en": "A"}, "stages": [LOOK | many]}, 1)
    )

    assert lint.findings[0].code is FindingCode.BRANCH_TO_NOWHERE
    assert (len(lint.findings), lint.is_truncated) == (500, True)
    assert lint.findings[1].pointer == "/stages/0/pains/0"
    assert lint.findings[11].pointer == "/stages/0/pains/10"


def test_the_built_in_map_has_neither_errors_nor_texts_that_lack_a_language() -> None:
    found = lint_map(JourneyMap.from_document(DOCUMENT, 1)).findings

    assert {one.severity for one in found} <= {Severity.NOTICE, Severity.WARNING}
    assert {one.code for one in found} <= {FindingCode.RULES_OVERLAP, FindingCode.RULE_IS_COVERED}


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published templates lie elsewhere")
def test_every_published_map_is_read() -> None:
    for message in published_maps():
        chart = JourneyMap.from_document(document_of(message), 1)
        assert not [one for one in lint_map(chart).findings if one.severity is Severity.ERROR]


def test_rules_cover_each_other_by_their_conditions() -> None:
    any_kind = Rule((Condition("kind", prefix="cart."),))
    adds = Rule((Condition("kind", ("cart.add",)), Condition("amount", at_least=10, below=20)))
    paid = Rule((Condition("amount", exists=True),))

    assert covers(any_kind, adds)
    assert covers(paid, adds)
    assert not covers(adds, any_kind)
    assert share_touchpoints(adds, paid)
    assert not share_touchpoints(adds, Rule((Condition("amount", below=10),)))


def test_a_vocabulary_of_some_touchpoints_says_nothing_of_other_names() -> None:
    vocabulary = questions_pb2.Vocabulary()
    vocabulary.columns.add(column="kind").values.add(value="cart.add")

    assert known_of(vocabulary, frozenset()).kinds == {"cart.add"}
    assert known_of(vocabulary, frozenset()).channels is None
    vocabulary.estimate.read_share = 0.5
    assert known_of(vocabulary, frozenset()).kinds is None
