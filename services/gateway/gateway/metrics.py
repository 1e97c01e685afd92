"""Creates each route's series at 0: `increase()` ignores the first sample of a new series."""

from collections.abc import Iterable
from typing import Any, Final

from gateway.endpoints.endpoint import STAFF_PREFIX, Endpoint
from gateway.endpoints.refusals import refusals_of
from gateway.http.edge import request_seconds, requests_total

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
