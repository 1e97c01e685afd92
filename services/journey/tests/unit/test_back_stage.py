"""Tests of the counts that a collector sends, and of a map's back stage."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.back_stage.model import BOUNDS_MS, BUCKETS, Measured, Operation, Role
from journey.back_stage.otlp import read_metrics
from journey.back_stage.view import describe_back_stage
from journey.maps.model import JourneyMap
from services.journey.tests.otlp_metrics import a_request

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PAY = Operation("order.place", "checkout", "PlaceOrder", Role.SERVER)


def measured(*buckets: int, errors: int = 0) -> Measured:
    return Measured(errors, [*buckets, *[0] * (BUCKETS - len(buckets))])


def test_calls_are_counted_by_hour_and_operation() -> None:
    request = a_request((PAY, [(100, 3), (700, 2)], 0), (PAY, [(700, 1)], 1))

    told, refused = read_metrics(request, NOW)

    ((hour, operation), found) = next(iter(told.items()))
    assert (len(told), refused, operation) == (1, 0, PAY)
    assert hour == NOW.replace(minute=0)
    assert (found.calls, found.errors, found.slow(1_000)) == (6, 1, 0)
    assert found.slow(500) == 3
    assert found.traces[0][1] == "ab" * 16


def test_seconds_are_taken_and_sums_since_a_start_are_refused() -> None:
    seconds, refused = read_metrics(a_request((PAY, [(0.25, 4)], 0), unit="s"), NOW)
    assert [one.quantile_ms(1.0) for one in seconds.values()] == [500]
    assert refused == 0

    assert read_metrics(a_request((PAY, [(1, 4)], 0), is_delta=False), NOW) == ({}, 1)
    assert read_metrics(a_request((PAY, [(1, 4)], 0), unit="fortnight"), NOW) == ({}, 1)


@pytest.mark.parametrize("kind", ["", "order.place"])
def test_calls_of_no_touchpoint_are_left_out(kind: str) -> None:
    told, _ = read_metrics(
        a_request((Operation(kind, "checkout", "Sweep", Role.SERVER), [(1, 1)], 0)), NOW
    )

    assert bool(told) == bool(kind)


@given(st.lists(st.integers(0, 50), min_size=BUCKETS, max_size=BUCKETS).filter(any))
def test_a_quantile_lies_in_the_bucket_of_its_rank(buckets: list[int]) -> None:
    found = measured(*buckets)
    times = [
        end
        for count, end in zip(buckets, (*BOUNDS_MS, BOUNDS_MS[-1]), strict=True)
        for _ in range(count)
    ]

    for share in (0.5, 0.95):
        rank = max(1, -(-int(share * 100) * len(times) // 100))
        assert found.quantile_ms(share) <= times[rank - 1]
    assert found.quantile_ms(0.5) <= found.quantile_ms(0.95)


def test_kinds_stand_in_their_stages_with_the_slowest_service_first() -> None:
    chart = JourneyMap.from_document(
        {
            "slug": "m",
            "name": {"en": "M"},
            "stages": [
                {"slug": "see", "name": {"en": "See"}, "rules": [rule("page.view")]},
                {"slug": "buy", "name": {"en": "Buy"}, "rules": [rule("order.placed")]},
            ],
        },
        1,
    )
    catalog = Operation("order.place", "catalog", "Reserve", Role.SERVER)
    asks = Operation("order.place", "checkout", "catalog.Reserve", Role.CLIENT)
    event = Operation("order.place", "notifications", "OrderPlaced", Role.CONSUMER)
    found = describe_back_stage(
        chart.stages,
        {
            PAY: measured(0, 0, 0, 0, 0, 0, 0, 0, 10),
            catalog: measured(0, 0, 5),
            asks: measured(0, 0, 0, 5),
            event: measured(0, 1),
            Operation("odd", "web", "x", Role.SERVER): measured(1),
            Operation("page.view", "web", "GET", Role.SERVER): measured(99),
        },
    )

    assert [(one.stage, one.kind) for one in found] == [
        ("see", "page.view"),
        # The event of the request's success is in the stage.
        ("buy", "order.place"),
        ("", "odd"),
    ]
    services = found[1].services
    assert [one.name for one in services] == ["checkout", "catalog", "notifications"]
    # A call of a peer is told, and is no call that the service answered.
    assert services[0].total.calls == 10
    assert {one.role for one, _ in services[0].operations} == {Role.SERVER, Role.CLIENT}


def rule(kind: str) -> dict[str, object]:
    return {"when": [{"field": "kind", "any_of": [kind]}]}
