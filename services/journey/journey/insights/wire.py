"""Insights and their settings as messages."""

import math
from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from journey.errors import InvalidQuestion
from journey.insights.model import Insight, InsightSettings, InsightState, Measure
from journey.questions.calendar import require_zone
from sojourn.journey.v1 import insights_pb2 as pb
from sojourn.journey.v1 import questions_pb2

STATES: Final = EnumCodec(pb.InsightState, InsightState)
MEASURES: Final = EnumCodec(pb.InsightMeasure, Measure)
_THRESHOLDS: Final = (1.0, 100.0)
_CHANGES: Final = (0.0, 10.0)


def settings_of(message: pb.InsightSettings) -> InsightSettings:
    """Returns settings. Raises InvalidQuestion for what makes no sense."""
    require_zone(message.time_zone)
    for name, (least, most) in {"threshold": _THRESHOLDS, "least_change": _CHANGES}.items():
        value = getattr(message, name)
        if not math.isfinite(value) or not least <= value <= most:
            raise InvalidQuestion(f"{least:g} to {most:g}", field=f"settings.{name}")
    return InsightSettings(
        maps=list(dict.fromkeys(message.maps)),
        time_zone=message.time_zone,
        threshold=message.threshold,
        least_volume=message.least_volume,
        least_change=message.least_change,
        slow_ms=message.slow_ms,
    )


def encode_settings(row: InsightSettings) -> pb.InsightSettings:
    return pb.InsightSettings(
        maps=row.maps,
        time_zone=row.time_zone,
        threshold=row.threshold,
        least_volume=row.least_volume,
        least_change=row.least_change,
        slow_ms=row.slow_ms,
        version=row.version,
    )


def encode_insight(row: Insight) -> pb.Insight:
    message = pb.Insight(
        id=str(row.id),
        version=row.version,
        state=STATES.encode(row.state),
        map=row.map_slug,
        subject=row.subject,
        measure=MEASURES.encode(row.measure),
        is_rise=row.is_rise,
        is_good=row.is_good,
        began_on=str(row.began_on),
        last_on=str(row.last_on),
        ended_on=str(row.ended_on) if row.ended_on else "",
        days=row.days,
        actual=row.actual,
        expected=row.expected,
        score=row.score,
        volume=row.volume,
        likely=_money(row.likely),
        at_most=_money(row.at_most),
        pains=[
            pb.InsightPain(
                kind=one.kind,
                outcome=one.outcome,
                reason=one.reason,
                people=one.people,
                at_most=_money(one.at_most),
                likely=_money(one.likely),
            )
            for one in row.pains
        ],
        created_at=timestamp(row.created_at),
        changed_at=timestamp(row.changed_at),
    )
    if row.audience.dimension:
        message.audience.dimension = row.audience.dimension
        message.audience.value = row.audience.value
        message.audience.share = row.audience.share
    return message


def _money(amounts: dict[str, int]) -> list[questions_pb2.CurrencyAmount]:
    return [
        questions_pb2.CurrencyAmount(currency=currency, amount_minor=amount)
        for currency, amount in sorted(amounts.items())
    ]
