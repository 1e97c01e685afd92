"""Manners of HTTP: methods, compression, caches, languages, limits that a client can read."""

from __future__ import annotations

import gzip

import httpx
import pytest

from chassis.rpc.auth import STOREFRONT
from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

STOREFRONT_TOKEN = TOKENS.create("guest", uuid7(), scopes=[STOREFRONT])


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/v1/products", "GET, HEAD, OPTIONS"),
        ("/v1/carts", "OPTIONS, POST"),
        ("/v1/carts/0199aaaa-0000-7000-8000-000000000000", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_tells_the_methods_of_a_path(path: str, allow: str) -> None:
    async with a_shop() as shop:
        answer = await shop.client.request("OPTIONS", path)

    assert answer.status_code == 204
    assert set(allow.split(", ")) <= set(answer.headers["allow"].split(", "))


async def test_options_of_no_path_is_a_404() -> None:
    async with a_shop() as shop:
        assert (await shop.client.request("OPTIONS", "/v1/nothing")).status_code == 404


@pytest.mark.parametrize("path", ["/v1/products", "/v1/categories", "/openapi.json", "/v1/none"])
async def test_head_answers_as_get_without_the_body(path: str) -> None:
    async with a_shop() as shop:
        got, head = await shop.client.get(path), await shop.client.head(path)

    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-length", "content-type", "etag"):
        assert head.headers.get(name) == got.headers.get(name), name


async def test_long_answers_are_compressed_for_clients_that_accept_it() -> None:
    async with a_shop() as shop:
        plain = await shop.client.get("/openapi.json", headers={"accept-encoding": "identity"})
        packed = await shop.client.get("/openapi.json", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(gzip.compress(plain.content)) * 2


async def test_a_page_of_no_visitor_may_be_kept_by_a_cdn() -> None:
    async with a_shop() as shop:
        for _ in range(2):
            answer = await shop.client.get("/v1/search")

            assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=30"
            assert "Accept-Language" in answer.headers["vary"]
            assert "Accept-Encoding" in answer.headers["vary"]
            for name in ("set-cookie", "sojourn-visitor", "ratelimit-limit"):
                assert name not in answer.headers


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"sojourn-consent": "all"}, ""),
        ({"sojourn-consent": "none"}, ""),
        ({"cookie": "a=b"}, ""),
        ({}, "?utm_source=newsletter"),
        ({}, "?gclid=1"),
    ],
)
async def test_a_page_of_a_visitor_is_private_and_gives_the_visitor_a_handle(
    headers: dict[str, str], query: str
) -> None:
    async with a_shop() as shop:
        answer = await shop.client.get("/v1/search" + query, headers=headers)

    assert answer.headers["cache-control"] == "private, max-age=0"
    assert answer.headers["sojourn-visitor"]


async def test_shared_caches_can_be_switched_off() -> None:
    async with a_shop(shared_cache_seconds=0) as shop:
        answer = await shop.client.get("/v1/search")

    assert answer.headers["cache-control"] == "private, max-age=0"
    assert answer.headers["sojourn-visitor"]


async def test_personal_answers_and_refusals_are_not_stored() -> None:
    async with a_shop() as shop:
        for answer in (
            await shop.client.post("/v1/sessions/guest", json={}),
            await shop.client.get("/v1/orders"),
            await shop.client.get("/v1/nothing"),
        ):
            assert answer.headers["cache-control"] == "no-store", answer.request.url


@pytest.mark.parametrize("authorization", ["Bearer no-token", "Basic abc", "Bearer a.b.c"])
async def test_an_invalid_token_reads_a_public_page_as_nobody(authorization: str) -> None:
    async with a_shop() as shop:
        public = await shop.client.get("/v1/search", headers={"authorization": authorization})
        personal = await shop.client.get("/v1/orders", headers={"authorization": authorization})

    assert public.status_code == 200
    assert (personal.status_code, personal.json()["reason"]) == (401, "INVALID_TOKEN")


async def test_answers_tell_the_state_of_the_callers_limit() -> None:
    async with a_shop(rate_limit_per_minute=10) as shop:
        remaining = []
        for _ in range(3):
            answer = await shop.client.get("/v1/search", headers={"sojourn-consent": "none"})
            assert answer.headers["ratelimit-limit"] == "10"
            assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
            remaining.append(int(answer.headers["ratelimit-remaining"]))

    assert remaining == [9, 8, 7]


async def status_of(client: httpx.AsyncClient, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await client.get("/v1/search", headers=named)).status_code


async def test_a_storefronts_server_has_a_limit_of_its_own() -> None:
    limits = {"rate_limit_per_minute": 2, "storefront_rate_limit_per_minute": 8}
    async with a_shop(**limits) as shop:
        answers = [
            await status_of(shop.client, sojourn_storefront=STOREFRONT_TOKEN) for _ in range(9)
        ]
        others = [await status_of(shop.client) for _ in range(3)]

    assert answers == [200] * 8 + [429]
    assert others == [200, 200, 429]


async def test_a_storefront_counts_logins_against_its_shoppers_address() -> None:
    async with a_shop(guest_session_limit_per_minute=1) as shop:
        await status_of(shop.client, sojourn_storefront=STOREFRONT_TOKEN)
        statuses = [
            (
                await shop.client.post(
                    "/v1/sessions/guest",
                    json={},
                    headers={
                        "sojourn-storefront": STOREFRONT_TOKEN,
                        "sojourn-client-address": address,
                    },
                )
            ).status_code
            for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        ]

    assert statuses == [201, 429, 201]


@pytest.mark.parametrize(
    ("token", "status", "reason"),
    [
        ("forged", 401, "INVALID_TOKEN"),
        (TOKENS.create("guest", uuid7()), 403, "SCOPE_REQUIRED"),
    ],
    ids=["forged", "without the scope"],
)
async def test_a_storefront_without_its_key_is_refused(
    token: str, status: int, reason: str
) -> None:
    async with a_shop() as shop:
        answer = await shop.client.get("/v1/search", headers={"sojourn-storefront": token})

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


async def test_a_clients_word_about_its_address_counts_only_from_a_storefront() -> None:
    async with a_shop(rate_limit_per_minute=1) as shop:
        statuses = [
            await status_of(shop.client, sojourn_client_address=f"192.0.2.{number}")
            for number in range(2)
        ]

    assert statuses == [200, 429]


@pytest.mark.parametrize(
    ("query", "accept_language", "language"),
    [
        ("", "en;q=0.5, fr;q=0.9, de;q=0", "fr"),
        ("?locale=de", "fr", "de"),
        ("", "", None),
    ],
)
async def test_an_answer_tells_its_language(
    query: str, accept_language: str, language: str | None
) -> None:
    async with a_shop() as shop:
        for _ in range(2):
            answer = await shop.client.get(
                "/v1/search" + query, headers={"accept-language": accept_language}
            )

            assert answer.headers.get("content-language") == language
