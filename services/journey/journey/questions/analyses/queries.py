"""The analyses, by the names of their methods. All raise InvalidQuestion, QuestionTooLarge."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from journey.errors import InvalidQuestion
from journey.feedback.model import Group
from journey.maps.model import JourneyMap
from journey.maps.rules import Rule
from journey.questions.analyses.anomalies import BASELINE, Anomalies, Judged
from journey.questions.analyses.conformance import Conformance, Conforming
from journey.questions.analyses.lifetime_value import LifetimeValue, ValueCohort
from journey.questions.analyses.pains import Pain, Pains
from journey.questions.analyses.products import ProductColumns, ProductCounts, Products
from journey.questions.analyses.says_does import SaysDoes, Went
from journey.questions.analyses.searches import SearchTerms, TermCounts
from journey.questions.analyses.step_times import SegmentTimes, StepTimes
from journey.questions.calendar import Interval
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.questions.funnels import FunnelOptions
from journey.questions.queries import Calendar, require_column
from journey.store.store import TouchpointStore

_THRESHOLDS = (1.0, 100.0)


async def get_step_times(
    store: TouchpointStore, chosen: Filter, options: FunnelOptions
) -> dict[str, SegmentTimes]:
    """Returns the times of a funnel's ways by value."""
    require_column(options.by, "funnel.by")
    require_column(options.same, "funnel.same")
    return await ask(store, chosen, StepTimes(options))


async def get_anomalies(
    store: TouchpointStore,
    chosen: Filter,
    calendar: Calendar,
    by: str,
    *,
    threshold: float,
    now: datetime,
) -> Judged:
    """Returns counts far from those of the weeks before; what is not over is not judged."""
    require_column(by, "by")
    if calendar.interval not in (Interval.HOUR, Interval.DAY):
        raise InvalidQuestion("an hour or a day", field="interval")
    if not _THRESHOLDS[0] <= threshold <= _THRESHOLDS[1]:
        raise InvalidQuestion("1 to 100, or 0", field="threshold")
    if chosen.newcomers or any(one.newcomers for one in chosen.segments):
        raise InvalidQuestion("the weeks before have other newcomers", field="filter.newcomers")
    until = now if chosen.until is None else min(now, chosen.until)
    question = Anomalies(
        calendar.interval, calendar.zone, by, (chosen.since, until), threshold=threshold
    )
    return await ask(store, _with_baseline(chosen), question)


def _with_baseline(chosen: Filter) -> Filter:
    if chosen.since is None:
        return chosen
    since = chosen.since - BASELINE
    segments = tuple(replace(one, since=since) for one in chosen.segments)
    return replace(chosen, since=since, segments=segments)


async def get_pains(
    store: TouchpointStore, chosen: Filter, window: timedelta, now: datetime
) -> list[Pain]:
    """Returns what fails, those that may have lost most first."""
    return await ask(store, chosen, Pains(window, now))


async def get_product_performance(
    store: TouchpointStore, chosen: Filter, columns: ProductColumns
) -> Mapping[str, ProductCounts]:
    """Returns counts by product."""
    require_column(columns.view, "view_column")
    require_column(columns.cart, "cart_column")
    require_column(columns.order, "order_column")
    return await ask(store, chosen, Products(columns))


async def get_search_terms(
    store: TouchpointStore, chosen: Filter, click_kind: str
) -> Mapping[str, TermCounts]:
    """Returns counts by term."""
    return await ask(store, chosen, SearchTerms(click_kind))


async def get_conformance(
    store: TouchpointStore, chosen: Filter, chart: JourneyMap
) -> tuple[list[str], Conforming]:
    """Returns the slugs of the designed stages, and how paths conform to them."""
    question = Conformance(chart.stages, chosen)
    return _slugs(chart, question.designed), await ask(store, chosen, question)


async def get_says_does(
    store: TouchpointStore, chosen: Filter, chart: JourneyMap
) -> dict[str, dict[Group | None, Went]]:
    """Returns people by the slug of a stage that can be reached, and by what they say."""
    question = SaysDoes(chart.stages, chosen)
    found = await ask(store, chosen, question)
    return dict(zip(_slugs(chart, question.designed), found, strict=True))


def _slugs(chart: JourneyMap, numbers: list[int]) -> list[str]:
    return [chart.stages[number].slug for number in numbers]


async def get_lifetime_value(
    store: TouchpointStore, chosen: Filter, calendar: Calendar, begins: tuple[Rule, ...]
) -> list[ValueCohort]:
    """Returns what the people who began in each interval have brought since."""
    return await ask(store, chosen, LifetimeValue(calendar.interval, calendar.zone, begins))
