"""Headers of the documentation page."""

from __future__ import annotations

from services.gateway.tests.gateway_shop import a_shop


async def test_the_documentation_cannot_be_framed_and_runs_its_own_script_only() -> None:
    async with a_shop() as shop:
        page = await shop.client.get("/docs")

    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "'unsafe-eval'" not in policy
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert page.headers["x-frame-options"] == "DENY"
