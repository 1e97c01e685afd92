"""Client of the gateway's REST API.

It sends only what a customer's own program could send: documented paths, a token, the visitor's
handle and consent, and, as each proxy does, the client's address.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import httpx
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis import telemetry
from web.server.metrics import gateway_request_seconds, gateway_requests_total

log = telemetry.log("gateway")
_CONNECT_SECONDS: Final = 2.0
_REASONS: Final[Mapping[int, str]] = {503: "GATEWAY_AWAY", 504: "GATEWAY_LATE"}


class Reply(BaseModel):
    """A part of a reply. Unknown fields are left out, so that the gateway may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Empty(Reply):
    """A reply of which nothing is needed."""


R = TypeVar("R", bound=Reply)


@dataclass(frozen=True, slots=True)
class Caller:
    """The browser for which a call is made.

    `token` authorizes; `visitor`, `session` and `consent` are the gateway's own marks, which the
    browser keeps in cookies; `address` is the client's, for the gateway's limits.
    """

    token: str = ""
    visitor: str = ""
    session: str = ""
    consent: str = ""
    address: str = ""
    language: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry these facts; none for what is empty."""
        marks = {
            "Authorization": f"Bearer {self.token}" if self.token else "",
            "Sojourn-Visitor": self.visitor,
            "Sojourn-Session": self.session,
            "Sojourn-Consent": self.consent,
            "X-Forwarded-For": self.address,
            "Accept-Language": self.language,
        }
        return {name: value for name, value in marks.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with the marks that the browser shall keep."""

    content: bytes
    visitor: str = ""
    session: str = ""

    def read(self, kind: type[R]) -> R:
        """Returns the reply. Raises Problem if it has another form."""
        try:
            return kind.model_validate_json(self.content)
        except ValidationError as error:
            log.error("unknown form of a reply", kind=kind.__name__, errors=error.error_count())
            raise Problem(502, "GATEWAY_REPLY_UNKNOWN") from None


class Problem(Exception):
    """The gateway's refusal: its HTTP status and stable reason (RFC 9457)."""

    def __init__(self, status: int, reason: str, *, retry_after: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.retry_after = status, reason, retry_after


class _ProblemDocument(BaseModel):
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: a method, a path template with its values, and what goes with it.

    `version` is that of the resource that the caller saw; 0 for any.
    """

    method: str
    path: str
    caller: Caller
    values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    key: str = ""
    version: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """The caller's headers, the key that makes a repeat safe, and the version."""
        headers = self.caller.headers
        if self.key:
            headers["Idempotency-Key"] = self.key
        if self.version:
            headers["If-Match"] = f'"{self.version}"'
        return headers

    @property
    def url(self) -> str:
        return self.path.format(**self.values) if self.values else self.path


class GatewayClient:
    """Calls the gateway. A GET whose connection breaks is repeated once, nothing else is."""

    def __init__(
        self,
        url: str,
        *,
        seconds: float,
        max_connections: int = 64,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(seconds, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=20),
            headers={"Accept": "application/json", "User-Agent": "sojourn-web"},
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def ask(self, call: Call) -> Answer:
        """Returns the gateway's answer. Raises Problem."""
        began = time.perf_counter()
        status = 0
        try:
            with telemetry.span(f"{call.method} {call.path}", SpanKind.CLIENT) as span:
                response = await self._send(call)
                status = response.status_code
                span.set_attribute("http.response.status_code", status)
                if trace_id := response.headers.get("trace-id"):
                    # The gateway trusts nobody's trace and begins its own.
                    span.set_attribute("sojourn.gateway_trace", trace_id)
        finally:
            gateway_requests_total.labels(call.path, str(status)).inc()
            gateway_request_seconds.labels(call.path).observe(time.perf_counter() - began)
        if response.is_success:
            return Answer(
                response.content,
                response.headers.get("sojourn-visitor", ""),
                response.headers.get("sojourn-session", ""),
            )
        raise _problem_of(response)

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(self, call: Call) -> httpx.Response:
        try:
            try:
                return await self._request(call)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                # The gateway ends idle connections; a read may be repeated.
                if call.method != "GET":
                    raise
                return await self._request(call)
        except httpx.TimeoutException:
            raise Problem(504, _REASONS[504]) from None
        except httpx.TransportError as error:
            log.warning("gateway is away", error_type=type(error).__name__)
            raise Problem(503, _REASONS[503]) from None

    async def _request(self, call: Call) -> httpx.Response:
        query = {name: value for name, value in call.query.items() if value != ""}
        return await self._client.request(
            call.method, call.url, params=query or None, json=call.body, headers=call.headers
        )


def _problem_of(response: httpx.Response) -> Problem:
    try:
        reason = _ProblemDocument.model_validate_json(response.content).reason
    except ValidationError:
        reason = ""
    return Problem(
        response.status_code,
        reason or _REASONS.get(response.status_code, "UNKNOWN"),
        retry_after=response.headers.get("retry-after", ""),
    )
