"""Decisions on the head of a request: token, permission, limits, size."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from chassis.runtime.clock import uuid7
from chassis.testing import let_tasks_run, sample_value
from gateway.app import TABLE
from gateway.endpoints.access import Access, Limit
from gateway.endpoints.endpoint import MIB
from gateway.endpoints.table import PAGES
from gateway.http.limits import FAILURE_COST, MOST_COUNTERS, Limits
from gateway.settings import GatewaySettings
from identity.sessions.refresh_tokens import RefreshTokens
from identity.vault import Vault
from services.gateway.tests.gateway_shop import TOKENS, a_shop

STAFF = sorted((row.method, row.path) for row in TABLE if row.callers.access is Access.STAFF)
REFRESH_TOKENS = RefreshTokens(Vault(b"k" * 32))
CREATE_CHECKOUT = "/sojourn.checkout.v1.CheckoutService/CreateCheckout"
TARGETS = {
    f"{name}_target": "-"
    for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
}


def filled(path: str) -> str:
    return re.sub(
        r"{\w+}",
        lambda found: (
            "x" if found[0] in ("{slug}", "{sku}", "{code}", "{provider}") else str(uuid7())
        ),
        path,
    )


def refresh_token() -> str:
    """Returns the first refresh token of a new session."""
    return REFRESH_TOKENS.first(uuid7()).text


def limits(**settings: Any) -> Limits:
    return Limits(GatewaySettings(environment="development", **TARGETS, **settings))


async def unread_call(
    app: Any, method: str, path: str, authorization: str = "", *, length: int = 8 * MIB
) -> dict[str, Any]:
    """Returns the first message of the answer to a request whose body must not be read."""
    sent: list[dict[str, Any]] = []
    headers = [
        (b"host", b"shop"),
        (b"content-length", b"%d" % length),
        (b"content-type", b"application/json"),
    ]
    if authorization:
        headers.append((b"authorization", authorization.encode()))

    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.1", 1),
    }
    await app(scope, receive, send)
    return sent[0]


async def test_every_operation_declares_who_may_call_it() -> None:
    async with a_shop() as shop:
        routes = [route for route in shop.app.routes if isinstance(route, Route | APIRoute)]
        declared = {
            (method, route.path)
            for route in routes
            for method in route.methods or ()
            if method != "HEAD"
        }

    assert declared
    assert declared - PAGES.keys() == {(row.method, row.path) for row in TABLE}


async def test_a_path_has_the_operation_of_the_route_that_answers_it() -> None:
    async with a_shop() as shop:
        routes = [route for route in shop.app.routes if isinstance(route, APIRoute)]
        words = {
            re.sub(r"{\w+}", word, route.path)
            for route in routes
            for word in ("x", "current", "restore", "guest", "import", "redrive")
        }
        different = []
        for path in sorted(words):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                first = next(
                    (
                        route
                        for route in routes
                        if method in route.methods and route.path_regex.match(path)
                    ),
                    None,
                )
                if first is not None and TABLE.find(method, path).endpoint is not TABLE.get(
                    method, first.path
                ):
                    different.append((method, path, first.path))

    assert different == []


def some_at_a_time(keys: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Returns keys, some at a time."""
    left = list(keys)
    for begin in range(0, len(left), size):
        yield left[begin : begin + size]


async def test_a_staff_operation_refuses_strangers_before_it_reads_their_body() -> None:
    other = "Bearer " + TOKENS.create("staff", uuid7(), scopes=["something.else"])
    answers: dict[tuple[str, str], list[int]] = {}
    # An address may not ask so often at once.
    for some in some_at_a_time(STAFF, 20):
        async with a_shop() as shop:
            for method, path in some:
                answers[method, path] = [
                    (await unread_call(shop.edge, method, filled(path), authorization))["status"]
                    for authorization in ("", TOKENS.customer(), other)
                ]

    assert len(answers) > 20
    assert [
        (key, statuses) for key, statuses in answers.items() if statuses != [401, 403, 403]
    ] == []


