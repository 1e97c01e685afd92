"""Creates each route's series at 0: `increase()` ignores the first sample of a new series."""

from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import Counter, Histogram

from chassis import telemetry
from gateway.endpoints.endpoint import STAFF_PREFIX, Endpoint
from gateway.endpoints.refusals import refusals_of

# `synthetic` is "true" for synthetic shoppers and else empty, which is no label to Prometheus: what
# counts customers leaves them out.
requests_total = Counter(
    "http_requests_total", "requests answered", ["route", "method", "status", "synthetic"]
)
request_seconds = Histogram(
    "http_request_seconds", "time to answer", ["route", "method"], buckets=telemetry.BUCKETS
)
# The connection answers these before a route is known.
_BEFORE_ROUTING: Final = (400, 408, 431)


def expect_requests(endpoints: Iterable[Endpoint[Any, Any]]) -> None:
    """Creates the series of each documented answer of each endpoint that customers use.

    Nobody is paged for the back office, and its endpoints would double the series.
    """
    for endpoint in endpoints:
        if endpoint.path.startswith(STAFF_PREFIX):
            continue
        request_seconds.labels(endpoint.path, endpoint.method)
        for status in (endpoint.status, *endpoint.also, *refusals_of(endpoint)):
            if status not in _BEFORE_ROUTING:
                requests_total.labels(endpoint.path, endpoint.method, str(status), "")


class RequestSeries:
    """The series of the edge's metrics, looked up once each."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int, bool], Counter] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    def count(
        self, route: str, method: str, status: int, seconds: float, *, is_synthetic: bool
    ) -> None:
        if (counter := self._counts.get((route, method, status, is_synthetic))) is None:
            counter = requests_total.labels(
                route, method, str(status), "true" if is_synthetic else ""
            )
            self._counts[route, method, status, is_synthetic] = counter
        if (times := self._times.get((route, method))) is None:
            times = self._times[route, method] = request_seconds.labels(route, method)
        counter.inc()
        times.observe(seconds)
