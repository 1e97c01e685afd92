"""Times in the spellings of other tools' exports."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journey.imports.model import DateOrder, TimeUnit

# No shop's history is older, and clocks are not further ahead.
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
MOST_AHEAD: Final = timedelta(minutes=10)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND: Final = {
    TimeUnit.SECONDS: 1,
    TimeUnit.MILLISECONDS: 10**3,
    TimeUnit.MICROSECONDS: 10**6,
    TimeUnit.NANOSECONDS: 10**9,
}
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?([eE][+]?\d{1,2})?")
_COMPACT: Final = re.compile(r"(19|20)\d{6}(\d{6})?")
_ZONED: Final = re.compile(
    r"(.*\d(?: ?[AaPp]\.?[Mm]\.?)?)\s*[\[(]?\s*([A-Za-z][A-Za-z_]*(?:/[A-Za-z0-9_+-]+)*)[\])]?"
)
_NO_ZONES: Final = ("T", "AM", "PM")
# An offset that browsers and phones write after the name of the zone, whose name may follow.
_OFFSET: Final = re.compile(
    r"\s*(?:GMT|UTC)\s?([+-])(\d{1,2})(?::?(\d{2}))?(?:\s*\([^()]*\))?", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_WORDS: Final = frozenset(
    "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun gmt utc z".split()
)
_HALF_DAY: Final = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)(?:\.\d+)?\s?([AaPp])\.?\s?[Mm]\.?")
_PARTS: Final = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:[ ,T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?(?: ?([+-]\d{2}):?(\d{2}))?"
)


class UnreadableTime(ValueError):
    """A text is no time that can be read; its message says why."""


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads times of one file. `zone` is that of times that name none."""

    zone: tzinfo = UTC
    unit: TimeUnit = TimeUnit.AUTO
    order: DateOrder = DateOrder.UNKNOWN

    def read(self, value: object, now: datetime) -> datetime:
        """Returns a time in UTC.

        Takes ISO 8601, dates of other orders, RFC 5322, names of zones, and seconds, milli-, micro-
        or nanoseconds since 1970. Raises UnreadableTime, also for what is before 1990 or later than
        `now`.
        """
        at = self._parse(value)
        if at < EARLIEST:
            raise UnreadableTime("a time before 1990")
        if at > now + MOST_AHEAD:
            raise UnreadableTime("a time in the future")
        return at

    def _parse(self, value: object) -> datetime:
        match value:
            case datetime():
                return self._zoned(value)
            case date():
                return self._zoned(datetime.combine(value, time()))
            case bool():
                raise UnreadableTime("no time")
            case int() | float() | Decimal():
                return self._of_number(str(value))
        text = str(value).strip() if value is not None else ""
        if text[4:5] == "-" and (text[-1:].isdigit() or text.endswith("Z")):
            # The spelling of most files, in a third of the time.
            try:
                return self._zoned(datetime.fromisoformat(text))
            except ValueError:
                pass
        if not text:
            raise UnreadableTime("a time is needed")
        if _COMPACT.fullmatch(text) and self.unit is TimeUnit.AUTO:
            return self._of_iso(text if len(text) == 8 else f"{text[:8]}T{text[8:]}", text)
        if _NUMBER.fullmatch(text):
            return self._of_number(text)
        return self._of_text(text)

    def _of_number(self, text: str) -> datetime:
        try:
            number = Decimal(text)
            unit = unit_of(number) if self.unit is TimeUnit.AUTO else self.unit
            microseconds = int(number * 10**6 / _PER_SECOND[unit])
            return _EPOCH + timedelta(microseconds=microseconds)
        except (OverflowError, ValueError, InvalidOperation):
            raise UnreadableTime("a number that is no time") from None

    def _of_text(self, text: str) -> datetime:
        zone = self.zone
        if (offset := _OFFSET.search(text)) and offset.end() == len(text):
            sign, hours, minutes = offset.groups()
            text = f"{text[: offset.start()]} {sign}{int(hours):02}{minutes or '00'}"
            return self._of_iso(text, text)
        if (found := _ZONED.fullmatch(text)) and found[2].upper() not in _NO_ZONES:
            text, name = found[1].strip(), found[2]
            zone = UTC if name.upper() in ("Z", "UTC", "GMT") else _zone_of(name)
        reader = TimeReader(zone, self.unit, self.order) if zone is not self.zone else self
        return reader._of_iso(text, text)

    def _of_iso(self, iso: str, text: str) -> datetime:
        try:
            return self._zoned(datetime.fromisoformat(iso))
        except (ValueError, OverflowError):
            pass
        if found := _PARTS.fullmatch(text):
            return self._of_parts(found)
        try:
            whole = _HALF_DAY.sub(_of_whole_day, text)
            # The library passes over words that it does not know, such as another zone.
            if not all(word[:3].lower() in _WORDS for word in _WORD.findall(whole)):
                raise ValueError
            return self._zoned(parsedate_to_datetime(whole))
        except (ValueError, TypeError, IndexError, OverflowError):
            raise UnreadableTime("a time in a spelling that is not known") from None

    def _of_parts(self, found: re.Match[str]) -> datetime:
        first, mark, middle, last, hour, minute, second, fraction, half, *offset = found.groups()
        year, month, day = self._in_order(first, mark, middle, last)
        hours = int(hour or 0)
        if half:
            hours = hours % 12 + (12 if half.lower() == "p" else 0)
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        try:
            zone = self.zone
            if offset[0]:
                minutes = int(offset[0]) * 60 + int(offset[0][0] + offset[1])
                zone = timezone(timedelta(minutes=minutes))
            clock = (hours, int(minute or 0), int(second or 0), micro)
            return self._zoned(datetime(year, month, day, *clock, tzinfo=zone))
        except (ValueError, OverflowError):
            raise UnreadableTime("a date that no calendar has") from None

    def _in_order(self, first: str, mark: str, middle: str, last: str) -> tuple[int, int, int]:
        """Returns year, month and day."""
        if len(first) == 4:
            return int(first), int(middle), int(last)
        if len(last) != 4:
            raise UnreadableTime("a date without a year of four digits")
        order = self.order
        if mark == "." or (order is DateOrder.UNKNOWN and int(first) > 12):
            order = DateOrder.DAY_FIRST
        elif order is DateOrder.UNKNOWN and int(middle) > 12:
            order = DateOrder.MONTH_FIRST
        if order is DateOrder.UNKNOWN:
            raise UnreadableTime("a date of which day and month cannot be told: give --date-order")
        if order is DateOrder.DAY_FIRST:
            return int(last), int(middle), int(first)
        return int(last), int(first), int(middle)

    def _zoned(self, at: datetime) -> datetime:
        try:
            return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        except OverflowError:
            raise UnreadableTime("a time beyond the calendar") from None


def _of_whole_day(found: re.Match[str]) -> str:
    """Returns a time of day with the hour counted from midnight: RFC 5322 knows no AM and PM."""
    hour = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
    return f"{hour:02}{found[2]}"


def unit_of(number: Decimal) -> TimeUnit:
    """Returns the unit of which a number is a time between 1973 and 5138."""
    size = abs(number)
    if size < 10**11:
        return TimeUnit.SECONDS
    if size < 10**14:
        return TimeUnit.MILLISECONDS
    return TimeUnit.MICROSECONDS if size < 10**17 else TimeUnit.NANOSECONDS


@lru_cache(maxsize=64)
def _zone_of(name: str) -> tzinfo:
    if "/" in name:
        return parse_zone(name)
    raise UnreadableTime(f"{name[:20]} is no zone: abbreviations mean several, give --timezone")


def parse_zone(name: str) -> tzinfo:
    """Returns a time zone of the IANA database. Raises UnreadableTime."""
    if not name or name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnreadableTime(f"{name[:40]} is no time zone such as Europe/Berlin") from None
