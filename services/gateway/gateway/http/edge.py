"""Edge of every request: trace, visitor, limits, errors.

One ASGI middleware, because each costs 0.14 ms.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.trace import Span, SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from chassis.rpc.auth import ANONYMOUS, TokenVerifier
from chassis.rpc.deadlines import set_deadline
from chassis.rpc.errors import DomainError, Internal
from gateway.admission import Overloaded
from gateway.consents import Consent, consent_of
from gateway.context import Context
from gateway.endpoints.questions import Questions
from gateway.endpoints.route import FOUND
from gateway.endpoints.table import EndpointTable, Found
from gateway.http.body_budget import BodyBudget
from gateway.http.client_address import TrustedProxies, address_of_client
from gateway.http.compression import accepts_gzip, compressing
from gateway.http.connections import UNREAD
from gateway.http.cookies import cookie_of
from gateway.http.head_checks import HeadChecks, errors_of_head
from gateway.http.limits import Limits, is_failure
from gateway.http.methods import send_allowed_methods, without_body
from gateway.http.page_cache import PRIVATE, Page, Reading
from gateway.http.problems import problem
from gateway.metrics import RequestSeries
from gateway.peers import Peers
from gateway.settings import GatewaySettings
from gateway.touchpoints.buffer import Touchpoints
from gateway.touchpoints.of_requests import touchpoint_of_request
from gateway.visitors import VisitorHandles, id_of, is_of_no_visitor

log = telemetry.log("edge")
VISITOR_COOKIE: Final = "sojourn_visitor"
_COOKIE_SECONDS: Final = 400 * 86_400


# All calls that one request makes share this; each has a shorter one of its own.
_MOST_SECONDS: Final = 30.0
# Share of the requests to trace that are traced while calls are refused for load.
_TRACED_UNDER_OVERLOAD: Final = 0.05


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints behind the edge, and what it can answer in their place."""

    table: EndpointTable
    questions: Questions
    reading: Reading
    peers: Peers


