from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journey.consents.model import Account, Answer, Given, Known
from journey.errors import InvalidTouchpoint
from journey.feedback.survey_tokens import SurveyTokens
from journey.funnels import queries as funnels
from journey.touchpoints.import_touchpoints import BadRow, Columns, read_records, read_touchpoints
from journey.touchpoints.model import Touchpoint, parse_host, parse_kind, serialize_properties
from services.journey.tests.journey_world import a_touchpoint, an_id, at, settings


@pytest.mark.parametrize("kind", ["product.view", "search", "a.b_c.d1"])
def test_a_kind_is_words_and_dots(kind: str) -> None:
    assert parse_kind(kind) == kind


@pytest.mark.parametrize(
    "kind", ["", "Product.View", "a..b", "a.b.c.d.e", "a b", "a" * 40, ".a", "1a"]
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


def test_an_imported_row_has_the_same_id_each_time_and_another_in_another_source() -> None:
    columns = Columns(visitor="who", time="when", kind="what", properties=("Plan Name",))
    text = (
        "who,when,what,Plan Name\nana,2025-01-02T03:04:05,Product "
        "View,pro\nana,1735787045,Cart,\n,1,x,\nana,never,x,\n"
    )

    first, again, other = (
        list(
            read_touchpoints(
                read_records(io.StringIO(text), "csv"),
                columns,
                source=source,
                channel="default",
                now=at(0),
            )
        )
        for source in ("old", "old", "new")
    )

    assert first == again
    assert isinstance(first[0], Touchpoint)
    assert (first[0].kind, first[0].properties, first[0].occurred_at) == (
        "product_view",
        '{"plan_name":"pro"}',
        datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert isinstance(first[1], Touchpoint)
    assert first[1].occurred_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first[2:] == [BadRow(3, "visitor"), BadRow(4, "time")]
    assert first[0].visitor_id == first[1].visitor_id
    assert {row.id for row in first[:2] if isinstance(row, Touchpoint)}.isdisjoint(
        row.id for row in other[:2] if isinstance(row, Touchpoint)
    )


def test_json_lines_are_read_and_bad_ones_told() -> None:
    columns = Columns(visitor="v", time="t", kind="k")
    visitor = uuid4()
    text = f'{{"v": "{visitor}", "t": 1735787045000, "k": "page.view"}}\n\nnonsense\n[1]\n'

    found = list(
        read_touchpoints(
            read_records(io.StringIO(text), "jsonl"), columns, source="s", channel="c", now=at(0)
        )
    )

    assert isinstance(found[0], Touchpoint)
    assert (found[0].visitor_id, found[0].occurred_at.year) == (visitor, 2025)
    assert [type(row) for row in found[1:]] == [BadRow, BadRow]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_percentile_is_the_nearest_rank(values: list[int]) -> None:
    ordered = sorted(values)
    counts = sorted({value: values.count(value) for value in values}.items())

    assert funnels.p95(counts) == ordered[-(-95 * len(ordered) // 100) - 1]


def test_consent_by_default_is_the_channels() -> None:
    chosen = settings(consent_by_channel={"us": "granted"})

    assert [chosen.is_granted_by_default(channel) for channel in ("us", "default")] == [True, False]
    with pytest.raises(ValidationError):
        settings(survey_secret="short")


def test_virtual_hours_are_hours() -> None:
    assert at(3_600) - at(0) == timedelta(hours=1)
