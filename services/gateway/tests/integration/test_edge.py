"""The gateway before fake services of the real contracts."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest

from cart.testing import a_cart, a_line
from chassis.events.broker import Broker
from chassis.rpc.auth import SYNTHETIC
from chassis.runtime.clock import Clock, uuid7
from chassis.testing import sample_value
from gateway.endpoints.preconditions import amount_of, content_etag, version_of
from gateway.touchpoints.buffer import Touchpoints
from services.gateway.tests.gateway_shop import HANDLES, TOKENS, a_shop
from sojourn.common.v1 import money_pb2
from sojourn.journey.v1 import events_pb2

EUROS = money_pb2.Money(amount_minor=89_99, currency="EUR")
ID = "0190a6e2-0000-7000-8000-000000000001"
CART, KEY = "/v1/carts", {"Idempotency-Key": "k-1"}


async def test_a_peer_that_is_away_is_a_503_that_says_when_to_come_back() -> None:
    async with a_shop() as shop:
        response = await shop.client.get("/v1/orders", headers={"Authorization": TOKENS.customer()})

    assert (response.status_code, response.headers["content-type"]) == (
        503,
        "application/problem+json",
    )
    assert response.headers["retry-after"] == "1"
    assert response.json()["metadata"] == {"peer": "checkout"}
    assert len(response.json()["trace_id"]) == 32


async def test_a_cart_without_its_estimate_says_so_and_keeps_the_key() -> None:
    async with a_shop() as shop:
        headers = {"Authorization": TOKENS.guest(), "Idempotency-Key": "k-1"}
        body = {"lines": [{"variant_id": ID, "quantity": 1}]}
        asking, plain = "/v1/carts?expand=delivery_options", "/v1/carts"
        first, repeated = [
            await shop.client.post(path, json=body, headers=headers) for path in (asking, plain)
        ]

    assert (first.status_code, first.json()["degraded"]) == (201, ["delivery_options"])
    assert first.headers["location"] == f"/v1/carts/{first.json()['id']}"
    assert first.headers["etag"].startswith('W/"1-')
    assert "idempotency-replayed" not in first.headers
    assert repeated.headers["idempotency-replayed"] == "true"
    assert (repeated.json()["degraded"], "delivery_options" in repeated.json()) == ([], False)
    assert [call.headers["idempotency-key"] for call in shop.cart.calls.received] == ["k-1"] * 2


async def test_a_change_without_a_key_is_refused_before_anybody_is_asked() -> None:
    async with a_shop() as shop:
        headers = {"Authorization": TOKENS.guest()}
        response = await shop.client.post("/v1/carts", json={}, headers=headers)

    assert (response.status_code, response.json()["reason"]) == (422, "KEY_REQUIRED")
    assert response.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert shop.cart.calls.received == []


async def test_what_was_sent_is_not_repeated_in_an_error() -> None:
    async with a_shop() as shop:
        response = await shop.client.post(
            "/v1/sessions", json={"email": "not an address", "password": "a secret"}
        )

    assert response.status_code == 422
    assert "secret" not in response.text
    assert "not an address" not in response.text


async def test_callers_are_limited_and_logins_more_strictly() -> None:
    async with a_shop(rate_limit_per_minute=6, login_rate_limit_per_minute=2) as shop:
        logins = [
            await shop.client.post("/v1/sessions", json={"email": "a@example.com", "password": "x"})
            for _ in range(3)
        ]
        reads = [await shop.client.get("/v1/products/a") for _ in range(4)]
        other = await shop.client.get("/v1/products/a", headers={"Authorization": TOKENS.guest()})

    assert [response.status_code for response in logins] == [201, 201, 429]
    assert [response.status_code for response in reads] == [200, 200, 200, 429]
    assert 1 <= int(reads[-1].headers["retry-after"]) <= 60
    assert other.status_code == 200


async def test_keys_are_tried_no_more_often_than_passwords() -> None:
    async with a_shop(login_rate_limit_per_minute=2) as shop:
        shop.identity.api_keys["yek"] = [SYNTHETIC]
        sessions = [
            await shop.client.post("/v1/sessions/api-key", json={"api_key": "yek"})
            for _ in range(3)
        ]

    assert [response.status_code for response in sessions] == [201, 201, 429]
    caller = await TOKENS.verifier().verify("Bearer " + sessions[0].json()["access_token"])
    assert (caller.scopes, sessions[0].headers["cache-control"]) == ({SYNTHETIC}, "no-store")


async def test_what_a_synthetic_shopper_does_is_no_touchpoint_and_counted_apart() -> None:
    synthetic = "Bearer " + TOKENS.create("guest", uuid7(), scopes=[SYNTHETIC])
    names = {"route": "/v1/products/{slug}", "method": "GET", "status": "200"}

    def counted(is_synthetic: str) -> float:
        return sample_value("http_requests_total", **names, synthetic=is_synthetic)

    before, noted = (counted(""), counted("true")), sample_value("touchpoints_noted_total")
    async with a_shop() as shop:
        shop.edge.touchpoints = Touchpoints(Broker("nats://127.0.0.1:1", "test"), Clock(), most=10)
        for authorization in (synthetic, TOKENS.guest(), synthetic):
            await shop.client.get(
                "/v1/products/a",
                headers={"Authorization": authorization, "Sojourn-Synthetic": "true"},
            )

    assert (counted("") - before[0], counted("true") - before[1]) == (1, 2)
    assert sample_value("touchpoints_noted_total") - noted == 1


async def test_large_bodies_are_refused_with_and_without_a_length() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async with a_shop(max_body_bytes=1000) as shop:
        told = await shop.client.post("/v1/sessions", content=b"x" * 1001)
        untold = await shop.client.post(
            "/v1/sessions", content=chunks(), headers={"Content-Type": "application/json"}
        )

    assert [response.json()["reason"] for response in (told, untold)] == ["BODY_TOO_LARGE"] * 2
    assert [response.status_code for response in (told, untold)] == [413, 413]


async def test_anonymous_answers_are_cached_until_the_catalogue_changes() -> None:
    async with a_shop() as shop:
        first = await shop.client.get("/v1/products/a?currency=EUR")
        again = await shop.client.get("/v1/products/a?currency=EUR")
        german = await shop.client.get(
            "/v1/products/a?currency=EUR", headers={"Accept-Language": "de-DE,de;q=0.9"}
        )
        known = await shop.client.get(
            "/v1/products/a?currency=EUR", headers={"If-None-Match": first.headers["etag"]}
        )
        customer = await shop.client.get(
            "/v1/products/a?currency=EUR", headers={"Authorization": TOKENS.customer()}
        )
        shop.app.state.cache.drop()
        fresh = await shop.client.get("/v1/products/a?currency=EUR")

    assert first.content == again.content
    assert german.json()["title"] == "de-DE|EUR"
    assert (known.status_code, known.content) == (304, b"")
    assert [response.json()["version"] for response in (first, german, customer, fresh)] == [
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(("settling_seconds", "versions"), [(0, [1, 2, 2]), (60, [1, 2, 3])])
async def test_nothing_is_cached_until_a_change_shows_everywhere(
    settling_seconds: float, versions: list[int]
) -> None:
    async with a_shop(cache_settling_seconds=settling_seconds) as shop:
        found = [await shop.client.get("/v1/products/a")]
        shop.app.state.cache.drop()
        found += [await shop.client.get("/v1/products/a") for _ in range(2)]

    assert [response.json()["version"] for response in found] == versions


class NotedTouchpoints(Touchpoints):
    """Touchpoints whose list stays to be read."""

    def __init__(self, broker: Broker, clock: Clock, *, most: int) -> None:
        super().__init__(broker, clock, most=most)
        self.noted: list[events_pb2.Touchpoint] = []

    def add(self, touchpoint: events_pb2.Touchpoint, *, seconds: float = 0) -> None:
        super().add(touchpoint, seconds=seconds)
        self.noted.append(touchpoint)


@pytest.mark.parametrize("drawn", [1.0, 0.0], ids=["not_traced", "traced"])
async def test_a_cached_answer_is_one_as_any_other(
    drawn: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer of the page cache and one of the application have the same form."""
    # A trace is kept where the number drawn is below the sample rate.
    monkeypatch.setattr(random, "random", lambda: drawn)
    visitor, session = str(uuid7()), str(uuid7())
    headers = {
        "Sojourn-Visitor": HANDLES.handle_of(visitor),
        "Sojourn-Session": session,
        "User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "Sojourn-Consent": "analytics",
        "Sojourn-Channel": "app",
    }
    answered = partial(
        sample_value,
        "http_requests_total",
        route="/v1/products/{slug}",
        method="GET",
        status="200",
        synthetic="",
    )
    before = answered()
    async with a_shop(rate_limit_per_minute=5) as shop:
        shop.edge.touchpoints = touchpoints = NotedTouchpoints(
            Broker("nats://127.0.0.1:1", "test"), Clock(), most=10
        )
        path = "/v1/products/a?currency=EUR&utm_source=mail"
        asked = [await shop.client.get(path, headers=headers) for _ in range(2)]
        cached = await shop.client.get(
            path, headers={**headers, "If-None-Match": asked[0].headers["etag"]}
        )
        shop.edge.is_draining = True
        draining = await shop.client.get(path, headers=headers)
        await shop.client.get(path, headers=headers)
        limited = await shop.client.get(path, headers=headers)

    assert len(shop.catalog.calls.received) == 1
    assert asked[0].content == asked[1].content == draining.content
    assert (cached.status_code, cached.content) == (304, b"")
    varying = {"trace-id", "connection", "ratelimit-remaining", "ratelimit-reset"}
    assert (
        len(
            {
                tuple(sorted((k, v) for k, v in each.headers.items() if k not in varying))
                for each in (*asked, draining)
            }
        )
        == 1
    )
    assert len({each.headers["trace-id"] for each in (*asked, cached, draining)}) == 4
    assert draining.headers["connection"] == "close"
    assert (limited.status_code, limited.json()["reason"]) == (429, "RATE_LIMITED")
    assert answered() - before == 4
    facts = {
        (
            each.visitor_id,
            each.session_id,
            each.channel,
            each.consent,
            each.kind,
            each.subject,
            each.utm_source,
            each.device,
        )
        for each in touchpoints.noted
    }
    assert facts == {
        (visitor, session, "app", events_pb2.CONSENT_GRANTED, "product.view", "a", "mail", "bot")
    }
    assert [each.outcome for each in touchpoints.noted] == [events_pb2.OUTCOME_OK] * 5
    assert touchpoints.noted[1].trace_id == asked[1].headers["trace-id"]


