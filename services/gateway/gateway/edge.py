"""What happens around every request: trace, visitor, limits, errors. One ASGI middleware, because each costs 0.14 ms."""

import asyncio
import math
import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import uuid_utils
from opentelemetry.trace import Span, SpanKind
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from chassis.auth import ANONYMOUS, Caller, TokenVerifier
from chassis.errors import DomainError, Internal
from gateway import reading
from gateway.caching import Page, key_of
from gateway.context import Context
from gateway.problems import BodyTooLarge, RateLimited, problem
from gateway.reading import Reading
from gateway.routing import TOUCHPOINTS
from gateway.settings import GatewaySettings
from gateway.touchpoints import Touchpoints, campaign_of, consent_of, cookie_of
from sojourn.journey.v1 import events_pb2 as pb

log = telemetry.log("edge")
# `synthetic` is "true" for synthetic shoppers and else empty, which is no label to Prometheus: what counts customers leaves them out.
requests_total = Counter("http_requests_total", "requests answered", ["route", "method", "status", "synthetic"])
request_seconds = Histogram("http_request_seconds", "time to answer", ["route", "method"], buckets=telemetry.BUCKETS)
rate_limited_total = Counter("rate_limited_total", "requests refused for being too many", ["limit"])
for _limit in ("caller", "login"):
    rate_limited_total.labels(_limit)
_WINDOW_SECONDS: Final = 60.0
STAFF_COOKIE: Final = "sojourn_staff"
PAGES: Final = "/journeys"
_LOGIN_ROUTES: Final = frozenset(
    {
        ("POST", "/v1/sessions"),
        ("POST", "/v1/customers"),
        ("POST", "/v1/sessions/refresh"),
        ("POST", "/v1/sessions/api-key"),
        ("POST", PAGES),
    }
)


class Limits:
    """Requests per minute, counted in this process: a fleet of n replicas allows up to n times as many.

    Fixed windows of a minute, the same for all callers; each begins with a request, and forgets the one before.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._most = {"caller": settings.rate_limit_per_minute, "login": settings.login_rate_limit_per_minute}
        self._ends_at = 0.0
        self._counts: dict[tuple[str, str], int] = {}

    def check(self, scope: Scope, caller: Caller) -> None:
        """Counts a request. Raises RateLimited."""
        address = _address(scope)
        if (scope["method"], scope["path"]) in _LOGIN_ROUTES:
            self._hit("login", address)
        # A payment provider's calls are many and come from few addresses.
        if not scope["path"].startswith("/v1/webhooks/"):
            self._hit("caller", str(caller.subject_id) if caller.subject_id else address)

    def allow(self, who: str, name: str = "caller") -> bool:
        """Counts a request, and says whether it is one of those that are answered."""
        now = time.monotonic()
        if now >= self._ends_at:
            self._ends_at, self._counts = now + _WINDOW_SECONDS, {}
        count = self._counts[name, who] = self._counts.get((name, who), 0) + 1
        return count <= self._most[name]

    def _hit(self, name: str, who: str) -> None:
        if not self.allow(who, name):
            rate_limited_total.labels(name).inc()
            raise RateLimited("too many requests", retry_after_seconds=math.ceil(self._ends_at - time.monotonic()))


class _Series:
    """The series of the edge's metrics, looked up once each."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int, bool], Counter] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    def count(self, route: str, method: str, status: int, seconds: float, *, is_synthetic: bool) -> None:
        if (counter := self._counts.get((route, method, status, is_synthetic))) is None:
            counter = requests_total.labels(route, method, str(status), "true" if is_synthetic else "")
            self._counts[route, method, status, is_synthetic] = counter
        if (times := self._times.get((route, method))) is None:
            times = self._times[route, method] = request_seconds.labels(route, method)
        counter.inc()
        times.observe(seconds)


