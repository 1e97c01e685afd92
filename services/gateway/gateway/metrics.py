"""Lets what the gateway counts per route exist from the start: an increase from nothing to the
first error is none.
"""

from typing import Final

from fastapi import APIRouter
from fastapi.routing import APIRoute

from gateway.edge import request_seconds, requests_total

# Nobody is paged for the back office, and its routes would double the series.
_UNWATCHED: Final = "/v1/staff/"
# The connection answers these before a route is known.
_BEFORE_ROUTING: Final = (400, 408, 431)


def expect_requests(router: APIRouter) -> None:
    """Makes the series of each documented answer of each route that customers use."""
    for route in router.routes:
        if not isinstance(route, APIRoute) or route.path.startswith(_UNWATCHED):
            continue
        for method in route.methods or ():
            request_seconds.labels(route.path, method)
            for status in route.responses:
                if status in _BEFORE_ROUTING:
                    continue
                requests_total.labels(route.path, method, str(status), "")
