"""The pages before a gateway that answers what a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from web.app import create_app
from web.gateway_client import GatewayClient
from web.server.edge import Edge
from web.settings import Settings

ORDER_ID = "01a2262b-f618-7218-ad39-92f06044f346"
TRACE = "ab" * 16
STAFF = {
    "access_token": "staff-token",
    "expires_in_seconds": 900,
    "refresh_token": "staff-refresh",
    "subject_id": ORDER_ID,
    "kind": "staff",
    "device_token": "device-1",
}
GUEST = {**STAFF, "access_token": "guest-token", "kind": "guest", "device_token": ""}
CUSTOMER = {**STAFF, "access_token": "customer-token", "kind": "customer"}


def eur(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "EUR"}


def a_map(slug: str = "five-stages", *, is_built_in: bool = True) -> dict[str, Any]:
    stages = [
        {"slug": "awareness", "name": {"en": "Awareness"}},
        {"slug": "purchase", "name": {"en": "Purchase"}},
    ]
    name = {"en": "Five stages", "de": "Fünf Phasen"}
    return {
        "slug": slug,
        "version": 1,
        "name": name,
        "description": {},
        "stages": stages,
        "is_built_in": is_built_in,
    }


def a_funnel() -> dict[str, Any]:
    def stage(slug: str, people: int, rate: float) -> dict[str, Any]:
        return {
            "slug": slug,
            "name": slug.title(),
            "people": people,
            "conversion_rate": rate,
            "total_rate": rate,
            "drop_off": 2 - people,
            "median_seconds": 90.0,
        }

    kind = {
        "stage": "purchase",
        "kind": "order.place",
        "touchpoints": 3,
        "people": 1,
        "errors": 1,
        "refused": 0,
        "p95_ms": 120,
    }
    return {
        "map": "five-stages",
        "segments": [{"stages": [stage("awareness", 2, 1.0), stage("purchase", 1, 0.5)]}],
        "touchpoints": [kind],
        "score": {"answers": 1, "score": 100.0},
    }


def a_touchpoint(kind: str, stage: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": ORDER_ID,
        "stage": stage,
        "kind": kind,
        "source": "gateway",
        "outcome": "ok",
        "trace_id": TRACE,
        "trace_url": f"https://traces.example/{TRACE}",
        "occurred_at": "2026-03-01T12:00:00Z",
        **facts,
    }


def a_journey(*touchpoints: dict[str, Any], **facts: Any) -> dict[str, Any]:
    stages = [
        {"slug": "awareness", "name": "Awareness", "touchpoints": 1, "seconds": 60.0},
        {"slug": "purchase", "name": "Purchase", "touchpoints": 0, "seconds": 0.0},
    ]
    return {
        "person_id": ORDER_ID,
        "is_customer": True,
        "stages": stages,
        "touchpoints": list(touchpoints),
        "trace_status": "complete",
        "spans": [],
        **facts,
    }


@dataclass
class FakeGateway:
    """Answers by method and path; anything else is a 404. It remembers every request.

    `intercept` comes first where a test sets it: it may answer, or return None.
    """

    answers: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    intercept: Callable[[httpx.Request], Awaitable[httpx.Response | None]] | None = None

    def reply(self, method: str, path: str, body: Any = None, *, status: int = 200) -> None:
        marks = {"sojourn-visitor": "visitor.handle", "sojourn-session": ORDER_ID}
        self.answers[method, path] = httpx.Response(status, json=body, headers=marks)

    def refuse(
        self, method: str, path: str, status: int, reason: str, *, retry_after: str = ""
    ) -> None:
        headers = {"retry-after": retry_after} if retry_after else {}
        self.answers[method, path] = httpx.Response(
            status, json={"reason": reason, "status": status}, headers=headers
        )

    def bodies(self, method: str, path: str) -> list[Any]:
        return [
            json.loads(one.content)
            for one in self.requests
            if (one.method, one.url.path) == (method, path)
        ]

    def asked(self, method: str, path: str) -> httpx.Request:
        """Returns the last request of that kind."""
        found = [one for one in self.requests if (one.method, one.url.path) == (method, path)]
        return found[-1]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.intercept is not None and (answer := await self.intercept(request)) is not None:
            return answer
        known = self.answers.get((request.method, request.url.path))
        return known or httpx.Response(404, json={"reason": "NO_SUCH_ROUTE", "status": 404})


@dataclass
class Site:
    """A browser before the pages."""

    browser: httpx.AsyncClient
    gateway: FakeGateway
    edge: Edge

    def sign_in(self) -> None:
        """Lets the browser hold the session of a member of the staff."""
        self.browser.cookies.set("sojourn_staff", "staff-token")


@asynccontextmanager
async def a_site(*, address: str = "203.0.113.7", **settings: Any) -> AsyncIterator[Site]:
    chosen = {"environment": "development", "gateway_url": "http://gateway", **settings}
    fake = FakeGateway()
    client = GatewayClient("http://gateway", seconds=5, transport=httpx.MockTransport(fake.handle))
    edge, app = create_app(Settings(**chosen), client)
    transport = httpx.ASGITransport(app, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as browser:
        yield Site(browser, fake, edge)
    await client.close()
