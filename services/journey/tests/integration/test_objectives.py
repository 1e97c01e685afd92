"""Tries of stages are counted, also of history, and their objectives' budgets told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import REGISTRY

from chassis.runtime.clock import uuid7
from journey.objectives.jobs import count_all
from journey.store.postgres import PostgresStore
from services.journey.tests.journey_world import World, a_rule, a_touchpoint, kinds
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import map_documents_pb2 as documents_pb


async def put(world: World, **objective: Any) -> None:
    chart = pb.JourneyMap(slug="tea", name={"en": "Tea"})
    stage = chart.stages.add(slug="buy", name={"en": "Buy"}, rules=[a_rule(kinds("order.place"))])
    usual = {"kind": pb.OBJECTIVE_KIND_SUCCESS, "target_percent": 90, "window_days": 7}
    stage.objectives.add(**{**usual, **objective})
    await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)


async def tries(world: World, ago: timedelta, *outcomes: str, duration_ms: int = 10) -> None:
    """One person a try, each with an ok touchpoint and one of the outcome."""
    at = datetime.now(UTC) - ago
    rows = []
    for outcome in outcomes:
        visitor = str(uuid7())
        for one in ("ok", outcome):
            facts: dict[str, Any] = {"outcome": one, "duration_ms": duration_ms, "source": "beacon"}
            facts |= {"occurred_at": at, "received_at": at}
            rows.append(a_touchpoint("order.place", visitor=visitor, **facts))
    await world.record_touchpoints(*rows)


async def status(world: World, *, turns: int = 1) -> documents_pb.ObjectiveStatus:
    """Counts seven days of history a turn."""
    for _ in range(turns):
        await count_all(world.database, PostgresStore(world.database))
    request = documents_pb.GetMapObjectivesRequest(slug="tea")
    found = await world.ask(world.documents.GetMapObjectives, request, world.staff)
    assert found.HasField("counted_until")
    (one,) = found.objectives
    assert isinstance(one, documents_pb.ObjectiveStatus)
    return one


async def test_errors_use_up_the_budget_and_refusals_do_not(world: World) -> None:
    await put(world)
    await tries(world, timedelta(days=2), *["ok"] * 92, *["error"] * 6, *["refused"] * 2)
    await tries(world, timedelta(days=9), *["error"] * 5)

    one = await status(world, turns=2)

    assert (one.stage, one.tries, one.bad) == ("buy", 100, 6)
    assert round(one.budget_left, 9) == 0.4
    by_window = {burn.window: burn for burn in one.burns}
    assert by_window["3d"].tries == 100
    assert not by_window["6h"].HasField("rate")
    labels = {"map": "tea", "stage": "buy", "objective": "success"}
    left = REGISTRY.get_sample_value("journey_objective_budget_left_ratio", labels)
    assert left is not None
    assert round(left, 9) == 0.4


async def test_refusals_count_where_the_objective_says_so(world: World) -> None:
    await put(world, counts_refused=True)
    await tries(world, timedelta(hours=1), *["ok"] * 8, *["refused"] * 2)

    assert (await status(world)).bad == 2


async def test_what_took_too_long_uses_up_a_budget_of_speed_and_burns(world: World) -> None:
    await put(world, kind=pb.OBJECTIVE_KIND_SPEED, within_ms=1000)
    for minutes in (6, 20, 50):
        await tries(world, timedelta(minutes=minutes), *["ok"] * 10, duration_ms=2000)
    await tries(world, timedelta(minutes=20), *["ok"] * 10)

    one = await status(world)

    assert (one.tries, one.bad) == (40, 30)
    # Seven and a half times as fast as it may.
    assert [round(burn.rate, 6) for burn in one.burns if burn.window == "6h"] == [7.5]
    assert one.alarm == documents_pb.BURN_ALARM_PAGE


async def test_a_changed_objective_is_counted_anew_over_all_its_window(world: World) -> None:
    await put(world)
    await tries(world, timedelta(days=1), *["ok"] * 9, "refused")
    assert (await status(world)).bad == 0

    await put(world, counts_refused=True)

    assert (await status(world)).bad == 1
