"""Analyses of the contract to their options, and answers to messages."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from journey.errors import InvalidQuestion
from journey.feedback.model import Group, Score
from journey.maps.model import JourneyMap
from journey.questions.analyses.anomalies import USUAL_THRESHOLD, Judged
from journey.questions.analyses.conformance import Conforming
from journey.questions.analyses.lifetime_value import CohortValue, ValueCohort
from journey.questions.analyses.pains import Pain
from journey.questions.analyses.products import ProductColumns, ProductCounts, rate
from journey.questions.analyses.says_does import Went
from journey.questions.analyses.searches import VIEW, TermCounts
from journey.questions.analyses.step_times import SegmentTimes, Times
from journey.questions.calendar import Interval
from journey.questions.funnels import FunnelOptions
from journey.questions.queries import Calendar
from journey.questions.wire import INTERVALS, amounts, funnel_options
from sojourn.journey.v1 import questions_pb2 as pb

DEFAULT_WINDOW_HOURS: Final = 24
DEFAULT_PATHS: Final = 25


def timed_funnel(request: pb.GetStepTimesRequest) -> FunnelOptions:
    """Returns the options of a funnel. Raises InvalidQuestion."""
    if request.funnel.compare_segments:
        raise InvalidQuestion("times compare no segments", field="funnel.compare_segments")
    if request.funnel.within_ms:
        raise InvalidQuestion("times are never estimated", field="funnel.within_ms")
    return funnel_options(request.funnel)


def step_times(request: pb.GetStepTimesRequest, found: Mapping[str, SegmentTimes]) -> pb.StepTimes:
    return pb.StepTimes(
        segments=[
            pb.StepTimesSegment(
                value=value,
                ways=segment.ways,
                steps=[
                    pb.StepTime(name=step.name, since_previous=_times(times))
                    for step, times in zip(request.funnel.steps, segment.steps, strict=True)
                ],
                whole=_times(segment.whole),
            )
            for value, segment in found.items()
        ]
    )


def _times(times: Times) -> pb.DurationStatistics:
    return pb.DurationStatistics(
        count=times.count,
        p25_seconds=times.p25_seconds,
        median_seconds=times.median_seconds,
        p75_seconds=times.p75_seconds,
        p90_seconds=times.p90_seconds,
    )


def anomaly_calendar(request: pb.GetAnomaliesRequest) -> Calendar:
    """Returns the intervals of a request. Raises InvalidQuestion."""
    return Calendar(INTERVALS.decode(request.interval), request.time_zone or "UTC")


def threshold_of(request: pb.GetAnomaliesRequest) -> float:
    return request.threshold or USUAL_THRESHOLD


def anomalies(found: Judged) -> pb.Anomalies:
    return pb.Anomalies(
        anomalies=[
            pb.Anomaly(
                begin=one.begin,
                value=one.value,
                actual=one.actual,
                expected=one.expected,
                score=one.score,
            )
            for one in found.anomalies
        ],
        judged=found.judged,
        too_new=found.too_new,
    )


def window_of(request: pb.GetPainsRequest) -> timedelta:
    return timedelta(hours=request.window_hours or DEFAULT_WINDOW_HOURS)


def pains(found: Sequence[Pain]) -> pb.Pains:
    return pb.Pains(
        pains=[
            pb.Pain(
                kind=one.kind,
                outcome=one.outcome,
                reason=one.reason,
                touchpoints=one.met.touchpoints,
                people=one.met.people,
                bought=one.met.bought,
                open=one.met.open,
                lost=one.met.lost,
                usual_rate=one.usual_rate,
                at_most=amounts(one.at_most_minor),
                likely=amounts(one.likely_minor),
            )
            for one in found
        ]
    )


def product_columns(request: pb.GetProductPerformanceRequest) -> ProductColumns:
    usual = ProductColumns()
    return ProductColumns(
        view_kind=request.view_kind or usual.view_kind,
        view=request.view_column or usual.view,
        cart_kind=request.cart_kind or usual.cart_kind,
        cart=request.cart_column or usual.cart,
        order=request.order_column or usual.order,
    )


def product_performance(found: Mapping[str, ProductCounts]) -> pb.ProductPerformance:
    return pb.ProductPerformance(
        products=[
            pb.ProductCounts(
                product=product,
                views=one.views,
                viewers=one.viewers,
                adds=one.adds,
                adders=one.adders,
                orders=one.orders,
                buyers=one.buyers,
                revenue=amounts(one.revenue),
                cart_rate=rate(one.added_after_view, one.viewers),
                order_rate=rate(one.bought_after_adding, one.adders),
            )
            for product, one in found.items()
        ]
    )


def click_kind_of(request: pb.GetSearchTermsRequest) -> str:
    return request.click_kind or VIEW


def search_terms(found: Mapping[str, TermCounts]) -> pb.SearchTerms:
    return pb.SearchTerms(
        terms=[
            pb.SearchTerm(
                term=term,
                searches=one.searches,
                people=one.people,
                sessions=one.sessions,
                with_known_results=one.with_known_results,
                without_results=one.without_results,
                clicked=one.clicked,
                ordered=one.ordered,
            )
            for term, one in found.items()
        ]
    )


def conformance(
    request: pb.GetConformanceRequest, chart: JourneyMap, slugs: Sequence[str], found: Conforming
) -> pb.Conformance:
    def named(numbers: Sequence[int]) -> list[str]:
        return [slugs[number] for number in numbers]

    return pb.Conformance(
        map=chart.slug,
        map_version=chart.version,
        people=found.people,
        outside=found.outside,
        touchpoints=found.touchpoints,
        unknown_rate=rate(found.unknown, found.touchpoints),
        fitness=found.fitness,
        patterns=[
            pb.ConformancePattern(
                skips=skips, repeats=repeats, is_out_of_order=is_out_of_order, people=people
            )
            for (skips, repeats, is_out_of_order), people in sorted(
                found.patterns.items(), key=lambda pair: (-pair[1], pair[0])
            )
        ],
        stages=[
            pb.StageConformance(
                stage=slug,
                visited=one.visited,
                skipped=one.skipped,
                repeated=one.repeated,
                out_of_order=one.out_of_order,
            )
            for slug, one in zip(slugs, found.stages, strict=True)
        ],
        paths=[
            pb.RealPath(
                stages=named(path.visits),
                people=path.people,
                fitness=path.fitness,
                skipped=named(path.deviations.skipped),
                repeated_stages=named(path.deviations.repeats),
                out_of_order=named(path.deviations.out_of_order),
            )
            for path in found.paths[: request.limit or DEFAULT_PATHS]
        ],
    )


def says_does(found: Mapping[str, Mapping[Group | None, Went]]) -> pb.SaysDoes:
    return pb.SaysDoes(
        stages=[
            pb.StageSaysDoes(
                stage=stage,
                score=_score(groups),
                promoters=_conversion(groups[Group.PROMOTER]),
                passives=_conversion(groups[Group.PASSIVE]),
                detractors=_conversion(groups[Group.DETRACTOR]),
                silent=_conversion(groups[None]),
            )
            for stage, groups in found.items()
        ]
    )


def _score(groups: Mapping[Group | None, Went]) -> float | None:
    score = Score(*(groups[group].reached for group in Group))
    return score.value if score.answers else None


def _conversion(went: Went) -> pb.GroupConversion:
    return pb.GroupConversion(
        reached=went.reached,
        went_on=went.went_on,
        conversion_rate=rate(went.went_on, went.reached),
    )


def value_calendar(request: pb.GetLifetimeValueRequest) -> Calendar:
    """Returns the intervals of a request; months where it names none."""
    interval = INTERVALS.decode(request.interval) if request.interval else Interval.MONTH
    return Calendar(interval, request.time_zone or "UTC")


def lifetime_value(found: Sequence[ValueCohort]) -> pb.LifetimeValue:
    return pb.LifetimeValue(
        cohorts=[
            pb.ValueCohort(
                begin=cohort.begin,
                people=cohort.people,
                values=[
                    _value(cohort.people, currency, one) for currency, one in cohort.values.items()
                ],
            )
            for cohort in found
        ]
    )


def _value(people: int, currency: str, one: CohortValue) -> pb.CohortValue:
    return pb.CohortValue(
        currency=currency,
        orders=one.orders,
        net_minor=one.net_minor,
        net_minor_a_person=one.net_minor[-1] // people,
        net_minor_an_order=one.net_minor[-1] // one.orders if one.orders else 0,
        orders_with_margin=one.orders_with_margin,
        margin_minor=one.margin_minor,
    )
