"""The demo's month in a journey service: slow payments are seen, and cost money."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from chassis.rpc.documents import fill
from gateway.contracts.models import model_of
from journey.insights.jobs import judge_all
from journey.store.postgres import PostgresStore
from services.journey.tests.integration.test_import_jobs import a_worker, create_import, ended
from services.journey.tests.journey_world import World
from sojourn.journey.v1 import imports_pb2, insights_pb2, questions_pb2
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import map_documents_pb2 as documents_pb
from stack.shoppers.demo_map import SLUG, demo_map
from stack.shoppers.demo_month import SLOW_REASON, month_file
from stack.shoppers.demo_studio import OPTIONS

TODAY = date(2026, 3, 31)


async def test_slow_payments_of_the_demo_are_seen_and_cost_money(world: World) -> None:
    options = imports_pb2.ImportOptions()
    fill(options, OPTIONS)
    given = {field.name: value for field, value in options.ListFields()}
    async with a_worker(world):
        begun = await create_import(world, month_file(TODAY), **given)
        job = await ended(world, begun.id)
    assert (job.lines_refused, job.lines_stored) == (0, job.lines_read)
    chart = pb.JourneyMap()
    fill(chart, {"slug": SLUG, **demo_map(TODAY)})
    kept = await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)
    assert kept.stages[3].emotion_level == -2

    asked = questions_pb2.GetMapNumbersRequest(map=SLUG, with_touchpoints=True, with_revenue=True)
    numbers = await world.ask(world.questions.GetMapNumbers, asked, world.staff)
    pains = await world.ask(world.questions.GetPains, questions_pb2.GetPainsRequest(), world.staff)

    people = [stage.people for stage in numbers.segments[0].stages]
    assert people == sorted(people, reverse=True)
    assert people[-1] > 0
    (pay,) = [one for one in numbers.touchpoints if one.kind == "order.pay"]
    assert pay.stage == "pay"
    assert pay.errors > 20
    assert pay.p95_ms > 5_000
    (slow,) = [one for one in pains.pains if one.reason == SLOW_REASON]
    assert slow.likely[0].amount_minor > 100_000


async def test_slow_payments_of_the_demo_are_an_insight(world: World) -> None:
    options = imports_pb2.ImportOptions()
    fill(options, OPTIONS)
    given = {field.name: value for field, value in options.ListFields()}
    today = datetime.now(UTC).date()
    async with a_worker(world):
        begun = await create_import(world, month_file(today), **given)
        await ended(world, begun.id)
    chart = pb.JourneyMap()
    fill(chart, {"slug": SLUG, **demo_map(today)})
    await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)

    await judge_all(world.database, PostgresStore(world.database))

    asked = insights_pb2.ListInsightsRequest(map=SLUG, measure=insights_pb2.INSIGHT_MEASURE_ERRORS)
    found = await world.ask(world.insights.ListInsights, asked, world.staff)
    worst = max(found.insights, key=lambda one: one.score)
    assert (worst.subject, worst.is_rise, worst.audience.value) == ("pay", True, "phone")
    assert worst.likely[0].amount_minor > 10_000
    assert worst.pains[0].reason == SLOW_REASON


async def test_a_file_of_the_demo_s_map_is_a_body_of_the_api(world: World) -> None:
    chart = pb.JourneyMap()
    fill(chart, {"slug": SLUG, **demo_map(TODAY)})
    await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)

    file = await world.ask(
        world.documents.ExportMap, documents_pb.ExportMapRequest(slug=SLUG), world.staff
    )

    document: dict[str, Any] = json.loads(file.content)
    body = {"map": document, "base_version": 1}
    model = model_of(documents_pb.MergeMapRequest.DESCRIPTOR)
    assert model.model_validate(body)