async def test_a_search_is_recorded_with_its_term_and_results_also_from_the_cache() -> None:
    headers = {"Sojourn-Consent": "analytics", "Sojourn-Visitor": HANDLES.handle_of(str(uuid7()))}
    async with a_shop() as shop:
        shop.edge.touchpoints = touchpoints = NotedTouchpoints(
            Broker("nats://127.0.0.1:1", "test"), Clock(), most=10
        )
        path = "/v1/search?q=%20Red%20%20TENT&amp;utm_source=Mail&GCLID=Abc"
        answers = [await shop.client.get(path, headers=headers) for _ in range(2)]
        await shop.client.get(path, headers={**headers, "Sec-Purpose": "prefetch"})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [dict(each.properties) for each in touchpoints.noted] == [
        {"term": "red tent", "results": "0"}
    ] * 2
    assert {(each.utm_source, each.click_id) for each in touchpoints.noted} == {("mail", "Abc")}


async def test_a_beacon_may_come_as_plain_text_and_keeps_its_good_ones() -> None:
    told = [
        {"id": str(uuid7()), "kind": "video.play"},
        {"id": str(uuid7()), "kind": "ad.click", "utm_campaign": "c" * 201},
        {"id": str(uuid7()), "kind": "video.play"},
    ]
    async with a_shop() as shop:
        answer = await shop.client.post(
            "/v1/touchpoints",
            content=json.dumps({"touchpoints": told}),
            headers={"Content-Type": "text/plain;charset=UTF-8", "Sojourn-Consent": "analytics"},
        )

    assert answer.status_code == 202
    assert answer.json()["stored"] == 2
    (rejected,) = answer.json()["rejected"]
    assert (rejected["index"], rejected["field"]) == (1, "utm_campaign")


