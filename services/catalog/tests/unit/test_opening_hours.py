"""Opening hours by a place's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.pickup_locations.opening_hours import (
    Opening,
    SpecialHours,
    WeeklyHours,
    opening_at,
    overlap,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
WEEK = [WeeklyHours(day, "09:00", "18:00") for day in range(1, 6)]


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A time by the place's own clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def opening(
    now: str,
    hours: list[WeeklyHours] = WEEK,
    special: list[SpecialHours] | None = None,
    zone: ZoneInfo = BERLIN,
) -> Opening:
    return opening_at(hours, special or [], zone, at(now, zone))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-30T09:00", Opening(True, until=at("2026-11-30T18:00"))),
        ("2026-11-30T17:59", Opening(True, until=at("2026-11-30T18:00"))),
        ("2026-11-30T18:00", Opening(False, next_at=at("2026-12-01T09:00"))),
        ("2026-12-04T20:00", Opening(False, next_at=at("2026-12-07T09:00"))),
    ],
)
def test_a_place_is_open_from_its_first_to_before_its_last_minute(
    now: str, expected: Opening
) -> None:
    assert opening(now) == expected


def test_hours_are_those_of_the_place_and_not_of_the_reader() -> None:
    hours = [WeeklyHours(1, "10:00", "21:00")]

    found = opening_at(hours, [], NEW_YORK, datetime(2026, 11, 30, 15, 30, tzinfo=UTC))

    assert found == Opening(True, until=datetime(2026, 12, 1, 2, tzinfo=UTC))


def test_a_holiday_closes_a_day_and_other_hours_replace_it() -> None:
    special = [
        SpecialHours("2026-12-24", "09:00", "13:00", "Christmas Eve"),
        SpecialHours("2026-12-25", "", "", "Christmas Day"),
    ]

    eve, day = (
        opening("2026-12-24T12:00", WEEK, special),
        opening("2026-12-25T12:00", WEEK, special),
    )

    assert eve == Opening(True, until=at("2026-12-24T13:00"))
    assert day == Opening(False, next_at=at("2026-12-28T09:00"))


def test_hours_past_midnight_last_into_the_next_day() -> None:
    bar = [WeeklyHours(6, "20:00", "03:00")]

    assert opening("2026-12-06T02:30", bar) == Opening(True, until=at("2026-12-06T03:00"))
    assert opening("2026-12-06T03:00", bar) == Opening(False, next_at=at("2026-12-12T20:00"))


def test_days_without_a_gap_are_one_and_a_place_may_never_close() -> None:
    weekend = [WeeklyHours(6, "08:00", "24:00"), WeeklyHours(7, "00:00", "12:00")]
    always = [WeeklyHours(day, "00:00", "24:00") for day in range(1, 8)]

    assert opening("2026-12-05T09:00", weekend) == Opening(True, until=at("2026-12-06T12:00"))
    assert opening("2026-12-05T09:00", always) == Opening(True)


def test_a_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    night = [WeeklyHours(6, "22:00", "06:00")]

    found = opening("2026-10-24T23:00", night)

    assert found.until == datetime(2026, 10, 25, 5, tzinfo=UTC)
    assert found.until - at("2026-10-24T22:00") == (at("2026-10-25T06:00") - at("2026-10-24T22:00"))


def test_a_place_without_hours_has_no_next_opening() -> None:
    assert opening("2026-12-05T09:00", []) == Opening(False)


@pytest.mark.parametrize(
    ("hours", "index"),
    [
        (WEEK, None),
        ([*WEEK, WeeklyHours(3, "17:00", "20:00")], 5),
        ([WeeklyHours(7, "22:00", "04:00"), WeeklyHours(1, "03:00", "05:00")], 1),
        ([WeeklyHours(1, "09:00", "12:00"), WeeklyHours(1, "12:00", "18:00")], None),
    ],
)
def test_hours_that_overlap_are_found(hours: list[WeeklyHours], index: int | None) -> None:
    assert overlap(hours) == index
