"""Segments against a plain recomputation in Python, over random histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from journey.errors import InvalidQuestion
from journey.maps.rules import Condition, Rule
from journey.questions.analyses.comparison import Compared
from journey.questions.calendar import Interval
from journey.questions.filters import Filter, Newcomers
from journey.questions.funnels import Funnel, FunnelOptions
from journey.questions.trends import Trend
from journey.questions.wire import segment_filter, shared_period
from services.journey.tests.histories import Row, a_history, answer_of, by_person
from services.journey.tests.journey_world import START, at
from sojourn.journey.v1 import questions_pb2 as pb

SEEDS = range(25)
SINCE, UNTIL = at(30_000), at(500_000)
BUYERS = Filter(who_did=(Condition("kind", any_of=("order.placed",)),))
PHONES = Filter(devices=("phone",))
NEW = Filter(since=SINCE, newcomers=Newcomers.NEW)
STEPS = tuple(
    (Rule((Condition("kind", any_of=(kind,)),)),) for kind in ("product.view", "order.placed")
)


def within(rows: Sequence[Row], segment: Filter) -> list[Row]:
    """Returns the rows of a period that a segment lets through, one by one."""
    since, until = SINCE.timestamp() * 1e6, UNTIL.timestamp() * 1e6
    found = []
    for person in by_person(rows):
        bought = any(row.kind == "order.placed" and row.at < until for row in person)
        if segment.who_did and not bought:
            continue
        if segment.newcomers and person[0].at < since:
            continue
        found += [
            row
            for row in person
            if since <= row.at < until
            and row.counts
            and (not segment.devices or row.text("device") in segment.devices)
        ]
    return found


def in_period(segment: Filter) -> Filter:
    message = pb.TouchpointFilter()
    message.time_range.since.FromDatetime(SINCE)
    message.time_range.until.FromDatetime(UNTIL)
    document: dict[str, Any] = {
        "devices": list(segment.devices),
        "who_did": [{"field": one.field, "any_of": list(one.any_of)} for one in segment.who_did],
    }
    if segment.newcomers:
        document["newcomers"] = segment.newcomers.value
    return segment_filter(document, message, "filter.segment", START)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("segment", [BUYERS, PHONES, NEW], ids=["buyers", "phones", "new"])
def test_a_filter_within_a_segment_counts_what_both_let_through(seed: int, segment: Filter) -> None:
    rows = a_history(seed)
    chosen = Filter(since=SINCE, until=UNTIL, channels=("web",)).narrowed(in_period(segment))
    plain = [row for row in within(rows, segment) if row.text("channel") == "web"]

    points = answer_of(
        rows,
        Trend(Interval.MONTH, "UTC"),
        since=chosen.since,
        until=chosen.until,
        channels=chosen.channels,
        segments=chosen.segments,
    )

    assert sum(point.counts.touchpoints for point in points) == len(plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_that_are_compared_are_answered_each_by_itself(seed: int) -> None:
    rows = a_history(seed)
    whole = Filter(since=SINCE, until=UNTIL)
    segments = [whole.narrowed(in_period(one)) for one in (BUYERS, PHONES, NEW)]
    asked = Compared(
        Trend(Interval.MONTH, "UTC", "kind"),
        [(one, Trend(Interval.MONTH, "UTC", "kind")) for one in segments],
    )

    found = answer_of(rows, asked, since=SINCE, until=UNTIL)

    for points, segment in zip(found.segments, (BUYERS, PHONES, NEW), strict=True):
        counted: Counter[str] = Counter()
        for point in points:
            counted[point.value] += point.counts.touchpoints
        assert counted == Counter(row.kind for row in within(rows, segment))
    total = sum(point.counts.touchpoints for point in found.whole)
    assert total == len(within(rows, Filter()))


@pytest.mark.parametrize("seed", SEEDS)
def test_funnels_that_are_compared_equal_those_that_are_asked_alone(seed: int) -> None:
    rows = a_history(seed)
    options = FunnelOptions(steps=STEPS)
    chosen = Filter(since=SINCE, until=UNTIL).narrowed(in_period(BUYERS))

    compared = answer_of(
        rows,
        Compared(Funnel(options), [(chosen, Funnel(options))]),
        since=SINCE,
        until=UNTIL,
    )
    alone = answer_of(rows, Funnel(options), since=SINCE, until=UNTIL, segments=chosen.segments)

    assert compared.segments[0][""].reached == alone[""].reached


def test_periods_that_share_nothing_make_an_empty_one() -> None:
    assert shared_period((at(0), at(10)), (at(20), None)) == (at(20), at(20))
    assert shared_period((None, at(10)), (at(5), None)) == (at(5), at(10))


def test_a_segment_of_new_people_needs_a_period() -> None:
    with pytest.raises(InvalidQuestion):
        segment_filter({"newcomers": "new"}, pb.TouchpointFilter(), "filter.segment", START)


def test_bots_count_where_the_filter_or_the_segment_says_so() -> None:
    rows = [Row("p", 0, "search", {"device": "bot"})]
    with_bots = Filter().narrowed(Filter(with_bots=True))

    points = answer_of(
        rows,
        Trend(Interval.DAY, "UTC"),
        with_bots=with_bots.with_bots,
        segments=with_bots.segments,
    )

    assert sum(point.counts.touchpoints for point in points) == 1
