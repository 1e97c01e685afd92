"""Estimates: the truth is within their margins, and what was read whole is exact."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from journey.estimates.sample import SamplingStore
from journey.estimates.scale import estimate, margin_of
from journey.questions.calendar import Interval
from journey.questions.filters import Filter
from journey.questions.queries import Calendar, get_trend
from journey.questions.wire import trend
from journey.store.batch import Batch
from journey.store.store import BUCKETS, Wanted
from services.journey.tests.histories import Row, batch_of, by_person
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb

SEEDS = range(40)


class BucketStore:
    """A store of rows whose buckets hold people by chance; each is a sample."""

    def __init__(self, rows: list[Row], seed: int) -> None:
        draw = random.Random(seed)
        self._buckets: list[list[list[Row]]] = [[] for _ in range(BUCKETS)]
        for person in by_person(rows):
            draw.choice(self._buckets).append(person)

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        for number, people in enumerate(self._buckets, start=1):
            if people:
                yield replace(batch_of(people, wanted.columns), read_share=number / BUCKETS)


def a_history(seed: int, people: int = 1_000) -> list[Row]:
    draw = random.Random(seed)
    return [
        Row(f"p{person:04}", number * pause, draw.choice(["page.view", "order.placed"]))
        for person in range(people)
        for pause in draw.choices([600, 4_000])
        for number in range(draw.choice([1, 1, 2, 5, 20]))
    ]


def answer(store: BucketStore, seconds: float) -> pb.Trend:
    sampling = SamplingStore(store, seconds)
    found = asyncio.run(get_trend(sampling, Filter(), Calendar(Interval.MONTH), ""))
    return estimate(trend(pb.GetTrendRequest(), found), sampling)


def test_the_truth_is_within_the_margins_of_nineteen_of_twenty_estimates() -> None:
    within = {"people": 0, "touchpoints": 0, "orders": 0, "sessions": 0}

    for seed in SEEDS:
        store = BucketStore(a_history(seed), seed)
        exact, found = answer(store, 0).points[0], answer(store, 1e-9)
        assert found.estimate.read_share == 1 / BUCKETS
        for name in within:
            error = abs(getattr(found.points[0], name) - getattr(exact, name))
            within[name] += error <= getattr(found.points[0], f"{name}_margin")

    assert all(number >= 0.9 * len(SEEDS) for number in within.values()), within


def test_an_answer_from_all_people_is_exact_and_says_nothing_of_a_share() -> None:
    store = BucketStore(a_history(1), seed=1)

    in_time, exact = answer(store, 60), answer(store, 0)

    assert in_time == exact
    assert not in_time.HasField("estimate")
    assert in_time.points[0].people == 1_000
    assert in_time.points[0].people_margin == 0


def test_money_and_lists_are_scaled_and_rates_are_not() -> None:
    store = SamplingStore(BucketStore([], seed=1))
    store.read_share = 0.25
    funnel = pb.StepFunnel(
        segments=[
            pb.StepFunnelSegment(
                steps=[pb.StepCount(reached=10, conversion_rate=0.5, median_seconds=3)]
            )
        ]
    )
    cohorts = pb.Retention(cohorts=[pb.Cohort(people=4, returned=[0, 3])])
    credits = pb.Attribution(
        credits=[
            pb.AttributionCredit(
                orders=1.5, revenue=pb.CurrencyAmount(currency="EUR", amount_minor=333)
            )
        ],
        orders=2,
    )

    numbers = journey_pb2.Funnel(
        segments=[
            journey_pb2.FunnelSegment(
                stages=[journey_pb2.FunnelStage(people=5, drop_off=1, conversion_rate=0.8)]
            )
        ],
        touchpoints=[journey_pb2.KindStatistics(touchpoints=9, people=5, errors=2, p95_ms=70)],
        revenue=[
            journey_pb2.StageRevenue(
                orders=2, gross_minor=100, refunded_minor=10, net_minor=90, average_order_minor=50
            )
        ],
    )

    for reply in (funnel, cohorts, credits, numbers):
        estimate(reply, store)

    step = funnel.segments[0].steps[0]
    assert (step.reached, step.conversion_rate, step.median_seconds) == (40, 0.5, 3)
    assert list(cohorts.cohorts[0].returned) == [0, 12]
    assert len(cohorts.cohorts[0].returned_margin) == 2
    assert (credits.credits[0].orders, credits.credits[0].revenue.amount_minor) == (6.0, 1332)
    assert credits.orders == 8
    stage, kind, money = numbers.segments[0].stages[0], numbers.touchpoints[0], numbers.revenue[0]
    assert (stage.people, stage.drop_off, stage.conversion_rate) == (20, 4, 0.8)
    assert (kind.touchpoints, kind.people, kind.errors, kind.p95_ms) == (36, 20, 8, 70)
    assert (money.orders, money.gross_minor, money.net_minor) == (8, 400, 360)
    assert money.average_order_minor == 50
    assert min(stage.people_margin, kind.touchpoints_margin, money.orders_margin) > 0


@pytest.mark.parametrize("share", [1 / 16, 0.5])
def test_a_margin_shrinks_with_the_share_and_ends_at_nothing(share: float) -> None:
    assert margin_of(100, share) > margin_of(200, share * 2) >= 0
    assert margin_of(100, 1) == 0
