"""HTML answers have one set of headers, and forms come from our own pages."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.tests.gateway_shop import a_shop

FORM = {"email": "a@example.com", "password": "x"}


@pytest.mark.parametrize("path", ["/docs", "/journeys"])
async def test_a_page_cannot_be_framed_and_tells_nothing_of_itself(path: str) -> None:
    async with a_shop() as shop:
        page = await shop.client.get(path)
        failed = await shop.client.post("/journeys", data=FORM)

    for response in (page, failed):
        assert response.headers["content-type"].startswith("text/html")
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "script-src" not in policy or "script-src 'sha256-" in policy
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers.get_list("x-content-type-options") == ["nosniff"]
        assert response.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Origin": "http://shop"}, 401),
        ({"Origin": "http://localhost:8080"}, 401),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://shop"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://shop"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://shop.evil.example"}, 403),
    ],
)
async def test_the_login_form_is_taken_from_its_own_page_only(
    headers: dict[str, Any], status: int
) -> None:
    async with a_shop() as shop:
        response = await shop.client.post("/journeys", data=FORM, headers=headers)

    assert response.status_code == status
    assert "sojourn_staff" not in response.headers.get("set-cookie", "")