class Edge:
    """The middleware. Everything that leaves it is documented: a reply, or a problem."""

    def __init__(
        self,
        app: ASGIApp,
        settings: GatewaySettings,
        verifier: TokenVerifier,
        endpoints: Endpoints,
        touchpoints: Touchpoints | None = None,
    ) -> None:
        self.app, self.settings, self.verifier = app, settings, verifier
        self.reading, self.touchpoints = endpoints.reading, touchpoints
        self.table, self.questions = endpoints.table, endpoints.questions
        self.peers = endpoints.peers
        self.limits = Limits(settings)
        self._checks = HeadChecks(settings, verifier, self.limits, endpoints.reading.cache)
        self.budget = BodyBudget(
            settings.max_bodies_in_flight_bytes,
            small_bytes=settings.max_small_bodies_in_flight_bytes,
        )
        self.proxies = TrustedProxies.parse(settings.trusted_proxies)
        # In development a secret may be missing: handles are then good until the process ends.
        self.visitors = VisitorHandles(
            settings.visitor_secret.get_secret_value() or secrets.token_hex(32),
            settings.previous_visitor_secret.get_secret_value(),
        )
        self._cookie_suffix = f"; Path=/; Max-Age={_COOKIE_SECONDS}; HttpOnly; SameSite=Lax" + (
            "; Secure"
            if settings.environment == "production" or settings.public_url.startswith("https:")
            else ""
        )
        self._series = RequestSeries()
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope, send = {**scope, "method": "GET"}, without_body(send)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        visitor = self.visitors.visitor_of(
            headers.get("sojourn-visitor") or cookie_of(headers, VISITOR_COOKIE)
        )
        consent = consent_of(headers)
        context = Context(
            caller=ANONYMOUS,
            authorization=headers.get("authorization", ""),
            visitor_id=visitor.id,
            visitor_handle=visitor.handle,
            is_new_visitor=visitor.is_new,
            address=address_of_client(scope, headers, self.proxies),
            channel=headers.get("sojourn-channel", ""),
            session_id=id_of(
                headers.get("sojourn-session") or cookie_of(headers, "sojourn_session")
            ),
            consent=consent.answer,
            recorded_consent=consent.recorded,
            is_head=is_head,
        )
        question = (
            self.questions.find(scope["path"], scope["query_string"])
            if scope["method"] == "GET"
            else None
        )
        context.question = question
        if question is not None and not context.authorization and not consent.unknown:
            context.cache_key = question.key(
                self.reading.cache,
                scope["path"],
                context.channel,
                headers.get("accept-language", ""),
            )
            context.is_shared = bool(self.settings.shared_cache_seconds) and is_of_no_visitor(
                scope["query_string"], headers, context.recorded_consent
            )
            context.cache_control = self._cache_control_of(context)
        is_sampled = self._draw_sampled()
        # Most requests ask for a cached page, which needs nothing of the long way. A browser of
        # another origin takes the long way.
        if context.cache_key is not None and "origin" not in headers:
            page = self.reading.cache.get(context.cache_key)
            if page is not None and await self._checks.may_read_page(headers, context):
                await self._send_page(
                    page, scope, headers, context, send, is_sampled=is_sampled, began=began
                )
                return
        await self._serve(
            scope,
            headers,
            context,
            consent,
            receive,
            send,
            is_sampled=is_sampled,
            began=began,
        )

    def _draw_sampled(self) -> bool:
        """Returns whether to trace a request.

        While the shop refuses calls for load, most traces are left out: spans take a third of the
        cores of all services.
        """
        if not telemetry.draw_sampled():
            return False
        return not self.peers.is_overloaded or random.random() < _TRACED_UNDER_OVERLOAD

    async def _send_page(
        self,
        page: Page,
        scope: Scope,
        headers: dict[str, str],
        context: Context,
        send: Send,
        *,
        is_sampled: bool,
        began: float,
    ) -> None:
        if page.hides_prices:
            # A CDN does not tell customers, who see prices, from guests.
            context.is_shared = False
        route, cache_control = page.route.path, self._cache_control_of(context)
        if is_sampled:
            with telemetry.span(
                f"GET {route}", SpanKind.SERVER, carried=context.carried(), is_sampled=True
            ) as span:
                self._enter(scope, page.route, page.path_params)
                context.trace_id = telemetry.trace_id()
                status = await page.send(
                    send, headers, self._marks(context), cache_control=cache_control
                )
                _describe(span, route, status)
        else:
            context.trace_id = telemetry.new_trace_id()
            status = await page.send(
                send, headers, self._marks(context), cache_control=cache_control
            )
        context.results = page.results
        self._end(scope, route, page.path_params, context, status, began)

    async def _serve(
        self,
        scope: Scope,
        headers: dict[str, str],
        context: Context,
        consent: Consent,
        receive: Receive,
        send: Send,
        *,
        is_sampled: bool,
        began: float,
    ) -> None:
        found = self.table.find(scope["method"], scope["path"])
        scope["sojourn"], scope[FOUND] = context, found
        set_deadline(_MOST_SECONDS)
        status = 500
        sent = False
        if accepts_gzip(headers.get("accept-encoding", "")):
            send = compressing(send)

        async def send_marked(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                sent, status = True, message["status"]
                if status >= 400:
                    context.reason = next(
                        (
                            value.decode()
                            for name, value in message["headers"]
                            if name == b"sojourn-reason"
                        ),
                        "",
                    )
                message["headers"] = [*message["headers"], *self._marks(context)]
                if all(name != b"cache-control" for name, _ in message["headers"]):
                    message["headers"].append((b"cache-control", b"no-store"))
                if (unread := scope.get(UNREAD)) is not None and unread():
                    # Refused on its head: the connection is closed rather than read to the body's
                    # end.
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        with telemetry.span(
            "HTTP", SpanKind.SERVER, carried=context.carried(), is_sampled=is_sampled
        ) as span:
            context.trace_id = telemetry.trace_id()
            try:
                consent.require_known()
                await self._checks.admit(scope, headers, context, found.policy)
                if context.caller.acted_by is not None:
                    context.leave_out_visitor()
                if scope["method"] == "OPTIONS" and not self._is_preflight(headers):
                    await send_allowed_methods(self.table.methods_of(scope["path"]), send_marked)
                else:
                    self._require_room(scope, context, found)
                    await self._run(
                        scope, context, self._checks.most_bytes(found.policy), receive, send_marked
                    )
            except asyncio.CancelledError:
                status = 499
                raise
            except Exception as error:
                refusal = error if isinstance(error, DomainError) else Internal()
                if not isinstance(error, DomainError):
                    log.error("request failed", route=_route(scope), exc_info=error)
                if not sent:
                    await problem(refusal, errors=errors_of_head(refusal))(
                        scope, receive, send_marked
                    )
            finally:
                route = _route(scope)
                if span.is_recording():
                    span.update_name(f"{scope['method']} {route}")
                    _describe(span, route, status)
                self._end(scope, route, scope.get("path_params", {}), context, status, began)

    def _require_room(self, scope: Scope, context: Context, found: Found) -> None:
        """Raises Overloaded where the service has its most in flight, before a body is read."""
        if (rpc := found.policy.rpc) is None:
            return
        try:
            self.peers.backend_of(rpc).require_room(rpc, context.authorization)
        except Overloaded:
            self._enter(scope, found.endpoint, found.path_params)
            raise

    def _is_preflight(self, headers: dict[str, str]) -> bool:
        return bool(self.settings.allowed_origins) and "access-control-request-method" in headers

    def _cache_control_of(self, context: Context) -> str:
        if not context.is_shared:
            return PRIVATE
        return f"public, max-age=0, s-maxage={self.settings.shared_cache_seconds}"

    async def _run(
        self, scope: Scope, context: Context, most_bytes: int, receive: Receive, send: Send
    ) -> None:
        """Runs the application on a body that is bounded, alone and together with all others."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        with self.budget.reading(receive, context.address, most_bytes=most_bytes) as bounded:
            await self.app(scope, bounded, send)

    def _enter(self, scope: Scope, route: Any, path_params: dict[str, Any]) -> None:
        scope["route"], scope["path_params"] = route, path_params
        if kind := self._touchpoint_of(scope["method"], _route(scope)):
            telemetry.carry("touchpoint", kind)

    def _touchpoint_of(self, method: str, route: str) -> str | None:
        row = self.table.get(method, route)
        return row.touchpoint if row is not None else None

    def _end(
        self,
        scope: Scope,
        route: str,
        path_params: Mapping[str, Any],
        context: Context,
        status: int,
        began: float,
    ) -> None:
        """Counts the request, and buffers its touchpoint where the route has one."""
        seconds = time.perf_counter() - began
        if status >= 400 and is_failure(scope["path"], status):
            self.limits.count_failure(context.address)
        self._series.count(
            route, scope["method"], status, seconds, is_synthetic=context.caller.is_synthetic
        )
        kind = self._touchpoint_of(scope["method"], route)
        if kind is None or self.touchpoints is None:
            return
        touchpoint = touchpoint_of_request(
            kind, scope, context, path_params, status=status, seconds=seconds
        )
        if touchpoint is not None:
            self.touchpoints.add(touchpoint, seconds=seconds)

    def _marks(self, context: Context) -> list[tuple[bytes, bytes]]:
        """Headers of every answer. What a CDN may keep has none of a visitor or caller."""
        marks = [
            (b"trace-id", context.trace_id.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self.is_draining:
            marks.append((b"connection", b"close"))
        if context.is_shared and context.reason == "":
            return marks
        marks += [
            (b"sojourn-visitor", context.visitor_handle.encode()),
            (b"sojourn-session", context.session_id.encode()),
        ]
        if context.limit is not None:
            state = self.limits.remaining(*context.limit)
            marks += [
                (b"ratelimit-limit", b"%d" % state.most),
                (b"ratelimit-remaining", b"%d" % state.remaining),
                (b"ratelimit-reset", b"%d" % state.reset_seconds),
            ]
        if context.recorded_consent:
            marks.append((b"sojourn-consent", context.recorded_consent.encode()))
        if context.is_new_visitor:
            marks.append(
                (
                    b"set-cookie",
                    f"{VISITOR_COOKIE}={context.visitor_handle}{self._cookie_suffix}".encode(),
                )
            )
        return marks


def _describe(span: Span, route: str, status: int) -> None:
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", "unmatched"))
