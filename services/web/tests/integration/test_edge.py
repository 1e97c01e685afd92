"""Headers, bounds and signals of every request."""

from __future__ import annotations

import json

import httpx
import pytest

from chassis.testing import sample_value
from services.web.tests.web_pages import FakeGateway, a_site
from web.gateway_client import Call, Caller, GatewayClient, Problem

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("path", "status"), [("/sign-in", 200), ("/unsubscribe", 200), ("/nowhere", 404), ("/", 404)]
)
async def test_a_page_cannot_be_framed_runs_only_our_modules_and_is_not_kept(
    path: str, status: int
) -> None:
    async with a_site(public_url="https://pages.example") as site:
        page = await site.browser.get(path)

    assert page.status_code == status
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["strict-transport-security"].startswith("max-age=")
    assert "<style" not in page.text


async def test_static_files_are_named_by_their_content_and_kept() -> None:
    async with a_site() as site:
        page = await site.browser.get("/unsubscribe")
        urls = [part.partition('"')[0] for part in page.text.split('="/static/')[1:]]
        files = [await site.browser.get(f"/static/{url}") for url in urls]
        gone = await site.browser.get(f"/static/0000000000000000/{urls[0].rpartition('/')[2]}")

    assert {file.headers["content-type"].partition(";")[0] for file in files} == {
        "image/svg+xml",
        "text/css",
        "text/javascript",
    }
    assert all(file.headers["cache-control"].endswith("immutable") for file in files)
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({**FORM, "content-length": "99999"}, b"", 413),
        (FORM, b"a=" + b"x" * 20_000, 413),
        ({"content-type": "application/json"}, b"{}", 415),
        (FORM, b"a=\xff", 400),
        (FORM, b"&".join(b"a=1" for _ in range(30)), 400),
    ],
)
async def test_a_form_is_small_and_a_form(
    headers: dict[str, str], content: bytes, status: int
) -> None:
    async with a_site() as site:
        response = await site.browser.post("/sign-in", headers=headers, content=content)

    assert response.status_code == status
    assert site.gateway.requests == []


async def test_beyond_the_bound_of_requests_in_flight_it_says_when_to_come_back() -> None:
    async with a_site(max_requests_in_flight=1) as site:
        inner: list[httpx.Response] = []

        async def ask_meanwhile(_: httpx.Request) -> None:
            inner.append(await site.browser.get("/sign-in"))

        site.gateway.intercept = ask_meanwhile
        await site.browser.get("/")
        after = await site.browser.get("/sign-in")

    assert [response.status_code for response in inner] == [503]
    assert inner[0].headers["retry-after"] == "2"
    assert after.status_code == 200


async def test_a_draining_process_closes_its_connections() -> None:
    async with a_site() as site:
        site.edge.is_draining = True
        page = await site.browser.get("/sign-in")

    assert page.headers["connection"] == "close"


async def test_neither_logs_nor_metrics_tell_who_asked(capfd: pytest.CaptureFixture[str]) -> None:
    route = {"route": "/unsubscribe", "method": "POST", "status": "404"}
    before = sample_value("web_requests_total", **route) or 0
    async with a_site() as site:
        site.gateway.refuse("POST", "/v1/unsubscribe", 404, "UNSUBSCRIBE_TOKEN_NOT_FOUND")
        await site.browser.post("/unsubscribe?utm_source=ana", data={"token": "a-secret"})

        async def be_away(_: httpx.Request) -> None:
            raise httpx.ConnectError("to ana@example.com at 203.0.113.7")

        site.gateway.intercept = be_away
        away = await site.browser.post(
            "/sign-in", data={"email": "ana@example.com", "password": "p"}
        )

    assert away.status_code == 503
    assert sample_value("web_requests_total", **route) == before + 1
    logged = capfd.readouterr().err
    for secret in ("a-secret", "ana@", "203.0.113.7", "utm_source"):
        assert secret not in logged


async def test_the_address_behind_a_trusted_proxy_is_passed_on_and_no_other() -> None:
    headers = {"X-Forwarded-For": "198.51.100.9"}
    seen = {}
    for address in ("127.0.0.1", "203.0.113.7"):
        async with a_site(address=address) as site:
            await site.browser.get("/", headers=headers)
            seen[address] = site.gateway.requests[0].headers["x-forwarded-for"]

    assert seen == {"127.0.0.1": "198.51.100.9", "203.0.113.7": "203.0.113.7"}


async def test_a_read_is_repeated_once_when_the_connection_breaks_and_a_write_never() -> None:
    fake, methods = FakeGateway(), list[str]()
    fake.reply("GET", "/v1/search", {})

    async def break_first(request: httpx.Request) -> None:
        methods.append(request.method)
        if methods.count(request.method) == 1:
            raise httpx.ReadError("broken")

    fake.intercept = break_first
    client = GatewayClient("http://gateway", seconds=5, transport=httpx.MockTransport(fake.handle))
    await client.ask(Call("GET", "/v1/search", Caller()))
    with pytest.raises(Problem) as problem:
        await client.ask(Call("POST", "/v1/search", Caller()))
    await client.close()

    assert (problem.value.status, problem.value.reason) == (503, "GATEWAY_AWAY")
    assert methods == ["GET", "GET", "POST"]


async def test_a_reply_of_another_form_is_a_page_that_says_so() -> None:
    async with a_site() as site:
        site.gateway.reply("GET", "/v1/search", {"products": [{"slug": 1}]})
        page = await site.browser.get("/")

    assert page.status_code == 502
    assert "GATEWAY_REPLY_UNKNOWN" in page.text
    assert json.dumps({"slug": 1}) not in page.text
