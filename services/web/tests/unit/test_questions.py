from __future__ import annotations

import pytest

from services.web.tests.web_pages import ORDER_ID
from web.server.requests import Refusal
from web.sign_in.routes import safe_place
from web.studio.questions import Question
from web.studio.words import load_words


def test_fields_that_a_form_leaves_empty_ask_for_nothing() -> None:
    empty = dict.fromkeys(Question.model_fields, "")

    question = Question.parse(empty)

    assert question == Question()
    assert not question.names_person
    assert question.facts(load_words("en")) == ["all time", "all channels"]


def test_the_last_day_counts_whole() -> None:
    question = Question.parse({"since": "2026-03-01", "until": "2026-03-02", "order": ORDER_ID})

    assert question.time_range == {
        "since": "2026-03-01T00:00:00Z",
        "until": "2026-03-03T00:00:00Z",
    }
    assert question.journey_query["order_id"] == ORDER_ID
    assert question.facts(load_words("en"))[0] == "Mar 1, 2026 – Mar 2, 2026, UTC"


@pytest.mark.parametrize(
    "query",
    [
        {"ordr": ORDER_ID},
        {"order": "x"},
        {"map": "Map"},
        {"window_seconds": "-1"},
        {"window_seconds": "soon"},
        {"since": "yesterday"},
        {"channel": "a\x00"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refusal:
        Question.parse(query)

    assert (refusal.value.status, refusal.value.reason) == (422, "INVALID_QUESTION")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("/studio?order=1", "/studio?order=1"),
        ("", "/studio"),
        ("//evil.example", "/studio"),
        ("/\\evil.example", "/studio"),
        ("https://evil.example", "/studio"),
        ("/a\r\nSet-Cookie: x=y", "/studio"),
        ("/" + "a" * 3_000, "/studio"),
    ],
)
def test_after_signing_in_one_stays_on_these_pages(given: str, place: str) -> None:
    assert safe_place(given) == place
