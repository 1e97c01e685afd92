"""Objectives of stages: what a map may say, and when their budgets burn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journey.errors import InvalidMap
from journey.maps.model import JourneyMap
from journey.maps.objectives import ObjectiveKind, StageObjective
from journey.objectives.jobs import new_periods, old_periods
from journey.objectives.model import WINDOWS, Alarm, Kept, ObjectiveCount, Tries

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
OBJECTIVE = StageObjective(ObjectiveKind.SUCCESS, 98.0, 28)


def a_map(*objectives: Any) -> JourneyMap:
    stage = {"slug": "buy", "name": {"en": "Buy"}, "objectives": list(objectives)}
    return JourneyMap.from_document({"slug": "tea", "name": {"en": "Tea"}, "stages": [stage]}, 1)


def test_a_stage_has_an_objective_of_each_kind() -> None:
    success = {"kind": "success", "target_percent": 98, "window_days": 28, "counts_refused": True}
    speed = {"kind": "speed", "target_percent": 95.5, "window_days": 7, "within_ms": 2000}

    (stage,) = a_map(success, speed).stages

    assert stage.objectives == (
        StageObjective(ObjectiveKind.SUCCESS, 98.0, 28, 0, True),
        StageObjective(ObjectiveKind.SPEED, 95.5, 7, 2000),
    )
    assert stage.objectives[1].budget == pytest.approx(0.045)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "joy"},
        {"target_percent": 100},
        {"target_percent": "98"},
        {"target_percent": True},
        {"window_days": 14},
        {"within_ms": 5},
        {"kind": "speed"},
        {"kind": "speed", "within_ms": 10, "counts_refused": True},
        {"counts_refused": "yes"},
        {"colour": "red"},
    ],
)
def test_an_objective_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    usual = {"kind": "success", "target_percent": 98, "window_days": 28}

    with pytest.raises(InvalidMap):
        a_map({**usual, **change})
    with pytest.raises(InvalidMap):
        a_map(usual, usual)


def kept(**bad: int) -> Kept:
    """Of a thousand tries in each window, so many bad."""
    windows = {name: Tries(1000, bad.get(f"w{name}", 0)) for name in WINDOWS}
    return Kept("buy", OBJECTIVE, Tries(10_000, 100), windows)


@pytest.mark.parametrize(
    ("bad", "alarm"),
    [
        ({"w1h": 300, "w5m": 300}, Alarm.PAGE),
        ({"w6h": 130, "w30m": 130}, Alarm.PAGE),
        ({"w3d": 30, "w6h": 30}, Alarm.TICKET),
        ({"w1h": 300}, Alarm.NONE),
        ({"w5m": 300}, Alarm.NONE),
        ({}, Alarm.NONE),
    ],
    ids=["fast", "steadily", "slowly", "it has ended", "too short", "not at all"],
)
def test_a_budget_that_burns_is_told_by_how_fast(bad: dict[str, int], alarm: Alarm) -> None:
    assert kept(**bad).alarm is alarm


def test_few_bad_tries_of_a_quiet_night_tell_nothing() -> None:
    windows = {name: Tries(4, 4) for name in WINDOWS}

    assert Kept("buy", OBJECTIVE, Tries(4, 4), windows).alarm is Alarm.NONE


def test_the_budget_left_is_the_rest_of_what_may_be_bad() -> None:
    assert kept().budget_left == pytest.approx(0.5)
    assert Kept("buy", OBJECTIVE, Tries(), {}).budget_left is None


def a_count(since: timedelta, until: timedelta) -> ObjectiveCount:
    return ObjectiveCount(
        map_slug="tea",
        digest="",
        counted_since=NOW - since,
        counted_until=NOW - until,
        counted_at=NOW,
    )


def test_history_is_counted_backwards_in_days_and_what_is_new_with_what_came_late() -> None:
    begun = a_count(timedelta(), timedelta())
    running = a_count(timedelta(days=28), timedelta(minutes=5))
    absent = a_count(timedelta(days=28), timedelta(days=2))

    assert new_periods(begun, NOW) == []
    assert old_periods(begun, NOW)[0] == (NOW - timedelta(days=1), NOW)
    assert len(old_periods(begun, NOW)) == 7
    assert new_periods(running, NOW) == [(NOW - timedelta(minutes=20), NOW)]
    assert old_periods(running, NOW) == []
    assert [until - since for since, until in new_periods(absent, NOW)] == [
        timedelta(days=1),
        timedelta(days=1),
        timedelta(minutes=15),
    ]
