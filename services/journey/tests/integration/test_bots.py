"""Bots that do not say so are told by what they do."""

from __future__ import annotations

import pytest

from journey.touchpoints.bots import Pace, mark_bots
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World, a_touchpoint, at

PACE = Pace(acts_a_minute=5, reads_an_hour=12)


def views(count: int, *, every: int, kind: str = "product.view") -> list[Touchpoint]:
    return [
        a_touchpoint(kind, visitor="V", seconds=number * every, source="gateway")
        for number in range(count)
    ]


def event(kind: str, *, seconds: int = 0) -> Touchpoint:
    return a_touchpoint(kind, visitor="V", seconds=seconds, source="event")


async def bots_of(world: World, *rows: Touchpoint) -> set[str]:
    """Returns the kinds of the touchpoints that are marked."""
    await world.record_touchpoints(*rows)
    async with world.database.tx() as tx:
        marked = await mark_bots(tx, at(0), PACE)
        again = await mark_bots(tx, at(0), PACE)
    found = [row for row in await world.rows() if row.device == "bot"]
    assert (marked, again) == (len(found), 0)
    return {row.kind for row in found}


@pytest.mark.parametrize(
    ("rows", "marked"),
    [
        (views(6, every=5), {"product.view"}),
        (views(5, every=5), set()),
        (views(13, every=100), {"product.view"}),
        (views(12, every=100), set()),
        ([*views(13, every=100), *views(1, every=1, kind="cart.line_added")], set()),
        ([*views(6, every=5), event("cart.line_added")], {"product.view", "cart.line_added"}),
        ([*views(6, every=5), event("order.placed", seconds=90)], set()),
    ],
    ids=["too fast", "as fast as people", "reads only", "reads less", "acts too", "its events",
         "ordered"],
)  # fmt: skip
async def test_a_visitor_is_a_bot_by_pace_and_by_doing_nothing_but_read(
    world: World, rows: list[Touchpoint], marked: set[str]
) -> None:
    assert await bots_of(world, *rows) == marked


async def test_what_a_bot_that_says_so_causes_is_left_out_too(world: World) -> None:
    said = views(1, every=1)[0]._replace(device="bot")

    await world.record_touchpoints(said, event("cart.line_added", seconds=1))
    async with world.database.tx() as tx:
        await mark_bots(tx, at(0), PACE)

    assert {row.device for row in await world.rows()} == {"bot"}


async def test_imported_history_is_not_judged(world: World) -> None:
    rows = [row._replace(source="import") for row in views(20, every=1)]

    assert await bots_of(world, *rows) == set()
