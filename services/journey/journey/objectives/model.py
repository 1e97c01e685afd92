"""Counts of tries by slots of five minutes, and how fast error budgets burn.

The windows and limits are those of the Site Reliability Workbook, chapter 5, "Alerting on SLOs":
a budget that burns 14.4 times too fast for an hour, or 6 times for six hours, is urgent; at 1 for
three days it is not. The short window of each says that it goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.data.rows import Field, Row, code, counter, states
from journey.maps.objectives import ObjectiveKind, StageObjective

SLOT: Final = timedelta(minutes=5)
# The shortest first.
WINDOWS: Final = {
    "5m": timedelta(minutes=5),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "3d": timedelta(days=3),
}
# Long window, short window, and the rate from which on both tell.
PAGES: Final = (("1h", "5m", 14.4), ("6h", "30m", 6.0))
TICKETS: Final = (("3d", "6h", 1.0),)
# So many tries of the long window must be bad: one unlucky person of a quiet night tells nothing.
LEAST_BAD: Final = 5
# Objectives of all maps together that are counted: each has some series.
MOST_COUNTED: Final = 100


class Alarm(StrEnum):
    """Urgency of a budget that burns."""

    NONE = "none"
    TICKET = "ticket"
    PAGE = "page"


class ObjectiveCount(Row, table=True):
    """From when until when the tries of a map are counted, by its rules and objectives of then.

    `leased_until` tells the work of a process that is gone.
    """

    __tablename__ = "objective_count"

    map_slug: str = Field(primary_key=True)
    digest: str
    counted_since: datetime
    counted_until: datetime
    counted_at: datetime
    leased_until: datetime | None = None


class ObjectiveSlot(Row, table=True):
    """Tries of a stage that began in five minutes."""

    __tablename__ = "objective_slot"
    __table_args__ = (states("kind", ObjectiveKind),)

    map_slug: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    kind: ObjectiveKind = code(ObjectiveKind, primary_key=True)
    slot_at: datetime = Field(primary_key=True)
    tries: int = counter()
    bad: int = counter()


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries of a window, and how many were bad."""

    tries: int = 0
    bad: int = 0

    def burn_rate(self, objective: StageObjective) -> float | None:
        """Returns how fast the budget burns; None where nobody tried."""
        return self.bad / self.tries / objective.budget if self.tries else None


@dataclass(frozen=True, slots=True)
class Kept:
    """An objective of a stage with its window's tries, and those of each shorter window."""

    stage: str
    objective: StageObjective
    whole: Tries
    windows: dict[str, Tries]

    @property
    def budget_left(self) -> float | None:
        """Returns the share of the budget that is left, below 0 where more was used."""
        rate = self.whole.burn_rate(self.objective)
        return None if rate is None else 1 - rate

    @property
    def alarm(self) -> Alarm:
        if any(self._burns(*limit) for limit in PAGES):
            return Alarm.PAGE
        return Alarm.TICKET if any(self._burns(*limit) for limit in TICKETS) else Alarm.NONE

    def _burns(self, long: str, short: str, limit: float) -> bool:
        rates = [self.windows[name].burn_rate(self.objective) or 0.0 for name in (long, short)]
        return min(rates) > limit and self.windows[long].bad >= LEAST_BAD
