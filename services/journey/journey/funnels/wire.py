"""Questions of maps from their messages, and the numbers of maps as messages."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chassis.rpc.wire import EnumCodec
from journey.errors import InvalidQuestion
from journey.funnels.model import KindStatistics, MapNumbers, MapQuestion, Reached, StageRevenue
from journey.funnels.queries import Behind
from journey.maps.model import JourneyMap, Stage, localized
from journey.maps.rules import Condition
from journey.questions.filters import Filter
from journey.questions.queries import require_column
from journey.questions.wire import conditions_of
from journey.wire import OUTCOMES, times_of
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import questions_pb2


class Breakdown(StrEnum):
    """Columns that a funnel is broken down by."""

    CHANNEL = "channel"
    UTM_SOURCE = "utm_source"
    UTM_MEDIUM = "utm_medium"
    UTM_CAMPAIGN = "utm_campaign"


BREAKDOWNS: Final = EnumCodec(pb.FunnelBreakdown, Breakdown)


def question_of_funnel(request: pb.GetFunnelRequest) -> MapQuestion:
    """Returns what a request asks of a map. Raises InvalidQuestion."""
    since, until = times_of(request)
    if since and until and since > until:
        raise InvalidQuestion("ends before it begins", field="time_range.until")
    campaign = {
        "utm_source": request.utm_source,
        "utm_medium": request.utm_medium,
        "utm_campaign": request.utm_campaign,
    }
    return MapQuestion(
        chosen=Filter(
            since=since,
            until=until,
            channels=(request.channel,) if request.channel else (),
            with_bots=request.with_bots,
        ),
        window=timedelta(seconds=request.window_seconds),
        begins=tuple(Condition(name, (value,)) for name, value in campaign.items() if value),
        by=BREAKDOWNS.decode(request.by) if request.by else "",
        with_touchpoints=request.with_touchpoints,
        with_revenue=request.with_revenue,
    )


def question_of_map(request: questions_pb2.GetMapNumbersRequest, chosen: Filter) -> MapQuestion:
    """Returns what a request asks of a map. Raises InvalidQuestion."""
    require_column(request.by, "by")
    return MapQuestion(
        chosen=chosen,
        window=timedelta(seconds=request.window_seconds),
        begins=conditions_of(request.begins, "begins"),
        by=request.by,
        with_touchpoints=request.with_touchpoints,
        with_revenue=request.with_revenue,
    )


def behind_of(request: questions_pb2.ListMapPeopleRequest, stages: Sequence[Stage]) -> Behind:
    """Returns the number that a request opens. Raises InvalidQuestion."""
    places = {stage.slug: place for place, stage in enumerate(stages)}
    if request.stage not in places:
        raise InvalidQuestion("the map has no such stage", field="stage", allowed=", ".join(places))
    return Behind(
        places[request.stage],
        request.left,
        request.kind,
        OUTCOMES.decode(request.outcome) if request.HasField("outcome") else "",
    )


def numbers_of(chart: JourneyMap, found: MapNumbers, locale: str) -> pb.Funnel:
    """Returns the numbers of a map as a message, with names in a locale."""
    return pb.Funnel(
        map=chart.slug,
        map_version=chart.version,
        segments=[
            segment(value, chart.stages, reached, locale)
            for value, reached in found.segments.items()
        ],
        touchpoints=[statistics(one, chart.stages) for one in found.statistics],
        revenue=[revenue(one, chart.stages) for one in found.revenue],
    )


def segment(
    value: str, stages: Sequence[Stage], reached: Sequence[Reached], locale: str
) -> pb.FunnelSegment:
    message = pb.FunnelSegment(value=value)
    before = first = reached[0].people if reached else 0
    for number, (stage, one) in enumerate(zip(stages, reached, strict=True)):
        message.stages.add(
            slug=stage.slug,
            name=localized(stage.name, locale),
            people=one.people,
            conversion_rate=one.people / before if before else 0.0,
            total_rate=one.people / first if first else 0.0,
            drop_off=before - one.people if number else 0,
            median_seconds=one.median.total_seconds(),
        )
        before = one.people
    return message


def statistics(one: KindStatistics, stages: Sequence[Stage]) -> pb.KindStatistics:
    message = pb.KindStatistics(
        stage=stages[one.stage].slug,
        kind=one.kind,
        touchpoints=one.touchpoints,
        people=one.people,
        errors=one.errors,
        refused=one.refused,
    )
    if one.p95_ms is not None:
        message.p95_ms = one.p95_ms
    return message


def revenue(one: StageRevenue, stages: Sequence[Stage]) -> pb.StageRevenue:
    return pb.StageRevenue(
        stage=stages[one.stage].slug,
        currency=one.currency,
        orders=one.orders,
        gross_minor=one.gross_minor,
        refunded_minor=one.refunded_minor,
        net_minor=one.net_minor,
        average_order_minor=one.average_order_minor,
    )
