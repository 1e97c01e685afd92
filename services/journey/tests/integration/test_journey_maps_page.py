"""The example of docs/journey-maps.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chassis.rpc.documents import fill
from services.journey.tests.journey_world import World, a_touchpoint
from sojourn.journey.v1 import journey_pb2 as pb

PAGE = Path(__file__).parents[4] / "docs" / "journey-maps.md"


async def test_the_map_of_the_page_counts_what_the_page_says(world: World) -> None:
    example = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    chart = pb.JourneyMap()
    fill(chart, json.loads(example[1]))
    await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)

    # A buys big as a customer, B as a guest, C buys little, and D is refused.
    for who in "ABCD":
        await world.record_touchpoints(
            a_touchpoint("product.view", visitor=who, seconds=0),
            a_touchpoint(
                "order.place",
                visitor=who,
                seconds=8,
                outcome="refused" if who == "D" else "ok",
            ),
        )
        if who != "B":
            registered = a_touchpoint("account.registered", visitor=who, seconds=4, source="event")
            await world.record_touchpoints(registered)
        if who != "D":
            minor = 99_99 if who == "C" else 100_00
            placed = a_touchpoint("order.placed", visitor=who, seconds=9, source="event")
            await world.record_touchpoints(placed._replace(amount_minor=minor, currency="EUR"))

    funnel = await world.funnel(map="big-orders", with_touchpoints=True, with_revenue=True)

    assert [(stage.slug, stage.people) for stage in funnel.segments[0].stages] == [
        ("look", 4),
        ("think", 4),
        ("buy", 1),
    ]
    assert [
        (one.kind, one.touchpoints, one.refused) for one in funnel.touchpoints if one.stage == "buy"
    ] == [("order.place", 1, 1), ("order.placed", 1, 0)]
    assert [(one.stage, one.orders, one.net_minor) for one in funnel.revenue] == [
        ("buy", 1, 100_00)
    ]