async def test_the_gateway_mints_visitor_and_trace_and_trusts_no_inbound_trace() -> None:
    visitor = str(uuid7())
    handle = HANDLES.handle_of(visitor)
    inbound = {
        "Sojourn-Consent": "all",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        "baggage": "visitor=someone-else,channel=x",
    }
    async with a_shop(cache_seconds=0) as shop:
        new = await shop.client.get("/v1/products/a", headers=inbound)
        known = await shop.client.get("/v1/products/a", headers={"Sojourn-Visitor": handle})
        odd = await shop.client.get("/v1/products/a", headers={"Sojourn-Visitor": "x" * 36})

    assert UUID(new.headers["sojourn-visitor"].partition(".")[0])
    assert known.headers["sojourn-visitor"] == handle
    assert odd.headers["sojourn-visitor"] != "x" * 36
    assert "a" * 32 not in new.headers["trace-id"]
    assert "someone-else" not in shop.catalog.calls.received[0].headers["baggage"]
    assert f"visitor={visitor}" in shop.catalog.calls.received[1].headers["baggage"]


async def test_browsers_of_allowed_origins_only_may_call() -> None:
    preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    async with a_shop(allowed_origins=["https://shop.example"]) as shop:
        good = await shop.client.options("/v1/carts", headers=preflight)
        bad = await shop.client.options(
            "/v1/carts", headers={**preflight, "Origin": "https://evil.example"}
        )

    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in bad.headers


