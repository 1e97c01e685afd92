"""Intervals of local time: hours, days, weeks that begin on Monday, months."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import InvalidQuestion
from journey.store.batch import Numbers

_HOUR: Final = 3_600_000_000
_DAY: Final = 24 * _HOUR
# 1970-01-01 was a Thursday.
_THURSDAY: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Interval(StrEnum):
    """Lengths of intervals."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def require_zone(name: str) -> None:
    """Raises InvalidQuestion for a time zone that the IANA database does not have."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidQuestion("no such time zone", field="time_zone") from None


def intervals_of(at: Numbers, interval: Interval, zone: str) -> Numbers:
    """Returns the number of each time's interval, counted from 1970 in local time."""
    local = at if zone == "UTC" else _local(at, zone)
    match interval:
        case Interval.HOUR:
            return local // _HOUR
        case Interval.DAY:
            return local // _DAY
        case Interval.WEEK:
            return (local // _DAY + _THURSDAY) // 7
        case Interval.MONTH:
            months: Numbers = (
                local.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
            )
            return months


def _local(at: Numbers, zone: str) -> Numbers:
    """Returns times as clocks of a zone show them, in microseconds."""
    moments = pa.array(at, type=pa.timestamp("us", tz=zone))
    local: Numbers = (
        pc.local_timestamp(moments).to_numpy().astype("datetime64[us]").astype(np.int64)
    )
    return local


def begin_of(number: int, interval: Interval) -> str:
    """Returns the local beginning of an interval, in the form 2026-03-01 or 2026-03-01T13:00."""
    match interval:
        case Interval.HOUR:
            return f"{_EPOCH + timedelta(hours=number):%Y-%m-%dT%H:00}"
        case Interval.DAY:
            return str(_EPOCH.date() + timedelta(days=number))
        case Interval.WEEK:
            return str(_EPOCH.date() + timedelta(days=number * 7 - _THURSDAY))
        case Interval.MONTH:
            return str(date(1970 + number // 12, number % 12 + 1, 1))
