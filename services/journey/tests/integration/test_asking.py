"""Questions through the service, on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World, a_touchpoint, an_id, at
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as pb


def kind(*names: str) -> journey_pb2.Rule:
    return journey_pb2.Rule(when=[journey_pb2.Condition(field="kind", any_of=names)])


def steps(*names: str) -> list[pb.FunnelStep]:
    return [pb.FunnelStep(name=name, rules=[kind(name)]) for name in names]


def an_order(visitor: str, *, seconds: float, order: str, amount: int = 20_00) -> Touchpoint:
    return a_touchpoint(
        "order.placed",
        seconds=seconds,
        visitor=visitor,
        source="event",
        subject=order,
        amount_minor=amount,
        currency="EUR",
    )


STORY: Sequence[Touchpoint] = (
    a_touchpoint("page.view", visitor="Ana", seconds=0, utm_source="google"),
    a_touchpoint("search", visitor="Ana", seconds=10, properties='{"term": "tea"}'),
    a_touchpoint("cart.line_added", visitor="Ana", seconds=20),
    an_order("Ana", seconds=30, order="O1"),
    a_touchpoint(
        "order.refunded",
        visitor="Ana",
        seconds=90_000,
        source="event",
        subject="O1",
        amount_minor=5_00,
        currency="EUR",
    ),
    a_touchpoint("page.view", visitor="Ben", seconds=5, utm_source="mail", channel="app"),
    a_touchpoint("cart.line_added", visitor="Ben", seconds=86_500, channel="app"),
    a_touchpoint("page.view", visitor="Bot", seconds=7, device="bot"),
)


@pytest.fixture
async def story(world: World) -> World:
    await world.record_touchpoints(*STORY)
    return world


async def ask(world: World, method: str, request: Any, token: str = "") -> Any:
    return await world.ask(getattr(world.questions, method), request, token or world.staff)


async def test_a_trend_tells_each_day(story: World) -> None:
    found = await ask(story, "GetTrend", pb.GetTrendRequest(time_zone="Europe/Berlin"))

    days = {point.begin: point for point in found.points}
    assert list(days) == ["2026-03-01", "2026-03-02"]
    first = days["2026-03-01"]
    assert (first.touchpoints, first.people, first.sessions, first.orders) == (5, 2, 2, 1)
    assert [(one.currency, one.amount_minor) for one in first.revenue] == [("EUR", 15_00)]


async def test_an_answer_that_is_ready_in_time_is_exact(story: World) -> None:
    in_time = await ask(story, "GetTrend", pb.GetTrendRequest(within_ms=10_000))

    assert in_time == await ask(story, "GetTrend", pb.GetTrendRequest())


async def test_paths_begin_go_on_and_end(story: World) -> None:
    found = await ask(story, "GetPaths", pb.GetPathsRequest())

    assert (found.paths, found.bounces) == (3, 2)
    assert {one.kind: one.count for one in found.entries} == {"page.view": 2, "cart.line_added": 1}
    assert {one.kind: one.count for one in found.exits} == {
        "order.placed": 1,
        "page.view": 1,
        "cart.line_added": 1,
    }


async def test_attribution_ties_every_cent_to_an_order(story: World) -> None:
    for model in pb.AttributionModel.values():
        found = await ask(story, "GetAttribution", pb.GetAttributionRequest(model=model))

        assert [(one.value, one.orders, one.revenue.amount_minor) for one in found.credits] == [
            ("google", 1.0, 15_00)
        ]
        assert (found.orders, found.revenue[0].amount_minor) == (1, 15_00)


async def test_retention_counts_who_came_back(story: World) -> None:
    found = await ask(story, "GetRetention", pb.GetRetentionRequest(begins=[kind("page.view")]))

    assert [(one.begin, one.people, list(one.returned)) for one in found.cohorts] == [
        ("2026-03-01", 2, [1, 2])
    ]


async def test_a_number_opens_to_its_people(story: World) -> None:
    funnel = pb.GetStepFunnelRequest(steps=steps("page.view", "cart.line_added", "order.placed"))

    counted = await ask(story, "GetStepFunnel", funnel)
    left = await ask(
        story, "ListFunnelPeople", pb.ListFunnelPeopleRequest(funnel=funnel, step=2, left=True)
    )

    (segment,) = counted.segments
    assert [(one.name, one.reached) for one in segment.steps] == [
        ("page.view", 2),
        ("cart.line_added", 2),
        ("order.placed", 1),
    ]
    assert segment.steps[1].median_seconds == 20
    assert (left.people, list(left.person_ids)) == (1, [str(an_id("Ben"))])
    opened = await story.journey(visitor_id=left.person_ids[0])
    assert [one.kind for one in opened.touchpoints] == ["page.view", "cart.line_added"]


async def test_the_vocabulary_names_what_there_is(story: World) -> None:
    found = await ask(story, "GetVocabulary", pb.GetVocabularyRequest())

    words = {
        one.column: {value.value: value.touchpoints for value in one.values}
        for one in found.columns
    }
    assert words["kind"]["page.view"] == 3
    assert words["channel"] == {"default": 6, "app": 2}
    assert words["property:term"] == {"tea": 1}


async def test_a_filter_narrows_every_question(story: World) -> None:
    request = pb.GetTrendRequest(filter=pb.TouchpointFilter(channels=["app"], with_bots=True))
    request.filter.time_range.since.FromDatetime(at(0))
    request.filter.newcomers = pb.NEWCOMERS_NEW

    found = await ask(story, "GetTrend", request)

    assert sum(point.touchpoints for point in found.points) == 2


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("GetTrend", pb.GetTrendRequest(by="visitor"), "by"),
        ("GetTrend", pb.GetTrendRequest(time_zone="Mars/Base"), "time_zone"),
        ("GetPaths", pb.GetPathsRequest(after="a", before="b"), "before"),
        (
            "GetTrend",
            pb.GetTrendRequest(filter=pb.TouchpointFilter(newcomers=1)),
            "filter.time_range.since",
        ),
        (
            "GetStepFunnel",
            pb.GetStepFunnelRequest(
                steps=[
                    pb.FunnelStep(rules=[journey_pb2.Rule(when=[journey_pb2.Condition(field="x")])])
                ]
            ),
            "steps[0].rules[0].when[0].field",
        ),
    ],
)
async def test_a_question_without_sense_is_refused_with_its_field(
    world: World, method: str, request_message: Any, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        await ask(world, method, request_message)

    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("INVALID_QUESTION", field)


async def test_questions_are_for_staff_with_the_scope(world: World) -> None:
    with pytest.raises(DomainError) as refusal:
        await ask(world, "GetTrend", pb.GetTrendRequest(), world.tokens.customer())

    assert refusal.value.reason == "SCOPE_REQUIRED"
