"""The generated month of the demo: the same for the same day, with a slow payment in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from stack.shoppers.demo_map import demo_map
from stack.shoppers.demo_month import (
    DAYS,
    PEOPLE,
    SLOW_REASON,
    month_before,
    month_file,
)

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(month_file(TODAY).decode())))


def paid(rows: list[dict[str, str]], *, is_slow: bool) -> list[dict[str, str]]:
    """Payments on phones, before or since they became slow."""
    _, slow_from = month_before(TODAY)
    return [
        row
        for row in rows
        if row["kind"] == "order.pay"
        and row["device"] == "phone"
        and (datetime.fromisoformat(row["at"]).date() >= slow_from) is is_slow
    ]


def test_the_month_is_the_same_for_the_same_day_and_seed() -> None:
    assert month_file(TODAY, people=50) == month_file(TODAY, people=50)
    assert month_file(TODAY, people=50) != month_file(TODAY, people=50, seed=1)


def test_the_month_ends_yesterday_and_its_events_are_distinct(rows: list[dict[str, str]]) -> None:
    times = [datetime.fromisoformat(row["at"]) for row in rows]

    assert max(times) < datetime(2026, 3, 31, tzinfo=UTC)
    assert min(times).date() >= TODAY - timedelta(days=DAYS)
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert len({row["person"] for row in rows}) == PEOPLE


def test_payments_on_phones_become_slow_and_fail(rows: list[dict[str, str]]) -> None:
    before, since = paid(rows, is_slow=False), paid(rows, is_slow=True)

    def seconds(found: list[dict[str, str]]) -> float:
        return median(int(row["duration_ms"]) for row in found) / 1_000

    assert seconds(before) < 2
    assert seconds(since) > 6
    assert not any(row["reason"] == SLOW_REASON for row in before)
    assert sum(row["reason"] == SLOW_REASON for row in since) > 20


def test_slow_payments_cost_orders(rows: list[dict[str, str]]) -> None:
    bought = {row["person"] for row in rows if row["kind"] == "order.placed"}

    def rate(found: list[dict[str, str]]) -> float:
        people = {row["person"] for row in found}
        return len(people & bought) / len(people)

    assert rate(paid(rows, is_slow=False)) > 0.9
    assert rate(paid(rows, is_slow=True)) < 0.8


def test_the_map_says_that_it_is_generated_and_has_a_tour_of_five_steps() -> None:
    chart = demo_map(TODAY)

    assert "generator" in chart["description"]["en"]
    assert "Generator" in chart["description"]["de"]
    tour = chart["details"]["tour"]
    assert len(tour) == 5
    assert all(set(step["title"]) == set(step["text"]) == {"en", "de"} for step in tour)
    assert all(step["link"].startswith("/studio") for step in tour)
    assert "left_until=2026-03-17&" in tour[1]["link"]
