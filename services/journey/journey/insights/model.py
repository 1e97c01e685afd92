"""Tables of insights, of what is measured of each day, and of the settings."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from pydantic.dataclasses import dataclass
from sqlalchemy import Boolean, Date, Double, Index, Integer, text

from chassis.data.rows import Field, Row, code, column, counter, document, states

MOST_WATCHED: Final = 20
# Of a breakdown: those with the most people or touchpoints.
MOST_VALUES: Final = 30


class Measure(StrEnum):
    """Measures whose changes are told. COUNT is one of the whole shop, the others of a stage."""

    PEOPLE = "people"
    CONVERSION = "conversion"
    ERRORS = "errors"
    SLOWNESS = "slowness"
    COUNT = "count"

    @property
    def is_rate(self) -> bool:
        return self not in (Measure.PEOPLE, Measure.COUNT)

    @property
    def good_rise(self) -> bool | None:
        """Returns whether a rise is good; None where it is neither."""
        if self is Measure.COUNT:
            return None
        return self in (Measure.PEOPLE, Measure.CONVERSION)


class InsightState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(slots=True)
class Met:
    """People who met slowness and those who did not, and how many of each placed an order."""

    people: int = 0
    bought: int = 0
    usual_people: int = 0
    usual_bought: int = 0


@dataclass(slots=True)
class Tally:
    """A measure of one day: `n` people or touchpoints, of which `k` are those of the rate.

    `by` has both by dimension and value. `money` is what the people of it ordered on the day, in
    minor units by currency, in `orders` orders. `kinds` are the kinds of those that failed.
    """

    n: int = 0
    k: int = 0
    by: dict[str, dict[str, tuple[int, int]]] = Field(default_factory=dict)
    orders: int = 0
    money: dict[str, int] = Field(default_factory=dict)
    met: Met | None = None
    kinds: list[str] = Field(default_factory=list)

    @property
    def rate(self) -> float | None:
        return self.k / self.n if self.n else None


Tallies = dict[str, Tally]


def key_of(subject: str, measure: Measure) -> str:
    """Returns the key of a measure among the tallies of a day."""
    return f"{measure.value}|{subject}"


class MapDay(Row, table=True):
    """The measures of a map on one local day; of the whole shop under the empty slug.

    `digest` is of all that decides them: rules, time zone, and what is slow.
    """

    __tablename__ = "map_day"

    map_slug: str = Field(primary_key=True)
    day: date = column(Date, primary_key=True)
    digest: str
    measured_at: datetime
    tallies: Tallies = document(Tallies)


class InsightProgress(Row, table=True):
    """The last judged day of a map. `leased_until` tells the work of a process that is gone."""

    __tablename__ = "insight_progress"

    map_slug: str = Field(primary_key=True)
    judged_on: date | None = column(Date, default=None, nullable=True)
    leased_until: datetime | None = None


class InsightSettings(Row, table=True):
    """Maps that are watched, and bounds of what is told as a change. One row, or none."""

    __tablename__ = "insight_settings"

    name: str = Field(primary_key=True, default="default")
    version: int = counter(default=1)
    maps: list[str] = document(list[str], default_factory=list)
    time_zone: str = "UTC"
    threshold: float = column(Double, default=3.5)
    least_volume: int = column(Integer, default=30)
    least_change: float = column(Double, default=0.1)
    slow_ms: int = column(Integer, default=1_000)

    @property
    def facts(self) -> dict[str, JsonValue]:
        """Returns what an audit row says of it."""
        maps: list[JsonValue] = [*self.maps]
        return {
            "maps": maps,
            "time_zone": self.time_zone,
            "threshold": self.threshold,
            "least_volume": self.least_volume,
            "least_change": self.least_change,
            "slow_ms": self.slow_ms,
        }


@dataclass(frozen=True)
class Audience:
    """The people whom a change is about most; an empty dimension is all alike."""

    dimension: str = ""
    value: str = ""
    share: float = 0


@dataclass(frozen=True)
class PainBehind:
    """A pain behind a change, on its last day. Money is in minor units by currency."""

    kind: str
    outcome: str
    reason: str
    people: int
    at_most: dict[str, int]
    likely: dict[str, int]


class Insight(Row, table=True):
    """A significant change of a measure. One that goes on is one row, by an index.

    Money is in minor units by currency: of all its days.
    """

    __tablename__ = "insight"
    __table_args__ = (
        states("state", InsightState),
        states("measure", Measure),
        Index(
            "insight_open",
            "map_slug",
            "subject",
            "measure",
            "is_rise",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("insight_changed", "changed_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    state: InsightState = code(InsightState, default=InsightState.OPEN)
    map_slug: str
    subject: str
    measure: Measure = code(Measure)
    is_rise: bool = column(Boolean)
    began_on: date = column(Date)
    last_on: date = column(Date)
    ended_on: date | None = column(Date, default=None, nullable=True)
    days: int = column(Integer, default=1)
    actual: float = column(Double)
    expected: float = column(Double)
    score: float = column(Double)
    volume: int = counter()
    audience: Audience = document(Audience)
    likely: dict[str, int] = document(dict[str, int])
    at_most: dict[str, int] = document(dict[str, int])
    pains: list[PainBehind] = document(list[PainBehind])
    created_at: datetime
    changed_at: datetime

    @property
    def is_good(self) -> bool:
        """Returns whether the change is good for the shop; a count is neither good nor bad."""
        return self.is_rise is self.measure.good_rise

    @property
    def facts(self) -> dict[str, JsonValue]:
        """Returns what a webhook tells of it, by the names of the API. No person is in it."""
        return {
            "id": str(self.id),
            "version": self.version,
            "state": self.state.value,
            "map": self.map_slug,
            "subject": self.subject,
            "measure": self.measure.value,
            "is_rise": self.is_rise,
            "is_good": self.is_good,
            "began_on": str(self.began_on),
            "last_on": str(self.last_on),
            "ended_on": str(self.ended_on) if self.ended_on else "",
            "days": self.days,
            "actual": self.actual,
            "expected": self.expected,
            "score": self.score,
            "volume": self.volume,
            "audience": {
                "dimension": self.audience.dimension,
                "value": self.audience.value,
                "share": self.audience.share,
            }
            if self.audience.dimension
            else None,
            "likely": _money(self.likely),
            "at_most": _money(self.at_most),
            "pains": [
                {
                    "kind": one.kind,
                    "outcome": one.outcome,
                    "reason": one.reason,
                    "people": one.people,
                    "likely": _money(one.likely),
                    "at_most": _money(one.at_most),
                }
                for one in self.pains
            ],
        }


def _money(amounts: dict[str, int]) -> list[JsonValue]:
    return [
        {"currency": currency, "amount_minor": amount}
        for currency, amount in sorted(amounts.items())
    ]
