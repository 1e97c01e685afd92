"""Times at which a touchpoint may have happened."""

from datetime import UTC, datetime, timedelta
from typing import Final

from journey.errors import InvalidTouchpoint

# No shop on the web has touchpoints of before; a clock that was never set is in 1970 or 1980.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
# A clock that is wrong by its zone is less than a day ahead.
MOST_AHEAD: Final = timedelta(days=1)


def require_possible(at: datetime, now: datetime) -> datetime:
    """Returns the time. Raises InvalidTouchpoint if it is before 2000 or more than a day ahead."""
    if at < EARLIEST:
        raise InvalidTouchpoint("a time is from the year 2000 on", field="occurred_at")
    if at > now + MOST_AHEAD:
        raise InvalidTouchpoint("a time is at most a day ahead", field="occurred_at")
    return at
