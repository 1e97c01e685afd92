"""Edge of every request: trace, metrics, a bound of requests in flight, last refusal."""

import asyncio
import time
from typing import Final

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from web.server.metrics import request_seconds, requests_total

log = telemetry.log("edge")
UNMATCHED: Final = "unmatched"
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_BUSY: Final = b"There are too many requests at the moment. Please try again in a few seconds.\n"


class Edge:
    """The outer layer of the application.

    Paths, queries and addresses are in no span, no log and no label; the route's template is.
    """

    def __init__(self, app: ASGIApp, *, max_requests_in_flight: int) -> None:
        self._app, self._most = app, max_requests_in_flight
        self._in_flight = 0
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        is_started = False

        async def send_marked(message: Message) -> None:
            nonlocal status, is_started
            if message["type"] == "http.response.start":
                is_started, status = True, message["status"]
                headers = [*message["headers"], (b"x-content-type-options", b"nosniff")]
                if self.is_draining:
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            await send(message)

        self._in_flight += 1
        with telemetry.span("HTTP", SpanKind.SERVER) as span:
            try:
                if self._in_flight > self._most:
                    await _answer(send_marked, 503, _BUSY, retry_after=b"2")
                else:
                    await self._app(scope, receive, send_marked)
            except asyncio.CancelledError:
                status = 499
                raise
            except Exception as error:
                log.error("request failed", route=route_of(scope), exc_info=error)
                if not is_started:
                    await _answer(send_marked, 500, b"Something is broken on our side.\n")
            finally:
                self._in_flight -= 1
                route = route_of(scope)
                method = scope["method"] if scope["method"] in _KNOWN_METHODS else "other"
                if span.is_recording():
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)
                    span.set_attribute("http.response.status_code", status)
                requests_total.labels(route, method, str(status)).inc()
                request_seconds.labels(route, method).observe(time.perf_counter() - began)


def route_of(scope: Scope) -> str:
    """Returns the template of the path that was matched."""
    return str(scope.get("sojourn.route", UNMATCHED))


async def _answer(send: Send, status: int, text: bytes, *, retry_after: bytes = b"") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if retry_after:
        headers.append((b"retry-after", retry_after))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
