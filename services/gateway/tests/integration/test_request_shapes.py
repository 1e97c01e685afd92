"""Requests of a wrong shape: each is answered by what is wrong with it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Any

import pydantic_core
import pytest

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

CART, KEY = "/v1/carts", {"Idempotency-Key": "k-1"}
JSON = {**KEY, "Content-Type": "application/json"}
ID = "0190a6e2-0000-7000-8000-000000000001"
VARIANT = b'{"variant_id": "%s"}' % ID.encode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status", "reason"),
    [
        ("POST", CART, JSON, b"{}", 201, ""),
        ("POST", CART, {**JSON, "Content-Type": "application/merge-patch+json"}, b"{}", 201, ""),
        ("POST", CART, JSON, b'{"currency": "USD", "currency": "EUR"}', 201, ""),
        ("POST", CART, KEY, b"", 201, ""),
        ("POST", CART + "?utm_source=mail", JSON, b"{}", 201, ""),
        ("POST", CART, {"Content-Type": "application/json"}, b"{}", 422, "KEY_REQUIRED"),
        ("POST", CART, {**JSON, "Idempotency-Key": "two words"}, b"{}", 422, "MALFORMED_REQUEST"),
        ("POST", CART, KEY, b"{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "POST",
            CART,
            {**JSON, "Content-Type": "text/plain"},
            b"{}",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("POST", CART, JSON, b"null", 422, "MALFORMED_REQUEST"),
        ("POST", CART, JSON, b"[]", 422, "MALFORMED_REQUEST"),
        ("POST", CART, JSON, b'{"currency": ', 400, "MALFORMED_JSON"),
        ("POST", CART, JSON, b'{"currency": "\xff"}', 400, "MALFORMED_JSON"),
        ("POST", CART, JSON, b'{"currency": NaN}', 400, "MALFORMED_JSON"),
        ("POST", CART, JSON, "{}".encode("utf-16"), 400, "MALFORMED_JSON"),
        ("POST", CART, JSON, b"[" * 60_000, 400, "MALFORMED_JSON"),
        ("POST", CART, JSON, b'{"currency": 5}', 422, "MALFORMED_REQUEST"),
        ("POST", CART + "?colour=red", JSON, b"{}", 422, "MALFORMED_REQUEST"),
        ("POST", CART + "?expand=colour", JSON, b"{}", 422, "MALFORMED_REQUEST"),
        ("POST", CART + "/restore", JSON, b"{}", 422, "MALFORMED_REQUEST"),
        (
            "POST",
            f"{CART}/{ID}/lines",
            {**JSON, "If-Match": "odd"},
            VARIANT,
            412,
            "MALFORMED_PRECONDITION",
        ),
        ("PATCH", f"{CART}/{ID}/lines/x", JSON, b'{"quantity": 1}', 422, "MALFORMED_REQUEST"),
        ("PATCH", f"{CART}//lines/x", JSON, b'{"quantity": 1}', 404, "NO_SUCH_ROUTE"),
        ("DELETE", CART, JSON, b"", 405, "METHOD_NOT_ALLOWED"),
        ("GET", CART + "/" + ID + "%0A", {}, b"", 422, "MALFORMED_REQUEST"),
        ("PUT", "/v1/nothing", JSON, b"{}", 404, "NO_SUCH_ROUTE"),
        ("POST", "/v1/sessions/guest", {}, b"", 201, ""),
        ("POST", "/v1/webhooks/payments/simulator", {}, b"anything", 503, "UNAVAILABLE"),
    ],
)
async def test_a_request_is_answered_by_its_shape(
    method: str, path: str, headers: dict[str, str], content: bytes, status: int, reason: str
) -> None:
    async with a_shop() as shop:
        sent = {"Authorization": TOKENS.guest(), **headers}
        response = await shop.client.request(method, path, headers=sent, content=content)

    told = response.json().get("reason", "") if response.status_code >= 400 else ""
    assert (response.status_code, told) == (status, reason), response.text


async def test_an_unknown_field_is_refused_with_those_that_are_known() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"currency": ', b'"EUR", "colour"', b': "red"}'):
            yield part

    async with a_shop() as shop:
        headers = {**JSON, "Authorization": TOKENS.guest()}
        response = await shop.client.post(CART, content=chunks(), headers=headers)

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "pointer": "/body/colour",
            "code": "UNKNOWN_FIELD",
            "message": "unknown name; known are currency, lines, locale",
            "allowed": ["currency", "lines", "locale"],
        }
    ]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"source": "erp", "products": [' + b'{"external_id": "x"},' * 20_000 + b"5]}"),
        (JSON, b'{"source": "erp", "products": [' + b'{"external_id": "x"},' * 20_000 + b"]}"),
        (
            {**JSON, "Content-Type": "application/merge-patch+json"},
            b'{"products": [' + b"1," * 20_000 + b"5]}",
        ),
    ],
    ids=["shape", "syntax", "type"],
)
async def test_a_large_body_that_is_invalid_is_not_parsed_on_the_event_loop(
    headers: dict[str, str], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsing_threads: list[int] = []

    def recorded(parse: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if len(arguments[0]) == len(body):
                parsing_threads.append(threading.get_ident())
            return parse(*arguments, **options)

        return call

    monkeypatch.setattr(pydantic_core, "from_json", recorded(pydantic_core.from_json))
    staff = "Bearer " + TOKENS.create("staff", uuid7(), scopes=["catalog.write"])
    async with a_shop() as shop:
        response = await shop.client.post(
            "/v1/staff/products/import",
            content=body,
            headers={**headers, "Authorization": staff, "Idempotency-Key": "k-2"},
        )

    assert (response.status_code, response.json()["reason"]) in (
        (422, "MALFORMED_REQUEST"),
        (400, "MALFORMED_JSON"),
    )
    assert parsing_threads
    assert threading.get_ident() not in parsing_threads
