"""Days of delivery: when a parcel leaves, and when it arrives."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final


@dataclass(frozen=True, slots=True)
class Schedule:
    """The working days of a method, and the time until which an order leaves on its day.

    `cut_off` is in the time zone of the place that parcels leave; None is the end of the day.
    Weekdays are those of ISO 8601, 1 for Monday.
    """

    cut_off: time | None = None
    zone: tzinfo = UTC
    weekdays: frozenset[int] = frozenset(range(1, 6))
    holidays: frozenset[date] = frozenset()


# The schedule of the seeded methods.
SEEDED: Final = Schedule(cut_off=time(14))


def dispatch_day(now: datetime, schedule: Schedule = SEEDED) -> date:
    """Returns the working day on which an order of `now` leaves."""
    local = now.astimezone(schedule.zone)
    today = local.date()
    is_early = schedule.cut_off is None or local.time() < schedule.cut_off
    if is_early and is_business_day(today, schedule):
        return today
    return business_days_after(today, 1, schedule)


def is_business_day(day: date, schedule: Schedule = SEEDED) -> bool:
    """Returns whether parcels leave and arrive on a day."""
    return day.isoweekday() in schedule.weekdays and day not in schedule.holidays


def business_days_after(day: date, days: int, schedule: Schedule = SEEDED) -> date:
    """Returns the day that is `days` working days after `day`."""
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day, schedule)
    return day
