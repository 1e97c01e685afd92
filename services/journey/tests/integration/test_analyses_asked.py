"""Analyses through the service, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.testing import eur
from checkout.testing import an_order
from services.journey.tests.integration.test_asking import an_order as placed
from services.journey.tests.integration.test_asking import steps
from services.journey.tests.journey_world import World, a_touchpoint, an_id, at, kinds
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_TOTAL, Total
from sojourn.journey.v1 import questions_pb2 as pb


async def ask(world: World, method: str, request: Any) -> Any:
    return await world.ask(getattr(world.questions, method), request, world.staff)


async def test_times_run_from_step_to_step_and_over_all(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="Ana", seconds=0),
        a_touchpoint("search", visitor="Ana", seconds=20),
        a_touchpoint("page.view", visitor="Ben", seconds=0),
        a_touchpoint("search", visitor="Ben", seconds=60),
        placed("Ben", seconds=100, order="O1"),
    )
    funnel = pb.GetStepFunnelRequest(steps=steps("page.view", "search", "order.placed"))

    (found,) = (await ask(world, "GetStepTimes", pb.GetStepTimesRequest(funnel=funnel))).segments

    assert [(one.name, one.since_previous.count) for one in found.steps] == [
        ("page.view", 0),
        ("search", 2),
        ("order.placed", 1),
    ]
    since = found.steps[1].since_previous
    assert (since.p25_seconds, since.median_seconds, since.p90_seconds) == (20, 20, 60)
    assert (found.ways, found.whole.median_seconds) == (2, 100)


async def test_pains_tell_whom_they_meet_and_what_may_be_lost(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("cart.add", visitor="Ana", seconds=0, outcome="refused", reason="SOLD_OUT"),
        a_touchpoint("cart.line_added", visitor="Ben", seconds=0),
        placed("Ben", seconds=30, order="O1"),
    )

    (pain,) = (await ask(world, "GetPains", pb.GetPainsRequest(window_hours=1))).pains

    assert (pain.kind, pain.outcome, pain.reason) == ("cart.add", "refused", "SOLD_OUT")
    assert (pain.people, pain.bought, pain.open, pain.lost, pain.usual_rate) == (1, 0, 0, 1, 1.0)
    assert [(one.currency, one.amount_minor) for one in pain.at_most] == [("EUR", 20_00)]
    assert list(pain.likely) == list(pain.at_most)


async def test_a_product_is_followed_from_its_view_to_its_revenue_by_the_shops_own_events(
    world: World,
) -> None:
    tent, stove = (an_order().lines[0] for _ in range(2))
    tent.item.product_slug, stove.item.product_slug = "tent", "stove"
    order = an_order(
        id=str(an_id("O")),
        owner_id=str(an_id("G")),
        lines=[tent, stove],
        totals=[Total(type=TOTAL_TYPE_TOTAL, amount=eur(30_00))],
    )
    await world.record_touchpoints(
        a_touchpoint("product.view", visitor="V", guest="G", subject="tent"),
        a_touchpoint("product.view", visitor="W", subject="tent"),
    )
    added = cart.CartLineAdded(
        cart_id=str(an_id("K")), version=1, owner_id=str(an_id("G")), product_slug="tent"
    )
    await world.hear(added, seconds=5, visitor="V", consent="granted")
    await world.hear(
        checkout.OrderPlaced(order=order, cart_id=str(an_id("K"))),
        seconds=9,
        visitor="V",
        consent="granted",
    )

    request = pb.GetProductPerformanceRequest()
    found = {
        one.product: one for one in (await ask(world, "GetProductPerformance", request)).products
    }

    one = found["tent"]
    assert (one.views, one.viewers, one.adders, one.orders, one.buyers) == (2, 2, 1, 1, 1)
    assert (one.cart_rate, one.order_rate) == (0.5, 1.0)
    assert found["stove"].orders == 1
    assert sum(each.revenue[0].amount_minor for each in found.values()) == 30_00


async def test_a_term_tells_what_it_found_and_what_came_of_it(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("search", visitor="A", properties='{"term": "tea", "results": "0"}'),
        a_touchpoint(
            "search", visitor="A", seconds=5, properties='{"term": "mug", "results": "3"}'
        ),
        a_touchpoint("product.view", visitor="A", seconds=9, subject="mug"),
        placed("A", seconds=30, order="O1"),
    )

    found = (await ask(world, "GetSearchTerms", pb.GetSearchTermsRequest())).terms

    assert [
        (one.term, one.searches, one.without_results, one.clicked, one.ordered) for one in found
    ] == [("mug", 1, 0, 1, 1), ("tea", 1, 1, 0, 1)]


async def test_a_day_of_few_is_an_anomaly_after_weeks_of_many(world: World) -> None:
    await world.record_touchpoints(
        *(
            a_touchpoint("search", visitor="A", seconds=day * 86_400 + number)
            for day in range(50)
            for number in range(1 if day == 45 else 20)
        )
    )

    request = pb.GetAnomaliesRequest()
    request.filter.time_range.until.FromDatetime(at(50 * 86_400))

    found = await ask(world, "GetAnomalies", request)

    assert [(one.value, one.actual, one.expected) for one in found.anomalies] == [
        ("search", 1, 20.0)
    ]
    assert found.anomalies[0].score < -3.5
    assert found.too_new == 28


async def test_paths_are_told_by_the_slugs_of_the_maps_stages(world: World) -> None:
    await world.put_map("own", [kinds("page.view")], [kinds("search")], [kinds("order.placed")])
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="Ana", seconds=0),
        a_touchpoint("other", visitor="Ana", seconds=1),
        placed("Ana", seconds=2, order="O1"),
        a_touchpoint("feedback.given", visitor="Ana", seconds=3, properties='{"score": "9"}'),
    )

    found = await ask(world, "GetConformance", pb.GetConformanceRequest(map="own"))
    says = await ask(world, "GetSaysDoes", pb.GetSaysDoesRequest(map="own"))

    (path,) = found.paths
    assert (list(path.stages), list(path.skipped), path.fitness) == (
        ["stage-0", "stage-2"],
        ["stage-1"],
        0.5,
    )
    assert (found.map, found.map_version, found.people, found.unknown_rate) == ("own", 1, 1, 0.5)
    assert [(one.stage, one.score, one.promoters.reached) for one in says.stages] == [
        ("stage-0", 100.0, 1),
        ("stage-1", 0.0, 0),
        ("stage-2", 0.0, 0),
    ]
    assert [one.HasField("score") for one in says.stages] == [True, False, False]


async def test_a_map_that_is_none_is_not_found(world: World) -> None:
    for method, request in (
        ("GetConformance", pb.GetConformanceRequest(map="none")),
        ("GetSaysDoes", pb.GetSaysDoesRequest(map="none")),
    ):
        with pytest.raises(DomainError) as refusal:
            await ask(world, method, request)
        assert refusal.value.reason == "MAP_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("GetAnomalies", pb.GetAnomaliesRequest(interval=pb.INTERVAL_WEEK), "interval"),
        ("GetAnomalies", pb.GetAnomaliesRequest(threshold=0.5), "threshold"),
        ("GetAnomalies", pb.GetAnomaliesRequest(by="visitor"), "by"),
        (
            "GetProductPerformance",
            pb.GetProductPerformanceRequest(order_column="visitor"),
            "order_column",
        ),
        (
            "GetStepTimes",
            pb.GetStepTimesRequest(
                funnel=pb.GetStepFunnelRequest(steps=steps("a"), compare_segments=["x"])
            ),
            "funnel.compare_segments",
        ),
    ],
)
async def test_an_analysis_without_sense_is_refused_with_its_field(
    world: World, method: str, request_message: Any, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        await ask(world, method, request_message)

    assert (refusal.value.reason, refusal.value.metadata["field"]) == ("INVALID_QUESTION", field)
