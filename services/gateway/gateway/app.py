"""The ASGI application: routes, errors, documentation."""

import asyncio
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import DomainError, Internal
from chassis.runtime.clock import Clock
from gateway import (
    cart_routes,
    catalogue_routes,
    docs_page,
    journey_routes,
    mail_routes,
    order_routes,
    session_routes,
    staff_routes,
    synthetic_routes,
)
from gateway.access import OPERATIONS, Access, Operation, declare
from gateway.caching import Cache
from gateway.dispatching import Dispatcher
from gateway.edge import Edge
from gateway.estimates import Estimates
from gateway.metrics import expect_requests
from gateway.peers import Peers
from gateway.problems import (
    MalformedRequest,
    MethodNotAllowed,
    NoSuchRoute,
    problem,
    problem_of_shape,
)
from gateway.reading import Reading
from gateway.routing import schemas
from gateway.settings import GatewaySettings
from gateway.touchpoints import Touchpoints

DESCRIPTION = """
One API for storefronts and the back office.

**Tokens.** Get a guest's at `POST /v1/sessions/guest`, a customer's by registering or logging in; send it as `Authorization: Bearer …`.

**Retries.** Send an `Idempotency-Key` with everything that creates or charges, and repeat as often as you like: the effect happens
once, and the same answer comes back with `Idempotency-Replayed: true`. 503 and 504 are safe to repeat with the same key, after
`Retry-After`.

**Errors** are problem documents (RFC 9457): match on `reason`. **Money** is in integer minor units of an ISO 4217 currency.

**Visitors.** `Sojourn-Visitor` in an answer is the signed handle of the visitor, also set as the cookie `sojourn_visitor`. Send it back to stay
the same visitor; a handle that the gateway did not sign is as none.

**Numbers, texts, times.** `"1"`, `true` and `1000.0` are no integers. Texts are kept in Unicode normal form C, and have no control characters
but tabs and line breaks. Times lie between the years 1900 and 2200.

**Versions.** `ETag` names the version of what you got; send it back as `If-Match` to change only that.
""".strip()

# Few follow from few weight classes, amounts and channels.
_ESTIMATES: Final = 1_000
_SWEEP_SECONDS: Final = 10.0
# Paths beside the documented API.
for _path in ("/openapi.json", "/docs", "/"):
    declare("GET", _path, Operation(Access.PUBLIC, most_bytes=0))
AREAS: Final = (
    catalogue_routes, session_routes, cart_routes, order_routes, journey_routes, mail_routes,
    staff_routes, synthetic_routes,
)  # fmt: skip


def create_app(
    settings: GatewaySettings,
    peers: Peers,
    verifier: TokenVerifier,
    touchpoints: Touchpoints | None = None,
) -> tuple[FastAPI, Edge]:
    """The application, and its outer layer, which is what a server runs."""
    app = FastAPI(
        title="Sojourn",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # Its own spans record paths, queries and peers, and would part our trace in two.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.peers, app.state.settings = peers, settings
    app.state.clock = touchpoints.clock if touchpoints is not None else Clock()
    app.state.cache = Cache(
        seconds=settings.cache_seconds,
        entries=settings.cache_entries,
        most_bytes=settings.cache_bytes,
        settling_seconds=settings.cache_settling_seconds,
    )
    app.state.reading = Reading(peers.catalog, app.state.cache)
    app.state.estimates = Estimates(seconds=settings.cache_seconds, entries=_ESTIMATES)
    for area in AREAS:
        app.include_router(area.routes.router)
        expect_requests(area.routes.router)
    app.include_router(docs_page.router)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    inner: Any = Dispatcher(app, [route for area in AREAS for route in area.routes.router.routes])
    if settings.allowed_origins:
        inner = CORSMiddleware(
            inner,
            allow_origins=settings.allowed_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[
                "Content-Language",
                "ETag",
                "Idempotency-Replayed",
                "Location",
                "RateLimit-Limit",
                "RateLimit-Remaining",
                "RateLimit-Reset",
                "Retry-After",
                "Sojourn-Consent",
                "Sojourn-Session",
                "Sojourn-Visitor",
                "Trace-Id",
            ],
            max_age=600,
        )
    edge = Edge(inner, settings, verifier, app.state.reading, touchpoints)
    app.state.limits = edge.limits
    return app, edge


async def drop_expired(app: FastAPI) -> None:
    """Drops what is too old in this process's caches, every few seconds until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        app.state.cache.drop_expired()
        app.state.estimates.drop_expired()


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return problem(error)


async def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_of_shape(error.errors())


async def _defect(_: Request, error: Exception) -> Response:
    # Logged by the edge, to which it is raised on.
    return problem(Internal())


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, DomainError):
        # Raised while the body was read: FastAPI wraps it.
        return problem(error.__cause__)
    match error.status_code:
        case 404:
            return problem(NoSuchRoute("no route has this path"))
        case 405:
            response = problem(MethodNotAllowed("the path has no such method"))
            response.headers["Allow"] = (error.headers or {}).get("Allow", "")
            return response
        case status if status < 500:
            return problem(MalformedRequest("the request cannot be read"))
    return problem(Internal())


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        components = document.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            components.pop(unused, None)
        components.update(schemas.components)
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                declared = OPERATIONS[method.upper(), path]
                if not path.startswith("/v1/webhooks"):
                    # A token that comes along is looked at everywhere.
                    operation["security"] = (
                        [{}, {"bearer": []}]
                        if declared.access is Access.PUBLIC
                        else [{"bearer": []}]
                    )
                if declared.scope:
                    operation["x-scope"] = declared.scope
        app.openapi_schema = document
    return app.openapi_schema
