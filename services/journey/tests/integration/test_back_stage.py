"""The back stage of a map: a collector tells, and staff see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub

from chassis.rpc.errors import Denied
from chassis.testing import fresh_database
from journey.back_stage.model import Operation, Role
from services.journey.tests.journey_world import START, World, a_touchpoint, a_world
from services.journey.tests.otlp_metrics import a_request
from sojourn.journey.v1 import back_stage_pb2 as pb
from sojourn.journey.v1 import back_stage_pb2_grpc as pb_grpc

TOKEN = "the collector's"
PAY = Operation("order.place", "checkout", "PlaceOrder", Role.SERVER)
RESERVE = Operation("order.place", "catalog", "Reserve", Role.SERVER)
AT = START - timedelta(minutes=20)


@pytest.fixture
async def world() -> Any:
    async with (
        fresh_database("journey") as database,
        a_world(database, otlp_token=TOKEN) as world,
    ):
        yield world


async def send(
    world: World, request: ExportMetricsServiceRequest, token: str = TOKEN
) -> ExportMetricsServiceResponse:
    stub: Any = MetricsServiceStub(world.peer.channel)  # type: ignore[no-untyped-call]  # its stubs have no types
    answer: ExportMetricsServiceResponse = await stub.Export(
        request, metadata=[("authorization", f"Bearer {token}")]
    )
    return answer


async def back_stage(world: World, token: str = "", **asked: Any) -> pb.BackStage:
    stub: Any = pb_grpc.BackStageServiceStub(world.peer.channel)
    request = pb.GetBackStageRequest(**asked)
    request.time_range.since.FromDatetime(START - timedelta(days=1))
    request.time_range.until.FromDatetime(START + timedelta(days=1))
    answer: pb.BackStage = await world.ask(stub.GetBackStage, request, token or world.staff)
    return answer


async def test_services_behind_a_touchpoint_are_told_with_the_money_at_risk(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("order.place", visitor="ann", seconds=-600),
        a_touchpoint(
            "order.placed", visitor="ann", seconds=-599, source="event", subject="o1",
            amount_minor=10_000, currency="EUR",
        ),
        a_touchpoint("order.refunded", visitor="ann", seconds=-5, subject="o1", amount_minor=2_000),
    )  # fmt: skip
    request = a_request(
        (PAY, [(100, 6), (2_000, 2)], 0), (PAY, [(100, 2)], 1), (RESERVE, [(5, 9)], 0), at=AT
    )
    await asyncio.gather(send(world, request), send(world, request))
    await send(world, a_request((RESERVE, [(5, 1)], 0), at=AT))

    found = await back_stage(world, with_money=True)

    (place,) = found.touchpoints
    checkout, catalog = place.services
    assert found.is_connected
    assert (place.stage, place.kind) == ("acquisition", "order.place")
    assert [(one.currency, one.amount_minor) for one in place.money] == [("EUR", 8_000)]
    # A request that came twice counts once; another one is added.
    assert (checkout.calls, checkout.errors, checkout.slow, catalog.calls) == (10, 2, 2, 10)
    assert [one.amount_minor for one in checkout.at_risk] == [3_200]
    assert not catalog.at_risk
    assert checkout.p95_ms > checkout.p50_ms > catalog.p95_ms
    (operation,) = checkout.operations
    assert (operation.name, operation.role) == ("PlaceOrder", pb.BACK_STAGE_ROLE_SERVER)
    assert list(operation.trace_ids) == ["ab" * 16]


async def test_only_the_collector_tells_and_only_staff_see(world: World) -> None:
    for token in ("", "another"):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(world, a_request((PAY, [(1, 1)], 0)), token)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(Denied):
        await back_stage(world, world.tokens.guest())

    assert not (await back_stage(world)).is_connected


async def test_what_cannot_be_added_up_is_named_in_the_answer(world: World) -> None:
    answer = await send(world, a_request((PAY, [(1, 1)], 0), is_delta=False))

    assert answer.partial_success.rejected_data_points == 1
    assert "delta" in answer.partial_success.error_message


async def test_without_a_token_of_its_settings_nobody_tells() -> None:
    async with fresh_database("journey") as database, a_world(database) as world:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await send(world, a_request((PAY, [(1, 1)], 0)), "")
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
