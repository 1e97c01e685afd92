"""Questions about a map, and the numbers that answer them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from journey.maps.rules import Condition
from journey.questions.filters import Filter

MOST_SEGMENTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MapQuestion:
    """Asks for the numbers of a map.

    `window` is the longest time from the first stage to any other; zero is any. `begins` narrows
    the touchpoints of the first stage; `by` parts people by a column of their first.
    """

    chosen: Filter = field(default_factory=Filter)
    window: timedelta = timedelta()
    begins: tuple[Condition, ...] = ()
    by: str = ""
    with_touchpoints: bool = False
    with_revenue: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """People of a segment who reached a stage, and the lower median of times to it."""

    people: int = 0
    median: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class KindStatistics:
    """Statistics of one kind of touchpoint in one stage. `p95_ms` is None if no time is known."""

    stage: int
    kind: str
    touchpoints: int
    people: int
    errors: int
    refused: int
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class StageRevenue:
    """Money of a stage's orders in one currency, in minor units."""

    stage: int
    currency: str
    orders: int
    gross_minor: int
    refunded_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.refunded_minor

    @property
    def average_order_minor(self) -> int:
        """Returns the average total, halves rounded up."""
        return (2 * self.gross_minor + self.orders) // (2 * self.orders) if self.orders else 0


@dataclass(frozen=True, slots=True)
class MapNumbers:
    """The numbers of a map: people by segment and stage, touchpoints by kind, and money."""

    segments: Mapping[str, list[Reached]]
    statistics: list[KindStatistics]
    revenue: list[StageRevenue]
