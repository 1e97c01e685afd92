"""Endpoints as routes of FastAPI: one way from a request to its answer."""

from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from chassis import telemetry
from chassis.rpc.errors import DomainError, KeyRequired
from gateway.endpoints.answers import NO_STORE, answer_of, empty_answer
from gateway.endpoints.binding import Binding
from gateway.endpoints.endpoint import Endpoint
from gateway.endpoints.field_errors import errors_of_refusal, field_error
from gateway.endpoints.table import Found
from gateway.http.problems import problem

REPLAYED: Final = "Idempotency-Replayed"
# In a scope: what the edge found for the path.
FOUND: Final = "sojourn.found"


class Operation:
    """An endpoint that answers requests."""

    def __init__(self, endpoint: Endpoint[Any, Any]) -> None:
        self.endpoint, self.binding = endpoint, Binding(endpoint)

    async def __call__(self, request: Request) -> Response:
        """Returns the answer; a refusal is one too."""
        endpoint = self.endpoint
        if endpoint.touchpoint is not None:
            telemetry.carry("touchpoint", endpoint.touchpoint)
        try:
            return await self._answer(request)
        except DomainError as error:
            if isinstance(error, KeyRequired):
                missing = field_error(("header", "Idempotency-Key"), "REQUIRED", error.message)
                return problem(error, errors=[missing])
            if (path := error.metadata.get("path")) and "peer" not in error.metadata:
                place = self.binding.place_of(path)
                return problem(error, errors=errors_of_refusal(error, place))
            return problem(error)

    async def _answer(self, request: Request) -> Response:
        endpoint = self.endpoint
        exchange = await self.binding.read(request)
        if endpoint.prepare is not None:
            await endpoint.prepare(exchange)
        if endpoint.ask is not None:
            return await endpoint.ask(exchange)
        reply = await exchange.ask(endpoint.rpc, exchange.message, exchange.options)
        if endpoint.compose is not None:
            response = await endpoint.compose(exchange, reply)
        elif endpoint.status == 204:
            response = empty_answer()
        else:
            response = answer_of(reply, status=endpoint.status)
        if endpoint.is_secret:
            response.headers.update(NO_STORE)
        if exchange.options.is_replayed:
            response.headers[REPLAYED] = "true"
        return response


class EndpointRoute(APIRoute):
    """A route whose endpoint is an `Operation`: that reads the request by its own row."""

    def __init__(self, path: str, endpoint: Operation, **options: Any) -> None:
        self.operation, self.row = endpoint, endpoint.endpoint
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Operation:
        """Returns the operation itself, which takes the request as it came."""
        return self.operation

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Takes the request whose path led the edge to this row."""
        found: Found = scope[FOUND]
        if found.endpoint is self.row:
            return Match.FULL, {
                "endpoint": self.operation,
                "path_params": found.path_params,
                "route": self,
            }
        # A path without an endpoint may have one for another method: 405 says which.
        return (Match.NONE, {}) if found.endpoint is not None else super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers without what FastAPI keeps for dependencies, which an operation has none of."""
        if scope["method"] != self.row.method:
            await super().handle(scope, receive, send)
            return
        response = await self.operation(Request(scope, receive, send))
        await response(scope, receive, send)