async def test_logging_in_merges_the_guest_s_cart_in_the_same_request() -> None:
    guest_id = uuid7()
    async with a_shop() as shop:
        cart_id = shop.cart.give_cart(a_cart(a_line()), guest_id)
        body = {"email": "a@example.com", "password": "x"}
        response = await shop.client.post(
            "/v1/sessions", json=body, headers={"Authorization": TOKENS.guest(guest_id)}
        )

    assert response.json()["cart"]["id"] == cart_id
    assert response.json()["degraded"] == []
    assert response.headers["cache-control"] == "no-store"


async def test_the_documentation_page_needs_nothing_from_elsewhere() -> None:
    async with a_shop() as shop:
        page = await shop.client.get("/docs")

    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "").split("<style>")[0]
    assert "/v1/checkouts/{checkout_id}/complete" in page.text


async def test_a_defect_is_opaque_and_counted_for_its_route() -> None:
    names = {"route": CART, "method": "POST", "status": "500", "synthetic": ""}
    before = sample_value("http_requests_total", **names)
    async with a_shop() as shop:
        del shop.app.state.peers
        response = await shop.client.post(
            CART, json={}, headers={**KEY, "Authorization": TOKENS.guest()}
        )

    assert (response.status_code, response.json()["reason"]) == (500, "INTERNAL")
    assert sample_value("http_requests_total", **names) == before + 1


def test_the_etag_of_a_checkout_names_its_total() -> None:
    tag = content_etag(3, b"{}", EUROS)

    assert tag.startswith('W/"3-8999-EUR-')
    assert tag != content_etag(3, b"[]", EUROS)
    assert version_of(tag) == version_of('"3-8999-EUR"') == version_of('"3"') == 3
    seen = amount_of(tag)
    assert seen is not None
    assert (seen.amount_minor, seen.currency) == (89_99, "EUR")
    assert amount_of('"3"') is None
    assert amount_of("*") is None


async def test_a_new_cart_hears_which_languages_its_shopper_reads() -> None:
    async with a_shop() as shop:
        headers = {**KEY, "Authorization": TOKENS.guest(), "Accept-Language": "fr;q=0.5, de-AT"}
        made = await shop.client.post(CART, headers=headers)

    assert made.headers["content-language"] == "de-AT"
    (asked,) = shop.cart.calls.requests("CreateCart")
    assert [*asked.accepted_locales] == ["de-AT", "fr"]
