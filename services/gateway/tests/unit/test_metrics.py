"""Metrics per route."""

from __future__ import annotations

from prometheus_client import REGISTRY

from gateway.metrics import expect_requests
from gateway.operations import checkouts, staff_repairs

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
    expect_requests(staff_repairs.ENDPOINTS)

    assert counted("/v1/staff/reconcile", "POST", 503) is None
