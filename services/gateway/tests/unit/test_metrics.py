"""Metrics per route."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client import REGISTRY

from gateway.metrics import expect_requests
from gateway.operations import checkouts
from gateway.operations.staff import repairs as staff_repairs

COMPLETE = "/v1/checkouts/{checkout_id}/complete"


def counted(route: str, method: str, status: int) -> float | None:
    return REGISTRY.get_sample_value(
        "http_requests_total",
        {"route": route, "method": method, "status": str(status), "synthetic": ""},
    )


def test_every_documented_answer_of_a_route_is_counted_from_the_start() -> None:
    expect_requests(checkouts.ENDPOINTS)

    assert [
        status
        for status in (201, 202, 409, 422, 500, 503, 504)
        if counted(COMPLETE, "POST", status) is None
    ] == []
    assert (
        REGISTRY.get_sample_value(
            "http_request_seconds_bucket", {"route": COMPLETE, "method": "POST", "le": "2.5"}
        )
        is not None
    )


def test_the_back_office_is_counted_when_it_is_used() -> None:
    # Of no other test: the series are the process's.
    path = "/v1/staff/never-called"
    expect_requests([replace(staff_repairs.ENDPOINTS[0], path=path)])

    assert counted(path, staff_repairs.ENDPOINTS[0].method, 503) is None
