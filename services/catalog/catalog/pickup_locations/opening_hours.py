"""Opening hours by a place's own clock: whether it is open, and until or from when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

# Days in which an opening is looked for.
MOST_DAYS: Final = 14
_MIDNIGHT: Final = "24:00"
_MINUTES_OF_WEEK: Final = 7 * 24 * 60


class WeeklyHours(NamedTuple):
    """Hours of a weekday, 1 for Monday; stored as [day, opens, closes].

    Times are "HH:MM"; one that closes not after it opens closes on the next day.
    """

    day: int
    opens: str
    closes: str


class SpecialHours(NamedTuple):
    """Hours of a date in place of its weekday's, empty if closed; stored as a list."""

    date: str
    opens: str
    closes: str
    name: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a place is open. `until` is None where it never closes, `next_at` if not soon."""

    is_open: bool
    until: datetime | None = None
    next_at: datetime | None = None


def opening_at(
    hours: Sequence[WeeklyHours], special: Sequence[SpecialHours], zone: ZoneInfo, now: datetime
) -> Opening:
    """Returns whether a place is open at a time, by its own clock, and when that changes.

    Times that follow each other without a gap are one. What began yesterday may last past
    midnight, also into a day that is closed.
    """
    spans = _joined(_spans(hours, special, zone, now.astimezone(zone).date() - timedelta(days=1)))
    for begins, ends in spans:
        if begins <= now < ends:
            is_endless = ends - now > timedelta(days=MOST_DAYS - 1)
            return Opening(is_open=True, until=None if is_endless else ends)
        if begins > now:
            return Opening(is_open=False, next_at=begins)
    return Opening(is_open=False)


def overlap(hours: Sequence[WeeklyHours]) -> int | None:
    """Returns the index of the first hours that overlap earlier ones of the week."""
    taken: list[tuple[int, int]] = []
    for index, each in enumerate(hours):
        begins = (each.day - 1) * 24 * 60 + _minutes(each.opens)
        length = _length_minutes(each.opens, each.closes)
        # The week is a circle: Sunday night may reach into Monday.
        for shift in (-_MINUTES_OF_WEEK, 0, _MINUTES_OF_WEEK):
            if any(
                begins + shift < end and start < begins + shift + length for start, end in taken
            ):
                return index
        taken.append((begins, begins + length))
    return None


def _spans(
    hours: Sequence[WeeklyHours], special: Sequence[SpecialHours], zone: ZoneInfo, first: date
) -> Iterator[tuple[datetime, datetime]]:
    """Yields times in UTC in which a place is open, in order, from a date on."""
    by_date: dict[str, list[SpecialHours]] = {}
    for each in special:
        by_date.setdefault(each.date, []).append(each)
    for days in range(MOST_DAYS + 2):
        day = first + timedelta(days=days)
        if (exceptions := by_date.get(day.isoformat())) is not None:
            open_times = [(each.opens, each.closes) for each in exceptions if each.opens]
        else:
            open_times = [
                (each.opens, each.closes) for each in hours if each.day == day.isoweekday()
            ]
        for opens, closes in sorted(open_times):
            yield _span(day, opens, closes, zone)


def _span(day: date, opens: str, closes: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    next_day = day + timedelta(days=1)
    begins = datetime.combine(day, _time(opens), zone)
    if closes == _MIDNIGHT:
        ends = datetime.combine(next_day, time(0), zone)
    else:
        ends = datetime.combine(next_day if closes <= opens else day, _time(closes), zone)
    # Each side at its own offset: a night in which clocks change is as long as it is.
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _joined(
    spans: Iterator[tuple[datetime, datetime]],
) -> Iterator[tuple[datetime, datetime]]:
    current: tuple[datetime, datetime] | None = None
    for begins, ends in spans:
        if current is not None and begins <= current[1]:
            current = (current[0], max(current[1], ends))
            continue
        if current is not None:
            yield current
        current = (begins, ends)
    if current is not None:
        yield current


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _length_minutes(opens: str, closes: str) -> int:
    length = _minutes(closes) - _minutes(opens)
    return length if length > 0 else length + 24 * 60