async def test_a_full_service_refuses_before_a_body_is_read_and_the_refusal_has_its_route() -> None:
    refused = {"route": "/v1/checkouts", "method": "POST", "status": "503", "synthetic": ""}
    before = sample_value("http_requests_total", **refused)
    release = asyncio.Event()
    async with a_shop() as shop:
        gate = shop.gates["checkout"]
        gate.limit = 1
        held = asyncio.create_task(gate.call(CREATE_CHECKOUT, release.wait))
        await let_tasks_run()
        start = await unread_call(shop.edge, "POST", "/v1/checkouts", TOKENS.guest(), length=100)
        release.set()
        await held

    assert start["status"] == 503
    assert (b"sojourn-reason", b"OVERLOADED") in start["headers"]
    assert sample_value("http_requests_total", **refused) == before + 1


async def test_a_path_under_the_back_office_that_no_route_has_tells_strangers_nothing() -> None:
    async with a_shop(allowed_origins=["https://shop.example"]) as shop:
        stranger = await shop.client.post("/v1/staff/nothing", content=b"x")
        preflight = await shop.client.options(
            "/v1/staff/orders",
            headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"},
        )

    assert stranger.status_code == 401
    assert preflight.status_code == 200


async def test_a_service_with_the_scope_is_no_member_of_the_staff() -> None:
    token = "Bearer " + TOKENS.create("service", "checkout", scopes=["orders.read"])
    async with a_shop() as shop:
        response = await shop.client.get("/v1/staff/orders", headers={"Authorization": token})

    assert (response.status_code, response.json()["reason"]) == (403, "STAFF_ONLY")


async def test_an_operation_takes_no_more_bytes_than_it_declares() -> None:
    async with a_shop() as shop:
        large = b'{"email": "%s"}' % (b"x" * 20_000)
        response = await shop.client.post(
            "/v1/sessions", content=large, headers={"Content-Type": "application/json"}
        )

    assert (response.status_code, response.json()["metadata"]) == (413, {"most_bytes": "16384"})


async def test_an_address_is_limited_however_many_identities_it_has() -> None:
    async with a_shop(rate_limit_per_minute=10, address_rate_limit_per_minute=30) as shop:
        answers = []
        for _ in range(6):
            guest = {"Authorization": TOKENS.guest()}
            answers += [
                (await shop.client.get("/v1/products/a", headers=guest)).status_code
                for _ in range(6)
            ]

    assert answers == [200] * 30 + [429] * 6


async def test_codes_of_gift_cards_are_limited_per_caller_and_per_address() -> None:
    async with a_shop(code_rate_limit_per_minute=2, address_code_rate_limit_per_minute=5) as shop:
        answers = []
        for _ in range(3):
            guest = {"Authorization": TOKENS.guest()}
            answers += [
                (
                    await shop.client.post(
                        "/v1/gift-cards/balance", json={"code": f"GUESS-{number}"}, headers=guest
                    )
                ).status_code
                for number in range(3)
            ]

    # Nobody answers here; what is refused is refused before that.
    assert [each == 429 for each in answers] == [
        False, False, True, False, False, True, True, True, True,
    ]  # fmt: skip


async def test_guests_are_limited_per_address_whatever_token_comes_along() -> None:
    async with a_shop(guest_session_limit_per_minute=3) as shop:
        answers = []
        for authorization in (
            "",
            TOKENS.guest(),
            TOKENS.guest(),
            TOKENS.customer(),
            TOKENS.customer(),
        ):
            headers = {"Authorization": authorization} if authorization else {}
            answers.append(
                (await shop.client.post("/v1/sessions/guest", headers=headers)).status_code
            )

    assert answers == [201, 201, 201, 429, 429]


async def test_forged_tokens_are_refused_unverified_once_an_address_has_used_up_its_failures() -> (
    None
):
    async with a_shop(rate_limit_per_minute=1_000, address_rate_limit_per_minute=100) as shop:
        known = {"Authorization": TOKENS.customer()}
        before = await shop.client.get("/v1/products/a", headers=known)
        forged = {"Authorization": "Bearer x.y.z"}
        answers = [(await shop.client.get("/v1/me", headers=forged)).status_code for _ in range(12)]
        after = await shop.client.get("/v1/products/a", headers=known)
        webhook = await shop.client.post("/v1/webhooks/payments/simulator", content=b"{}")

    assert answers == [401] * 10 + [429] * 2
    assert (before.status_code, after.status_code, webhook.status_code) == (200, 200, 429)


