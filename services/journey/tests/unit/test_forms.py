from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journey.consents.model import Account, Answer, Given, Known
from journey.errors import InvalidTouchpoint
from journey.feedback.survey_tokens import SurveyTokens
from journey.funnels.statistics import p95
from journey.touchpoints.kinds import parse_kind
from journey.touchpoints.model import parse_host, serialize_properties
from services.journey.tests.journey_world import a_touchpoint, an_id, at, settings


@pytest.mark.parametrize(
    "kind", ["product.view", "search", "a.b_c.d1", "1a", "köp_nu", "購入", "a" * 128]
)
def test_a_kind_is_words_and_dots(kind: str) -> None:
    assert parse_kind(kind) == kind


@pytest.mark.parametrize(
    "kind", ["", "Product.View", "a..b", "a b", "a" * 129, ".a", "a-b", "e\u0301"]
)
def test_anything_else_is_no_kind(kind: str) -> None:
    with pytest.raises(InvalidTouchpoint):
        parse_kind(kind)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("https://ana:pw@News.example/a?b=c", "news.example"),
        ("news.example:8080", "news.example:8080"),
        ("news.example/path", "news.example"),
        ("no host", ""),
        ("x" * 300, ""),
    ],
)
def test_of_a_referrer_only_its_host_is_kept(given: str, host: str) -> None:
    assert parse_host(given) == host


def test_properties_lose_bad_names_and_what_looks_like_an_address() -> None:
    kept = serialize_properties(
        {"plan": "pro\n", "Bad name": "x", "mail": "ana@example.com", "long": "x" * 300}
    )

    assert kept == '{"plan":"pro ","long":"' + "x" * 200 + '"}'


@given(st.uuids(), st.uuids() | st.none())
def test_a_survey_token_is_ours_or_nothing(order_id: UUID, owner_id: UUID | None) -> None:
    tokens, others = SurveyTokens("a secret of ours"), SurveyTokens("another's secret")

    token = tokens.token_of(order_id, owner_id)

    assert tokens.survey_of(token) == (order_id, owner_id)
    assert tokens.survey_of(token + "=") == (order_id, owner_id)
    assert others.survey_of(token) is None
    assert tokens.survey_of(token[:-4]) is None
    assert tokens.survey_of(("B" if token[0] == "A" else "A") + token[1:]) is None


@pytest.mark.parametrize("token", ["", "=", "é", "a" * 64, "not base64!"])
def test_nonsense_is_no_survey_token(token: str) -> None:
    assert SurveyTokens("a secret of ours").survey_of(token) is None


V, C = an_id("V"), an_id("C")


@pytest.mark.parametrize(
    ("answer", "known", "by_default", "holds"),
    [
        (Answer.UNKNOWN, Known(), False, False),
        (Answer.UNKNOWN, Known(), True, True),
        (Answer.GRANTED, Known(), False, True),
        (Answer.DENIED, Known(), True, False),
        (Answer.UNKNOWN, Known(accounts={C: Account(True, None)}), False, True),
        (Answer.DENIED, Known(accounts={C: Account(True, None)}), False, False),
        (Answer.GRANTED, Known(accounts={C: Account(False, None)}), True, False),
        (Answer.UNKNOWN, Known({V: Given(True, at(0))}), False, True),
        (Answer.UNKNOWN, Known({V: Given(False, at(0))}), True, False),
        (Answer.GRANTED, Known({V: Given(False, at(0), withdrawn_at=at(11))}), True, False),
        (Answer.GRANTED, Known({V: Given(False, at(0), withdrawn_at=at(9))}), False, True),
        (Answer.GRANTED, Known(accounts={C: Account(True, at(10))}), True, False),
        (Answer.GRANTED, Known(accounts={C: Account(None, None)}), False, True),
    ],
)
def test_consent_is_decided_by_the_first_answer_that_is_there(
    answer: Answer, known: Known, by_default: bool, holds: bool
) -> None:
    row = a_touchpoint(visitor="V", customer="C", seconds=10)

    assert known.holds(row, answer, by_default=by_default) is holds


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_percentile_is_the_nearest_rank(values: list[int]) -> None:
    ordered = sorted(values)
    counts = sorted({value: values.count(value) for value in values}.items())

    assert p95(counts) == ordered[-(-95 * len(ordered) // 100) - 1]


def test_consent_by_default_is_the_channels() -> None:
    chosen = settings(consent_by_channel={"us": "granted"})

    assert [chosen.is_granted_by_default(channel) for channel in ("us", "default")] == [True, False]
    with pytest.raises(ValidationError):
        settings(survey_secret="short")


def test_virtual_hours_are_hours() -> None:
    assert at(3_600) - at(0) == timedelta(hours=1)
