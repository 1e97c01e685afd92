"""The questions, by the names of their methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from journey.errors import InvalidQuestion
from journey.maps.rules import Rule
from journey.questions.analyses.comparison import Compared, Comparison
from journey.questions.attribution import Attributed, Attribution, Model
from journey.questions.calendar import Interval, require_zone
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.questions.funnels import Funnel, FunnelOptions, FunnelPeople, Segment
from journey.questions.paths import PathCounts, PathOptions, Paths
from journey.questions.retention import Cohort, Retention
from journey.questions.trends import Point, Trend
from journey.store.store import PROPERTY, TEXTS, TouchpointStore

# Columns that say nothing of many touchpoints.
_NAMES_ONE: frozenset[str] = frozenset({"id", "trace_id", "session_id"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Length of intervals, and the time zone that they are local to, by its IANA name."""

    interval: Interval = Interval.DAY
    zone: str = "UTC"

    def __post_init__(self) -> None:
        require_zone(self.zone)


async def get_trend(
    store: TouchpointStore,
    chosen: Filter,
    calendar: Calendar,
    by: str,
    segments: Sequence[Filter] = (),
) -> Comparison[list[Point]]:
    """Returns counts by interval and value, of all and of each segment.

    Raises InvalidQuestion, QuestionTooLarge.
    """
    require_column(by, "by")
    whole, *parts = (Trend(calendar.interval, calendar.zone, by) for _ in range(1 + len(segments)))
    return await ask(store, chosen, Compared(whole, list(zip(segments, parts, strict=True))))


async def get_paths(store: TouchpointStore, chosen: Filter, options: PathOptions) -> PathCounts:
    """Returns counts of paths. Raises InvalidQuestion, QuestionTooLarge."""
    if options.after and options.before:
        raise InvalidQuestion("a path has one anchor: after or before", field="before")
    return await ask(store, chosen, Paths(options))


async def get_retention(
    store: TouchpointStore,
    chosen: Filter,
    calendar: Calendar,
    begins: tuple[Rule, ...],
    returns: tuple[Rule, ...],
) -> list[Cohort]:
    """Returns cohorts by time. Raises InvalidQuestion, QuestionTooLarge."""
    return await ask(store, chosen, Retention(calendar.interval, calendar.zone, begins, returns))


async def get_attribution(
    store: TouchpointStore, chosen: Filter, model: Model, by: str, lookback: timedelta
) -> Attributed:
    """Returns credits that sum up to the orders. Raises InvalidQuestion, QuestionTooLarge."""
    require_column(by, "by")
    return await ask(store, chosen, Attribution(model, by or "utm_source", lookback))


async def get_step_funnel(
    store: TouchpointStore,
    chosen: Filter,
    options: FunnelOptions,
    segments: Sequence[Filter] = (),
) -> Comparison[dict[str, Segment]]:
    """Returns ways by value and step, of all and of each segment.

    Raises InvalidQuestion, QuestionTooLarge.
    """
    require_column(options.by, "by")
    require_column(options.same, "same")
    whole, *parts = (Funnel(options) for _ in range(1 + len(segments)))
    return await ask(store, chosen, Compared(whole, list(zip(segments, parts, strict=True))))


async def list_funnel_people(
    store: TouchpointStore, chosen: Filter, question: FunnelPeople
) -> Sequence[str]:
    """Returns ids of the people behind a step. Raises InvalidQuestion, QuestionTooLarge."""
    return await ask(store, chosen, question)


def require_column(name: str, field: str) -> None:
    """Raises InvalidQuestion for a name that is neither empty nor a column's of many."""
    allowed = TEXTS - _NAMES_ONE
    if name and name not in allowed and not (name.startswith(PROPERTY) and name != PROPERTY):
        raise InvalidQuestion(
            "no such column", field=field, allowed=", ".join([*sorted(allowed), "property:<name>"])
        )