class Edge:
    """The middleware. Everything that leaves it is documented: a reply, or a problem."""

    def __init__(
        self, app: ASGIApp, settings: GatewaySettings, verifier: TokenVerifier, reading: Reading, touchpoints: Touchpoints | None = None
    ) -> None:
        self.app, self.settings, self.verifier, self.reading, self.touchpoints = app, settings, verifier, reading, touchpoints
        self.limits = Limits(settings)
        self._series = _Series()
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = Context(
            caller=ANONYMOUS,
            authorization=headers.get("authorization", ""),
            visitor_id=id_of(headers.get("sojourn-visitor") or cookie_of(headers, "sojourn_visitor")),
            channel=headers.get("sojourn-channel", "")[:64],
            session_id=id_of(headers.get("sojourn-session") or cookie_of(headers, "sojourn_session")),
            consent=consent_of(headers),
        )
        context.cache_key = key_of(scope, headers, context.channel)
        is_sampled = telemetry.draw_sampled()
        # What most requests ask for is here, and needs nothing of the long way. What a browser of another origin asks does.
        if context.cache_key is not None and "origin" not in headers:
            page = self.reading.cache.get(context.cache_key)
            if page is not None and self.limits.allow(_address(scope)):
                await self._send_page(page, scope, headers, context, send, is_sampled=is_sampled, began=began)
                return
        await self._serve(scope, headers, context, receive, send, is_sampled=is_sampled, began=began)

    async def _send_page(
        self, page: Page, scope: Scope, headers: dict[str, str], context: Context, send: Send, *, is_sampled: bool, began: float
    ) -> None:
        route, if_none_match = page.route.path, headers.get("if-none-match", "")
        if is_sampled:
            with telemetry.span(f"GET {route}", SpanKind.SERVER, carried=_carried(context), is_sampled=True) as span:
                self._enter(scope, page.route, page.path_params)
                context.trace_id = telemetry.trace_id()
                status = await page.send(send, if_none_match, self._marks(context))
                _describe(span, route, status)
        else:
            context.trace_id = telemetry.new_trace_id()
            status = await page.send(send, if_none_match, self._marks(context))
        self._end(scope, route, page.path_params, context, status, began)

    async def _serve(
        self, scope: Scope, headers: dict[str, str], context: Context, receive: Receive, send: Send, *, is_sampled: bool, began: float
    ) -> None:
        if not context.authorization and scope["method"] == "GET" and scope["path"].startswith(PAGES):
            # A browser that shows a page cannot send headers; its cookie is good for reading pages only.
            token = cookie_of(headers, STAFF_COOKIE)
            context.authorization = f"Bearer {token}" if token else ""
        scope["sojourn"] = context
        status = 500
        sent = False

        async def send_marked(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                sent, status = True, message["status"]
                if status >= 400:
                    context.reason = next((value.decode() for name, value in message["headers"] if name == b"sojourn-reason"), "")
                message["headers"] = [*message["headers"], *self._marks(context)]
            await send(message)

        with telemetry.span("HTTP", SpanKind.SERVER, carried=_carried(context), is_sampled=is_sampled) as span:
            context.trace_id = telemetry.trace_id()
            try:
                self._check_size(scope, headers)
                if context.authorization:
                    context.caller = await self.verifier.verify(context.authorization)
                self.limits.check(scope, context.caller)
                if not await self._take_short_cut(scope, headers, context, send_marked):
                    await self.app(scope, self._limited(scope, receive), send_marked)
            except asyncio.CancelledError:
                status = 499
                raise
            except Exception as error:
                refusal = error if isinstance(error, DomainError) else Internal()
                if not isinstance(error, DomainError):
                    log.error("request failed", route=_route(scope), exc_info=error)
                if not sent:
                    await problem(refusal)(scope, receive, send_marked)
            finally:
                route = _route(scope)
                if span.is_recording():
                    span.update_name(f"{scope['method']} {route}")
                    _describe(span, route, status)
                self._end(scope, route, scope.get("path_params", {}), context, status, began)

    async def _take_short_cut(self, scope: Scope, headers: dict[str, str], context: Context, send: Send) -> bool:
        """Answers what is read of the catalogue; the application's way through routing and validation costs five times as much.

        Left to the application is what does not have the documented shape, and what a browser of another origin asks.
        """
        if scope["method"] != "GET" or "origin" in headers:
            return False
        if (found := reading.match(scope["path"])) is None:
            return False
        read, slug = found
        if (query := reading.query_of(read, scope["query_string"])) is None:
            return False
        self._enter(scope, read, {"slug": slug} if slug else {})
        view = reading.view_of(query, headers.get("accept-language", ""), context.channel)
        page = await self.reading.page(read, slug, query, view=view, key=context.cache_key, scope=scope)
        await page.send(send, headers.get("if-none-match", ""))
        return True

    def _enter(self, scope: Scope, route: Any, path_params: dict[str, Any]) -> None:
        scope["route"], scope["path_params"] = route, path_params
        if kind := TOUCHPOINTS.get((scope["method"], _route(scope))):
            telemetry.carry("touchpoint", kind)

    def _end(self, scope: Scope, route: str, path_params: Mapping[str, Any], context: Context, status: int, began: float) -> None:
        """Counts the request, and keeps what a customer did as a touchpoint, where the route is one."""
        seconds = time.perf_counter() - began
        is_synthetic = context.caller.is_synthetic
        self._series.count(route, scope["method"], status, seconds, is_synthetic=is_synthetic)
        kind = TOUCHPOINTS.get((scope["method"], route))
        if kind is None or self.touchpoints is None or context.caller.kind in ("staff", "service") or is_synthetic:
            return
        facts: dict[str, Any] = {f"{context.caller.kind}_id": str(context.caller.subject_id)} if context.caller.subject_id else {}
        facts |= campaign_of(scope)
        if path_params:
            facts["subject"] = str(next(iter(path_params.values())))[:200]
        self.touchpoints.note(
            pb.Touchpoint(
                visitor_id=context.visitor_id, session_id=context.session_id, channel=context.channel, kind=kind, consent=context.consent,
                outcome="error" if status >= 500 else "refused" if status >= 400 else "ok", reason=context.reason,
                duration_ms=round(seconds * 1000), trace_id=context.trace_id, **facts,
            )
        )  # fmt: skip

    def _marks(self, context: Context) -> list[tuple[bytes, bytes]]:
        """Headers of every answer."""
        marks = [
            (b"sojourn-visitor", context.visitor_id.encode()),
            (b"sojourn-session", context.session_id.encode()),
            (b"trace-id", context.trace_id.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self.is_draining:
            marks.append((b"connection", b"close"))
        return marks

    def _most_bytes(self, scope: Scope) -> int:
        is_staff = scope["path"].startswith("/v1/staff/")
        return self.settings.max_staff_body_bytes if is_staff else self.settings.max_body_bytes

    def _check_size(self, scope: Scope, headers: dict[str, str]) -> None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most_bytes(scope):
            raise BodyTooLarge("the body is too large", most_bytes=self._most_bytes(scope))

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return receive
        left = self._most_bytes(scope)

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise BodyTooLarge("the body is too large", most_bytes=self._most_bytes(scope))
            return message

        return limited


def id_of(given: str) -> str:
    """The UUID that a client sent, or a new one."""
    try:
        return str(UUID(given)) if len(given) == 36 else str(uuid_utils.uuid7())
    except ValueError:
        return str(uuid_utils.uuid7())


def _carried(context: Context) -> dict[str, str]:
    """What of a request travels with its trace."""
    carried = {"visitor": context.visitor_id, "session": context.session_id}
    if context.consent != "unknown":
        carried["consent"] = context.consent
    return carried


def _describe(span: Span, route: str, status: int) -> None:
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", "unmatched"))
