"""What happens around every request: trace, visitor, limits, errors. One ASGI middleware, because each costs 0.14 ms."""

import asyncio
import math
import time
from typing import Any, Final
from uuid import UUID

import uuid_utils
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from chassis.auth import ANONYMOUS, Caller, TokenVerifier
from chassis.errors import DomainError, Internal
from gateway import reading
from gateway.caching import key_of
from gateway.context import Context
from gateway.problems import BodyTooLarge, RateLimited, problem
from gateway.reading import Reading
from gateway.routing import TOUCHPOINTS
from gateway.settings import GatewaySettings
from gateway.touchpoints import Touchpoints, campaign_of, consent_of, cookie_of
from sojourn.journey.v1 import events_pb2 as pb

log = telemetry.log("edge")
requests_total = Counter("http_requests_total", "requests answered", ["route", "method", "status"])
request_seconds = Histogram("http_request_seconds", "time to answer", ["route", "method"], buckets=telemetry.BUCKETS)
rate_limited_total = Counter("rate_limited_total", "requests refused for being too many", ["limit"])
for _limit in ("caller", "login"):
    rate_limited_total.labels(_limit)
_WINDOW_SECONDS: Final = 60.0
STAFF_COOKIE: Final = "sojourn_staff"
PAGES: Final = "/journeys"
_LOGIN_ROUTES: Final = frozenset({("POST", "/v1/sessions"), ("POST", "/v1/customers"), ("POST", "/v1/sessions/refresh"), ("POST", PAGES)})


class Limits:
    """Requests per minute, counted in this process: a fleet of n replicas allows up to n times as many.

    Fixed windows of a minute, the same for all callers; each begins with a request, and forgets the one before.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._most = {"caller": settings.rate_limit_per_minute, "login": settings.login_rate_limit_per_minute}
        self._ends_at = 0.0
        self._counts: dict[tuple[str, str], int] = {}

    def check(self, scope: Scope, caller: Caller) -> None:
        """Raises RateLimited."""
        address = scope["client"][0] if scope.get("client") else "unknown"
        if (scope["method"], scope["path"]) in _LOGIN_ROUTES:
            self._hit("login", address)
        # A payment provider's calls are many and come from few addresses.
        if not scope["path"].startswith("/v1/webhooks/"):
            self._hit("caller", str(caller.subject_id) if caller.subject_id else address)

    def _hit(self, name: str, who: str) -> None:
        now = time.monotonic()
        if now >= self._ends_at:
            self._ends_at, self._counts = now + _WINDOW_SECONDS, {}
        count = self._counts.get((name, who), 0) + 1
        if count > self._most[name]:
            rate_limited_total.labels(name).inc()
            raise RateLimited("too many requests", retry_after_seconds=math.ceil(self._ends_at - now))
        self._counts[name, who] = count


class _Series:
    """The series of the edge's metrics, looked up once each."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        if (counter := self._counts.get((route, method, status))) is None:
            counter = self._counts[route, method, status] = requests_total.labels(route, method, str(status))
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
        await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = Context(
            caller=ANONYMOUS,
            authorization=headers.get("authorization", ""),
            visitor_id=id_of(headers.get("sojourn-visitor") or cookie_of(headers, "sojourn_visitor")),
            channel=headers.get("sojourn-channel", "")[:64],
            session_id=id_of(headers.get("sojourn-session") or cookie_of(headers, "sojourn_session")),
            consent=consent_of(headers),
        )
        if not context.authorization and scope["method"] == "GET" and scope["path"].startswith(PAGES):
            # A browser that shows a page cannot send headers; its cookie is good for reading pages only.
            token = cookie_of(headers, STAFF_COOKIE)
            context.authorization = f"Bearer {token}" if token else ""
        context.cache_key = key_of(scope, headers, context.channel)
        scope["sojourn"] = context
        began = time.perf_counter()
        status = 500
        sent = False

        async def send_marked(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                sent, status = True, message["status"]
                if status >= 400:
                    context.reason = next((value.decode() for name, value in message["headers"] if name == b"sojourn-reason"), "")
                self._mark(message, context)
            await send(message)

        carried = {"visitor": context.visitor_id, "session": context.session_id}
        if context.consent != "unknown":
            carried["consent"] = context.consent
        with telemetry.span("HTTP", SpanKind.SERVER, carried=carried) as span:
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
                route, seconds = _route(scope), time.perf_counter() - began
                if span.is_recording():
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attribute("http.route", route)
                    span.set_attribute("http.response.status_code", status)
                self._series.count(route, scope["method"], status, seconds)
                self._note(scope, context, status, seconds)

    async def _take_short_cut(self, scope: Scope, headers: dict[str, str], context: Context, send: Send) -> bool:
        """Answers what is read of the catalogue; the application's way through routing and validation costs five times as much.

        Left to the application is what does not have the documented shape, and what a browser of another origin asks.
        """
        if scope["method"] != "GET" or "origin" in headers:
            return False
        page = self.reading.cache.get(context.cache_key) if context.cache_key is not None else None
        if page is not None:
            self._enter(scope, page.route, page.path_params)
        else:
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

    def _note(self, scope: Scope, context: Context, status: int, seconds: float) -> None:
        """Keeps what a customer did as a touchpoint, where the route is one."""
        kind = TOUCHPOINTS.get((scope["method"], _route(scope)))
        if kind is None or self.touchpoints is None or context.caller.kind in ("staff", "service"):
            return
        subject = next((str(value) for value in scope.get("path_params", {}).values()), "")
        facts: dict[str, Any] = {f"{context.caller.kind}_id": str(context.caller.subject_id)} if context.caller.subject_id else {}
        facts |= campaign_of(scope)
        self.touchpoints.note(
            pb.Touchpoint(
                visitor_id=context.visitor_id, session_id=context.session_id, channel=context.channel, kind=kind, consent=context.consent,
                outcome="error" if status >= 500 else "refused" if status >= 400 else "ok", reason=context.reason,
                duration_ms=round(seconds * 1000), trace_id=context.trace_id, subject=subject[:200], **facts,
            )
        )  # fmt: skip

    def _mark(self, message: Message, context: Context) -> None:
        message["headers"] = [
            *message["headers"],
            (b"sojourn-visitor", context.visitor_id.encode()),
            (b"sojourn-session", context.session_id.encode()),
            (b"trace-id", context.trace_id.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self.is_draining:
            message["headers"].append((b"connection", b"close"))

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


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", "unmatched"))
