from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import Denied, Invalid, NotFound
from chassis.rpc.wire import timestamp
from chassis.runtime.clock import uuid7
from services.journey.tests.journey_world import (
    World,
    a_touchpoint,
    an_id,
    at,
    order_placed,
    orders_of,
)
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.common.v1.time_range_pb2 import TimeRange
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.notifications.v1 import events_pb2 as notifications
from sojourn.notifications.v1.notifications_pb2 import TOPIC_TRANSACTIONAL


async def tell_a_story(world: World) -> None:
    """From an ad to an answered survey, as V, then G, then C."""
    campaign = {
        "utm_source": "instagram",
        "utm_medium": "paid-social",
        "utm_campaign": "spring",
        "click_id": "c1",
    }
    trace: dict[str, Any] = {"trace_id": uuid7(), "duration_ms": 20}
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="V", seconds=0, **campaign, **trace),
        a_touchpoint("category.view", visitor="V", seconds=10, **trace),
        a_touchpoint("product.view", visitor="V", seconds=30, **trace),
        a_touchpoint("cart.add", visitor="V", guest="G", seconds=60, **trace),
        a_touchpoint(
            "account.register",
            visitor="V",
            guest="G",
            seconds=3_600,
            outcome="refused",
            reason="WEAK_PASSWORD",
            **trace,
        ),
    )
    added = cart.CartLineAdded(
        cart_id=str(an_id("K")), version=2, owner_id=str(an_id("G")), channel="default"
    )
    await world.hear(added, seconds=60.01, visitor="V", trace=trace["trace_id"].hex)
    await world.hear(
        identity.CustomerRegistered(customer_id=str(an_id("C")), guest_id=str(an_id("G"))),
        seconds=3_610,
        visitor="V",
    )
    await world.hear(order_placed(), seconds=3_700, visitor="V")
    await world.hear(
        checkout.OrderShipped(order=order_placed().order), seconds=90_000, visitor="STAFF"
    )
    sent = notifications.MessageSent(
        template="order_shipped",
        topic=TOPIC_TRANSACTIONAL,
        owner_id=str(an_id("C")),
        order_id=str(an_id("O")),
    )
    await world.hear(sent, seconds=90_010)
    token = world.surveys.token_of(an_id("O"), an_id("C"))
    await world.ask(
        world.touchpoints.RecordFeedback,
        pb.RecordFeedbackRequest(token=token, score=9, comment="good"),
    )


async def test_the_story_goes_through_all_five_stages_of_the_built_in_map(world: World) -> None:
    await tell_a_story(world)

    journey, funnel = (
        await world.journey(order_id=str(an_id("O"))),
        await world.funnel(with_touchpoints=True, with_score=True),
    )

    assert (journey.map, journey.person_id, journey.is_customer) == (
        "five-stages",
        str(an_id("C")),
        True,
    )
    assert [(stage.slug, stage.touchpoints) for stage in journey.stages] == [
        ("awareness", 1),
        ("consideration", 2),
        ("acquisition", 4),
        ("retention", 1),
        ("advocacy", 1),
    ]
    assert [round(stage.seconds) for stage in journey.stages][:3] == [10, 50, 90_000 - 60]
    assert (journey.stages[2].refused, journey.stages[2].outcome) == (1, events_pb2.OUTCOME_OK)
    assert [(stage.people, stage.conversion_rate) for stage in funnel.segments[0].stages] == [
        (1, 1.0)
    ] * 5
    views = next(one for one in funnel.touchpoints if one.kind == "page.view")
    assert (views.stage, views.touchpoints, views.people, views.p95_ms) == ("awareness", 1, 1, 20)
    assert (funnel.score.answers, funnel.score.score) == (1, 100.0)
    assert journey.touchpoints[0].trace_id


