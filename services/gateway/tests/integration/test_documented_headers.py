"""Answers have the headers that the OpenAPI document tells of, and no others."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chassis.rpc.auth import STOREFRONT
from chassis.runtime.clock import uuid7
from gateway.app import DESCRIPTION, OPERATIONS
from gateway.documents.openapi import document_of
from gateway.endpoints.answers import answer_of
from gateway.operations import TEXTS
from services.gateway.tests.gateway_shop import TOKENS, a_shop
from sojourn.checkout.v1 import checkout_pb2

DOCUMENT = document_of(
    "Sojourn", "1.0.0", DESCRIPTION, OPERATIONS, TEXTS, public_url="https://api.shop.example"
)
ID = "0190a6e2-0000-7000-8000-000000000001"
KEY = {"Idempotency-Key": "k-1"}
GUEST = {"Authorization": TOKENS.guest()}
STOREFRONT_TOKEN = TOKENS.create("guest", uuid7(), scopes=[STOREFRONT])
# Of HTTP itself, and the same for every answer.
ALWAYS = {
    "cache-control", "content-encoding", "content-length", "content-type", "set-cookie", "vary",
    "x-content-type-options",
}  # fmt: skip


def documented(method: str, path: str, status: int) -> set[str]:
    answer: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return {name.lower() for name in answer["headers"]}


@pytest.mark.parametrize(
    ("method", "template", "headers", "body", "status", "expected"),
    [
        ("GET", "/v1/search", {"Sojourn-Consent": "all"}, None, 200, {"etag", "sojourn-visitor"}),
        ("GET", "/v1/search", {"Sojourn-Consent": "some"}, None, 422, {"sojourn-reason"}),
        ("POST", "/v1/carts", {**GUEST, **KEY}, {}, 201, {"etag", "location", "content-language"}),
        ("POST", "/v1/carts", GUEST, {}, 422, {"ratelimit-limit", "trace-id"}),
        ("POST", "/v1/carts", KEY, {}, 401, {"www-authenticate"}),
        ("GET", "/v1/orders/{order_id}", GUEST, None, 503, {"retry-after"}),
        ("POST", "/v1/sessions/guest", {}, None, 201, {"ratelimit-remaining"}),
        ("GET", "/v1/search", {"Sojourn-Storefront": TOKENS.guest()[7:]}, None, 403, {"trace-id"}),
        ("GET", "/v1/search", {"Sojourn-Storefront": "x"}, None, 401, {"www-authenticate"}),
    ],
)
async def test_an_answer_has_documented_headers_only(
    method: str,
    template: str,
    headers: dict[str, str],
    body: object,
    status: int,
    expected: set[str],
) -> None:
    path = template.replace("{order_id}", ID)
    async with a_shop() as shop:
        answer = await shop.client.request(method, path, headers=headers, json=body)

    told = documented(method, template, status)
    assert answer.status_code == status, answer.text
    assert expected <= set(answer.headers) & told
    assert set(answer.headers) - ALWAYS - told == set()


async def test_a_repeat_and_a_limit_have_their_headers() -> None:
    async with a_shop(rate_limit_per_minute=2) as shop:
        answers: list[httpx.Response] = [
            await shop.client.post("/v1/carts", headers={**GUEST, **KEY}, json={}) for _ in range(3)
        ]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert answers[2].headers["retry-after"]
    assert {"idempotency-replayed", "ratelimit-reset"} <= documented("POST", "/v1/carts", 201)
    assert {"retry-after", "ratelimit-reset"} <= documented("POST", "/v1/carts", 429)


def test_an_order_tells_its_language() -> None:
    answer = answer_of(checkout_pb2.Order(locale="de", version=1))

    assert (answer.headers["content-language"], answer.headers["etag"]) == ("de", '"1"')
    assert "content-language" in documented("GET", "/v1/orders/{order_id}", 200)


async def test_a_cart_tells_its_language() -> None:
    headers = {**GUEST, **KEY, "Accept-Language": "de"}
    async with a_shop() as shop:
        answer = await shop.client.post("/v1/carts", headers=headers, json={})

    assert answer.headers["content-language"] == answer.json()["locale"] == "de"