def test_webhooks_are_limited_by_their_failures_alone() -> None:
    counted = limits(rate_limit_per_minute=10)

    for _ in range(1_000):
        counted.count_arrival(Limit.WEBHOOK, "192.0.2.1")
    for _ in range(5):
        counted.count_failure("192.0.2.1")

    with pytest.raises(Exception, match="at most"):
        counted.count_arrival(Limit.WEBHOOK, "192.0.2.1")
    counted.count_arrival(Limit.WEBHOOK, "192.0.2.2")
    assert FAILURE_COST == 10


@pytest.mark.parametrize(
    ("status", "is_failure"),
    [(401, True), (422, True), (404, True), (499, False), (408, False), (413, False)],
)
async def test_a_webhook_s_client_that_leaves_or_is_slow_is_no_forger(
    status: int, is_failure: bool
) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if status == 499:
            raise asyncio.CancelledError
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with a_shop(rate_limit_per_minute=10, address_rate_limit_per_minute=FAILURE_COST) as shop:
        inner, shop.edge.app = shop.edge.app, application
        with contextlib.suppress(asyncio.CancelledError):
            await shop.client.post("/v1/webhooks/payments/simulator", content=b"{}")
        shop.edge.app = inner
        after = await shop.client.post("/v1/webhooks/payments/simulator", content=b"{}")

    assert (after.status_code == 429) is is_failure


async def test_thirty_customers_behind_one_address_refresh_and_log_in() -> None:
    async with a_shop() as shop:
        logins = [
            (
                await shop.client.post(
                    "/v1/sessions", json={"email": f"c{number}@example.com", "password": "x"}
                )
            ).status_code
            for number in range(30)
        ]
        refreshes = [
            (
                await shop.client.post(
                    "/v1/sessions/refresh", json={"refresh_token": refresh_token()}
                )
            ).status_code
            for _ in range(30)
        ]

    assert logins == [201] * 30
    assert refreshes == [200] * 30


async def test_a_session_and_an_account_are_limited_by_themselves() -> None:
    async with a_shop(login_rate_limit_per_minute=2) as shop:
        token = REFRESH_TOKENS.first(uuid7())
        successors = [token, *(token := REFRESH_TOKENS.successor_of(token) for _ in range(2))]
        refreshes = [
            (
                await shop.client.post("/v1/sessions/refresh", json={"refresh_token": each.text})
            ).status_code
            for each in successors
        ]
        forged = [
            (
                await shop.client.post(
                    "/v1/sessions/refresh", json={"refresh_token": f"r1.{number}"}
                )
            ).status_code
            for number in range(3)
        ]
        logins = [
            (
                await shop.client.post("/v1/sessions", json={"email": email, "password": "x"})
            ).status_code
            for email in ("a@example.com", "A@Example.com ", " a@example.com", "b@example.com")
        ]

    assert refreshes == [200, 200, 429]
    assert forged == [200, 200, 429]
    assert logins == [201, 201, 429, 201]


async def test_an_address_cannot_try_one_password_on_all_accounts() -> None:
    async with a_shop(login_rate_limit_per_minute=2) as shop:
        answers = [
            (
                await shop.client.post(
                    "/v1/sessions", json={"email": f"c{number}@example.com", "password": "x"}
                )
            ).status_code
            for number in range(12)
        ]

    assert answers == [201] * 10 + [429] * 2


def test_counters_take_bounded_memory() -> None:
    counted = limits(rate_limit_per_minute=1)

    for number in range(MOST_COUNTERS + 5_000):
        counted.allow_page(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")

    assert counted.counters <= 2 * (MOST_COUNTERS + 1_024)


async def test_cached_pages_count_against_their_address() -> None:
    async with a_shop(rate_limit_per_minute=3) as shop:
        answers = [(await shop.client.get("/v1/products/a")).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
