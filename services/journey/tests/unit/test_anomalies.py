"""Anomalies: days and hours far from those like them, against a plain recomputation."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from journey.questions.analyses.anomalies import Anomalies, score_counts
from journey.questions.calendar import Interval
from services.journey.tests.histories import (
    Row,
    answer_of,
)
from services.journey.tests.journey_world import START, at

SEEDS = range(25)
DAY = 86_400


def score_count(actual: int, baseline: Sequence[int]) -> tuple[float, float]:
    """Returns what is expected of a count, and its score, one by one."""
    expected = statistics.median(baseline)
    spread = 1.4826 * statistics.median(abs(one - expected) for one in baseline)
    return expected, (actual - expected) / max(spread, math.sqrt(max(expected, 1)))


def days(counts: Sequence[int], kind: str = "search") -> list[Row]:
    """Returns as many touchpoints on each day, from the start of the story on."""
    return [
        Row("p", day * DAY + number, kind)
        for day, count in enumerate(counts)
        for number in range(count)
    ]


def judge(rows: Sequence[Row], since: int | None = None, until: int = 100, **changes: Any) -> Any:
    period = (None if since is None else at((since - 0.5) * DAY), at(until * DAY))
    question = Anomalies(changes.pop("interval", Interval.DAY), "UTC", "kind", period, **changes)
    return answer_of(rows, question)


def test_a_day_far_from_its_weekdays_is_listed_with_what_was_expected() -> None:
    # START is at noon of a Sunday, so that day n is n days after it.
    usual = [10, 20, 20, 20, 20, 20, 10]
    counts = usual * 8
    counts[50] = 60

    found = judge(days(counts), until=56)

    (anomaly,) = found.anomalies
    begin = str((START + timedelta(days=50)).date())
    assert (anomaly.begin, anomaly.value, anomaly.actual, anomaly.expected) == (
        begin,
        "search",
        60,
        20.0,
    )
    assert anomaly.score == pytest.approx(40 / 20**0.5)


def test_a_day_without_any_is_listed_where_some_were_expected() -> None:
    counts = [30] * 56
    counts[52] = 0

    (anomaly,) = judge(days(counts), until=56).anomalies

    assert (anomaly.actual, anomaly.expected) == (0, 30.0)
    assert anomaly.score < -3.5


def test_nothing_is_said_with_too_little_history() -> None:
    counts = [10] * 28
    counts[27] = 500

    found = judge(days(counts), until=28)

    assert found.anomalies == []
    assert found.judged == 0
    assert found.too_new == 27


def test_a_day_that_is_not_over_is_not_judged() -> None:
    counts = [30] * 50

    assert judge(days(counts), until=50).anomalies == []
    # The day of `until` itself has only its first hours.
    found = judge(days([*counts, 1]), until=50)
    assert found.anomalies == []


def test_one_outlier_before_does_not_hide_another() -> None:
    counts = [20] * 63
    counts[41] = 900
    counts[62] = 100

    found = judge(days(counts), since=62, until=63)

    assert [(one.actual, one.expected) for one in found.anomalies] == [(100, 20.0)]


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_are_those_of_the_median_and_its_absolute_deviation(seed: int) -> None:
    draw = random.Random(seed)
    counts = [draw.randrange(0, 40) for _ in range(70)]
    plain = {}
    for day in range(1, 70):
        baseline = [counts[day - 7 * week] for week in range(1, 9) if day - 7 * week >= 1]
        if len(baseline) >= 4:
            score = score_count(counts[day], baseline)[1]
            if abs(score) >= 1:
                plain[str((START + timedelta(days=day)).date())] = (counts[day], score)

    found = judge(days([1, *counts[1:]]), until=70, threshold=1)

    assert {one.begin: one.actual for one in found.anomalies} == {
        begin: actual for begin, (actual, _) in plain.items()
    }
    assert {one.begin: one.score for one in found.anomalies} == pytest.approx(
        {begin: score for begin, (_, score) in plain.items()}
    )


@pytest.mark.parametrize(
    ("actual", "baseline", "expected", "score"),
    [
        (20, [9, 9, 9, 9], 9.0, 11 / 3),
        (1, [0, 0, 0, 0], 0.0, 1.0),
        (40, [10, 20, 30, 20, 10, 30, 20, 20], 20.0, 20 / (1.4826 * 5)),
    ],
)
def test_a_spread_is_at_least_that_of_chance(
    actual: int, baseline: list[float], expected: float, score: float
) -> None:
    found = score_counts(np.array([actual]), np.array([baseline], dtype=np.float64).T)

    assert [float(one[0]) for one in found] == pytest.approx([expected, score])


def test_hours_are_judged_against_the_same_hour_of_the_week() -> None:
    rows = [
        Row("p", week * 7 * DAY + number, "search")
        for week in range(6)
        for number in range(50 if week == 5 else 5)
    ]
    rows += [Row("q", hour * 3600, "page.view") for hour in range(6 * 7 * 24)]

    found = judge(rows, until=42, interval=Interval.HOUR)

    assert [(one.begin, one.actual, one.expected) for one in found.anomalies] == [
        (f"{START + timedelta(weeks=5):%Y-%m-%dT%H:00}", 50, 5.0)
    ]
    assert datetime.fromisoformat(found.anomalies[0].begin).replace(tzinfo=UTC) > START