async def test_with_one_order_in_the_shop_one_person_has_bought(world: World) -> None:
    # A looked for a cart that is not there, B filled one, registered and got a welcome mail, the
    # cart of C was refused, and D bought.
    for who in "ABCD":
        await world.record_touchpoints(
            a_touchpoint("page.view", visitor=who, seconds=0),
            a_touchpoint("product.view", visitor=who, seconds=1),
        )
    refused = {"outcome": "refused", "seconds": 2}
    await world.record_touchpoints(
        a_touchpoint("cart.view", visitor="A", reason="CART_NOT_FOUND", **refused),
        a_touchpoint("cart.add", visitor="C", reason="OUT_OF_STOCK", **refused),
        a_touchpoint("cart.add", visitor="B", guest="B-guest", seconds=2),
    )
    await world.hear(
        cart.CartLineAdded(cart_id=str(an_id("K")), version=2, owner_id=str(an_id("B-guest"))),
        seconds=2,
        visitor="B",
    )
    customer = str(an_id("B-customer"))
    await world.hear(
        identity.CustomerRegistered(customer_id=customer, guest_id=str(an_id("B-guest"))),
        seconds=3,
        visitor="B",
    )
    await world.hear(identity.CustomerLoggedIn(customer_id=customer), seconds=4, visitor="B")
    welcome = notifications.MessageSent(
        template="welcome", topic=TOPIC_TRANSACTIONAL, owner_id=customer
    )
    await world.hear(welcome, seconds=5)
    await world.hear(order_placed(owner="D"), seconds=6, visitor="D", consent="granted")

    funnel = await world.funnel(with_touchpoints=True)
    of_b = await world.journey(customer_id=customer)

    assert [(stage.slug, stage.people) for stage in funnel.segments[0].stages] == [
        ("awareness", 4),
        ("consideration", 4),
        ("acquisition", 1),
        ("retention", 0),
        ("advocacy", 0),
    ]
    # What was refused on the way is shown there, though it brings nobody further.
    shown = {
        one.kind: (one.touchpoints, one.refused)
        for one in funnel.touchpoints
        if one.stage == "acquisition"
    }
    assert shown == {
        "cart.add": (1, 1),
        "cart.line_added": (1, 0),
        "account.registered": (1, 0),
        "order.placed": (1, 0),
    }
    # One tap is one touchpoint.
    assert [one.kind for one in of_b.touchpoints] == [
        "page.view",
        "product.view",
        "cart.line_added",
        "account.registered",
        "account.logged_in",
        "email.sent",
    ]


async def test_one_tap_is_one_act_whichever_of_its_touchpoints_arrives_first(world: World) -> None:
    for number in range(2):
        who, trace = f"V{number}", uuid7()
        added = cart.CartLineAdded(
            cart_id=str(an_id(f"K{number}")), version=2, owner_id=str(an_id(f"G{number}"))
        )
        asked = a_touchpoint(
            "cart.add", visitor=who, seconds=0, trace_id=trace, duration_ms=34 + number
        )
        steps = [
            lambda asked=asked: world.record_touchpoints(asked),
            lambda added=added, who=who, trace=trace: world.hear(
                added, seconds=0.01, visitor=who, consent="granted", trace=trace.hex
            ),
        ]
        for step in steps if number else reversed(steps):
            await step()

        journey = await world.journey(visitor_id=str(an_id(who)))

        # It lasted as long as its request.
        assert [(one.kind, one.duration_ms) for one in journey.touchpoints] == [
            ("cart.line_added", 34 + number)
        ]
    funnel = await world.funnel(with_touchpoints=True)
    assert [(one.kind, one.touchpoints) for one in funnel.touchpoints] == [("cart.line_added", 2)]


async def test_one_person_is_found_by_visitor_by_customer_and_by_order(world: World) -> None:
    await tell_a_story(world)

    asked = [
        {"visitor_id": str(an_id("V"))},
        {"customer_id": str(an_id("C"))},
        {"order_id": str(an_id("O"))},
    ]

    journeys = [await world.journey(**request) for request in asked]
    assert len({journey.SerializeToString(deterministic=True) for journey in journeys}) == 1
    part = await world.journey(limit=2, **asked[0])
    assert ([one.kind for one in part.touchpoints], part.is_truncated) == (
        ["email.sent", "feedback.given"],
        True,
    )
    assert [stage.touchpoints for stage in part.stages] == [1, 2, 4, 1, 1]


