"""The ASGI application: endpoints, errors, documentation."""

import asyncio
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import DomainError, Internal
from chassis.runtime.clock import Clock
from gateway.documents import docs_page
from gateway.documents.openapi import document_of
from gateway.endpoints.questions import Questions
from gateway.endpoints.route import EndpointRoute, Operation
from gateway.endpoints.table import EndpointTable
from gateway.http.edge import Edge, Endpoints
from gateway.http.page_cache import Cache, Reading
from gateway.http.problems import MethodNotAllowed, NoSuchRoute, UnreadableRequest, problem
from gateway.metrics import expect_requests
from gateway.operations import ENDPOINTS, TABLES, TEXTS
from gateway.peers import Peers
from gateway.settings import GatewaySettings
from gateway.touchpoints.buffer import Touchpoints

DESCRIPTION = """
One API for storefronts and the back office.

**Tokens.** Get a guest's at `POST /v1/sessions/guest`, a customer's by registering or logging in;
send it as `Authorization: Bearer …`.

**Retries.** Send an `Idempotency-Key` with everything that creates or charges, and repeat as
often as you like: the effect happens once, and the same answer comes back with
`Idempotency-Replayed: true`. 503 and 504 are safe to repeat with the same key, after
`Retry-After`.

**Errors** are problem documents (RFC 9457): match on `reason`. **Money** is in integer minor
units of an ISO 4217 currency.

**Visitors.** `Sojourn-Visitor` in an answer is the signed handle of the visitor, also set as the
cookie `sojourn_visitor`. Send it back to stay the same visitor; a handle that the gateway did not
sign is as none.

**Numbers, texts, times.** `"1"`, `true` and `1000.0` are no integers. Texts are kept in Unicode
normal form C, and have no control characters but tabs and line breaks. Times lie between the
years 1900 and 2200.

**Versions.** `ETag` names the version of what you got; send it back as `If-Match` to change only
that.
""".strip()

_SWEEP_SECONDS: Final = 10.0
# Models and validators are made once a process.
OPERATIONS: Final = {
    tag: tuple(Operation(endpoint) for endpoint in table) for tag, table in TABLES.items()
}
_ALL: Final = tuple(operation for operations in OPERATIONS.values() for operation in operations)
TABLE: Final = EndpointTable(ENDPOINTS)
_EXPOSED: Final = [
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
]


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
    for operation in _ALL:
        endpoint = operation.endpoint
        app.router.add_api_route(
            endpoint.path,
            operation,
            methods=[endpoint.method],
            route_class_override=EndpointRoute,
            response_model=None,
        )
    expect_requests(ENDPOINTS)
    app.include_router(docs_page.router)
    _handle_errors(app)
    app.openapi = lambda: _openapi(app, settings)  # type: ignore[method-assign]
    questions = Questions(each.binding for each in _ALL if each.endpoint.is_cached)
    endpoints = Endpoints(TABLE, questions, app.state.reading, peers)
    edge = Edge(_with_cors(app, settings), settings, verifier, endpoints, touchpoints)
    app.state.limits = edge.limits
    return app, edge


def _with_cors(app: FastAPI, settings: GatewaySettings) -> ASGIApp:
    if not settings.allowed_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=settings.allowed_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=_EXPOSED,
        max_age=600,
    )


def _openapi(app: FastAPI, settings: GatewaySettings) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document_of(
            app.title,
            app.version,
            app.description,
            OPERATIONS,
            TEXTS,
            public_url=settings.public_url,
        )
    return app.openapi_schema


async def drop_expired(app: FastAPI) -> None:
    """Drops what is too old in this process's cache, every few seconds until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        app.state.cache.drop_expired()


def _handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return problem(error)


async def _defect(_: Request, error: Exception) -> Response:
    # Logged by the edge, to which it is raised on.
    return problem(Internal())


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            return problem(NoSuchRoute("no route has this path"))
        case 405:
            response = problem(MethodNotAllowed("the path has no such method"))
            response.headers["Allow"] = (error.headers or {}).get("Allow", "")
            return response
        case status if status < 500:
            return problem(UnreadableRequest("the request cannot be read"))
    return problem(Internal())
