"""Questions of the contract to their options, and answers to messages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from google.protobuf.json_format import ParseError
from pydantic import JsonValue

from chassis.rpc import documents
from chassis.rpc.wire import EnumCodec
from journey.errors import InvalidMap, InvalidQuestion
from journey.maps.rules import Condition, Rule, rules_of
from journey.questions.analyses.comparison import Comparison
from journey.questions.attribution import Attributed, Model
from journey.questions.calendar import Interval
from journey.questions.filters import Filter, Newcomers
from journey.questions.funnels import FunnelOptions, Order, Segment
from journey.questions.paths import PathCounts, PathOptions, Scope
from journey.questions.queries import Calendar
from journey.questions.retention import Cohort
from journey.questions.trends import Point
from journey.store.vocabulary import Word
from journey.wire import time_or_none
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb

INTERVALS: Final = EnumCodec(pb.Interval, Interval, unspecified=Interval.DAY)
MODELS: Final = EnumCodec(pb.AttributionModel, Model, unspecified=Model.LAST)
PATH_SCOPES: Final = EnumCodec(pb.WayScope, Scope, unspecified=Scope.SESSION)
FUNNEL_SCOPES: Final = EnumCodec(pb.WayScope, Scope, unspecified=Scope.PERSON)
ORDERS: Final = EnumCodec(pb.StepOrder, Order, unspecified=Order.SEQUENCE)
NEWCOMERS: Final = EnumCodec(pb.Newcomers, Newcomers)
DEFAULT_STEPS: Final = 5
DEFAULT_LOOKBACK_DAYS: Final = 30
MOST_TRANSITIONS: Final = 500
# Not before, and before; None is any.
Period = tuple[datetime | None, datetime | None]


def with_period(message: pb.TouchpointFilter, now: datetime) -> pb.TouchpointFilter:
    """Returns a filter whose period does not depend on the time of asking.

    Raises InvalidQuestion where the filter has two periods.
    """
    if not message.last_days:
        return message
    if message.HasField("time_range"):
        raise InvalidQuestion("a period is told once", field="filter.last_days")
    fixed = pb.TouchpointFilter()
    fixed.CopyFrom(message)
    fixed.ClearField("last_days")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    fixed.time_range.since.FromDatetime(midnight - timedelta(days=message.last_days))
    fixed.time_range.until.FromDatetime(now)
    return fixed


def filter_of(message: pb.TouchpointFilter) -> Filter:
    """Returns the filter of a message of `with_period`. Raises InvalidQuestion."""
    since, until = times_of(message.time_range)
    return Filter(
        since=since,
        until=until,
        channels=tuple(message.channels),
        devices=tuple(message.devices),
        conditions=conditions_of(message.conditions, "filter.conditions"),
        who_did=conditions_of(message.who_did, "filter.who_did"),
        who_did_not=conditions_of(message.who_did_not, "filter.who_did_not"),
        newcomers=NEWCOMERS.decode(message.newcomers) if message.newcomers else None,
        with_bots=message.with_bots,
    )


def segment_filter(
    document: Mapping[str, JsonValue], asked: pb.TouchpointFilter, field: str, now: datetime
) -> Filter:
    """Returns a segment's filter, in the period that it shares with the filter that is asked.

    Raises InvalidQuestion where the segment needs a period and neither has one.
    """
    message = pb.TouchpointFilter()
    try:
        documents.fill(message, dict(document))
        message = with_period(message, now)
        since, until = shared_period(times_of(asked.time_range), times_of(message.time_range))
        message.ClearField("time_range")
        if since is not None:
            message.time_range.since.FromDatetime(since)
        if until is not None:
            message.time_range.until.FromDatetime(until)
        return filter_of(message)
    except (ParseError, ValueError, TypeError) as error:
        raise InvalidQuestion(f"the segment cannot be read: {error}", field=field) from None


def shared_period(one: Period, other: Period) -> Period:
    """Returns the period that two share; an empty one where they share none."""
    since = max((at for at in (one[0], other[0]) if at is not None), default=None)
    until = min((at for at in (one[1], other[1]) if at is not None), default=None)
    if since is not None and until is not None:
        until = max(since, until)
    return since, until


def calendar_of(request: pb.GetTrendRequest | pb.GetRetentionRequest) -> Calendar:
    """Returns the intervals of a request. Raises InvalidQuestion."""
    return Calendar(INTERVALS.decode(request.interval), request.time_zone or "UTC")


def path_options(request: pb.GetPathsRequest) -> PathOptions:
    return PathOptions(
        scope=PATH_SCOPES.decode(request.scope),
        steps=request.steps or DEFAULT_STEPS,
        after=request.after,
        before=request.before,
        joins_repeats=not request.with_repeats,
    )


def funnel_options(request: pb.GetStepFunnelRequest) -> FunnelOptions:
    """Returns the options of a funnel. Raises InvalidQuestion."""
    return FunnelOptions(
        steps=tuple(
            rules(step.rules, f"steps[{number}].rules") for number, step in enumerate(request.steps)
        ),
        order=ORDERS.decode(request.order),
        scope=FUNNEL_SCOPES.decode(request.scope),
        window=timedelta(seconds=request.window_seconds),
        excluded=rules(request.excluded, "excluded"),
        same=request.same,
        by=request.by,
    )


def lookback_of(request: pb.GetAttributionRequest) -> timedelta:
    return timedelta(days=request.lookback_days or DEFAULT_LOOKBACK_DAYS)


def rules(messages: Iterable[journey_pb2.Rule], field: str) -> tuple[Rule, ...]:
    """Returns rules. Raises InvalidQuestion with the field of what is wrong."""
    try:
        return rules_of([documents.document_of(one) for one in messages], field)
    except InvalidMap as error:
        raise InvalidQuestion(error.metadata["problem"], field=error.metadata["path"]) from None


def conditions_of(messages: Sequence[journey_pb2.Condition], field: str) -> tuple[Condition, ...]:
    if not messages:
        return ()
    (rule,) = rules([journey_pb2.Rule(when=messages)], field)
    return rule.when


def times_of(message: Any) -> Period:
    """Returns a time range: not before, and before."""
    return time_or_none(message, "since"), time_or_none(message, "until")


def amounts(by_currency: Mapping[str, int]) -> list[pb.CurrencyAmount]:
    return [
        pb.CurrencyAmount(currency=currency, amount_minor=amount)
        for currency, amount in sorted(by_currency.items())
    ]


def trend(request: pb.GetTrendRequest, found: Comparison[list[Point]]) -> pb.Trend:
    return pb.Trend(
        points=_points(found.whole),
        compared=[
            pb.TrendOfSegment(segment=slug, points=_points(points))
            for slug, points in zip(request.compare_segments, found.segments, strict=True)
        ],
    )


def _points(points: Sequence[Point]) -> list[pb.TrendPoint]:
    return [
        pb.TrendPoint(
            begin=point.begin,
            value=point.value,
            touchpoints=point.counts.touchpoints,
            people=point.counts.people,
            sessions=point.counts.sessions,
            orders=point.counts.orders,
            revenue=amounts(point.counts.revenue),
        )
        for point in points
    ]


def paths(found: PathCounts) -> pb.Paths:
    return pb.Paths(
        paths=found.paths,
        bounces=found.bounces,
        nodes=[
            pb.PathNode(step=step, kind=kind, paths=count, ends=found.ends[step, kind])
            for (step, kind), count in sorted(
                found.nodes.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])
            )
        ],
        links=[
            _link(step, kind, to, count)
            for (step, kind, to), count in sorted(
                found.links.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0])
            )
        ],
        entries=_kind_counts(found.entries),
        exits=_kind_counts(found.exits),
        transitions=[
            pb.Transition(to=to, count=count, **{"from": kind})
            for (kind, to), count in _largest(found.transitions)[:MOST_TRANSITIONS]
        ],
    )


def _link(step: int, kind: str, to: str, count: int) -> pb.PathLink:
    link = pb.PathLink(step=step, to=to, paths=count)
    setattr(link, "from", kind)
    return link


def _kind_counts(found: Mapping[str, int]) -> list[pb.KindCount]:
    return [pb.KindCount(kind=kind, count=count) for kind, count in _largest(found)]


def _largest(found: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def retention(cohorts: Sequence[Cohort]) -> pb.Retention:
    return pb.Retention(
        cohorts=[
            pb.Cohort(begin=one.begin, people=one.people, returned=one.returned) for one in cohorts
        ]
    )


def attribution(found: Attributed) -> pb.Attribution:
    return pb.Attribution(
        credits=[
            pb.AttributionCredit(
                value=one.value,
                orders=one.orders,
                revenue=pb.CurrencyAmount(currency=one.currency, amount_minor=one.net_minor),
            )
            for one in found.credits
        ],
        orders=found.orders,
        revenue=amounts(found.net_minor),
    )


def step_funnel(
    request: pb.GetStepFunnelRequest, found: Comparison[dict[str, Segment]]
) -> pb.StepFunnel:
    return pb.StepFunnel(
        segments=_step_segments(request, found.whole),
        compared=[
            pb.StepFunnelOfSegment(segment=slug, segments=_step_segments(request, segments))
            for slug, segments in zip(request.compare_segments, found.segments, strict=True)
        ],
    )


def _step_segments(
    request: pb.GetStepFunnelRequest, found: Mapping[str, Segment]
) -> list[pb.StepFunnelSegment]:
    return [
        pb.StepFunnelSegment(value=value, steps=_step_counts(request, segment))
        for value, segment in found.items()
    ]


def _step_counts(request: pb.GetStepFunnelRequest, segment: Segment) -> list[pb.StepCount]:
    found = []
    for step, reached in enumerate(segment.reached):
        before = segment.reached[step - 1] if step else reached
        rate = 1.0 if not step else reached / before if before else 0.0
        found.append(
            pb.StepCount(
                name=request.steps[step].name,
                reached=reached,
                conversion_rate=rate,
                median_seconds=segment.median_seconds(step),
            )
        )
    return found


def vocabulary(words: Sequence[Word]) -> pb.Vocabulary:
    return pb.Vocabulary(
        columns=[
            pb.VocabularyColumn(
                column=column,
                values=[
                    pb.VocabularyValue(value=word.value, touchpoints=word.touchpoints)
                    for word in group
                ],
            )
            for column, group in groupby(words, key=lambda word: word.column)
        ]
    )