async def test_a_customer_sees_their_own_journey_and_nothing_of_anothers(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("anonymous", visitor="V", seconds=0),
        a_touchpoint("mine", visitor="V", customer="A", seconds=1),
    )
    await world.record_touchpoints(
        a_touchpoint("hers", visitor="V", customer="B", seconds=5),
        a_touchpoint("shared", visitor="V", seconds=6),
    )
    await world.hear(order_placed(owner="B"), seconds=7, visitor="V")
    ana, bea = world.tokens.customer(an_id("A")), world.tokens.customer(an_id("B"))

    own = await world.journey(ana)
    hers = await world.journey(bea, customer_id=str(an_id("B")))

    assert [one.kind for one in own.touchpoints] == ["anonymous", "mine"]
    assert [one.kind for one in hers.touchpoints] == ["hers", "order.placed"]
    attempts: list[tuple[str, dict[str, str]]] = [
        (ana, {"customer_id": str(an_id("B"))}),
        (ana, {"order_id": str(an_id("O"))}),
        (bea, {"visitor_id": str(an_id("V"))}),
        (bea, {"customer_id": str(an_id("A"))}),
        (world.tokens.guest(an_id("G")), {}),
        (world.tokens.guest(), {"visitor_id": str(an_id("V"))}),
        (world.tokens.service("cart"), {}),
        (world.tokens.customer(), {}),
        (world.staff, {"visitor_id": str(uuid7())}),
    ]
    for token, request in attempts:
        with pytest.raises(NotFound) as refusal:
            await world.journey(token, **request)
        assert refusal.value.reason == "JOURNEY_NOT_FOUND"


async def test_only_staff_with_the_scope_see_funnels_and_maps(world: World) -> None:
    token = world.tokens.customer()
    for method, request in (
        (world.journeys.GetFunnel, pb.GetFunnelRequest()),
        (world.journeys.GetRecommendationScore, pb.GetRecommendationScoreRequest()),
        (world.journeys.ListMaps, pb.ListMapsRequest()),
        (world.journeys.GetMap, pb.GetMapRequest()),
    ):
        with pytest.raises(Denied):
            await world.ask(method, request, token)
    with pytest.raises(Denied):
        await world.ask(
            world.journeys.PutMap, pb.PutMapRequest(), world.tokens.staff("journeys.read")
        )


async def test_a_question_that_makes_no_sense_is_refused(world: World) -> None:
    backwards = pb.GetFunnelRequest(
        time_range=TimeRange(since=timestamp(at(10)), until=timestamp(at(0)))
    )
    questions = (
        (backwards, "INVALID_QUESTION"),
        (pb.GetFunnelRequest(by=99), "INVALID_FIELD"),
        (pb.GetFunnelRequest(window_seconds=-1), "INVALID_FIELD"),
    )
    for asked, reason in questions:
        with pytest.raises(Invalid) as refusal:
            await world.ask(world.journeys.GetFunnel, asked, world.staff)
        assert refusal.value.reason == reason
    with pytest.raises(NotFound):
        await world.funnel(map="nowhere")


async def test_history_becomes_the_customers_whichever_event_comes_first(world: World) -> None:
    def story(n: int) -> list[Any]:
        registered = identity.CustomerRegistered(
            customer_id=str(an_id(f"C{n}")), guest_id=str(an_id(f"G{n}"))
        )
        order = order_placed(order=f"O{n}", owner=f"C{n}")
        return [
            lambda: world.record_touchpoints(a_touchpoint("early", visitor=f"V{n}", seconds=0)),
            lambda: world.record_touchpoints(
                a_touchpoint("cart", visitor=f"V{n}", guest=f"G{n}", seconds=1)
            ),
            lambda: world.hear(registered, seconds=2, visitor=f"V{n}", consent="granted"),
            lambda: world.hear(order, seconds=3, visitor=f"V{n}", consent="granted"),
        ]

    for number in range(24):
        for step in orders_of(story(number))[number]:
            await step()

        journey = await world.journey(customer_id=str(an_id(f"C{number}")))
        assert [one.kind for one in journey.touchpoints] == [
            "early",
            "cart",
            "account.registered",
            "order.placed",
        ]
        assert (await world.journey(visitor_id=str(an_id(f"V{number}")))).person_id == str(
            an_id(f"C{number}")
        )
