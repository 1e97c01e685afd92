"""Staff sign in through the gateway; no script and no other site gets the token."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.tests.web_pages import CUSTOMER, STAFF, a_site

FORM = {"email": "ana@example.com", "password": "long enough", "next": "/studio?map=mine"}


async def test_staff_sign_in_and_go_where_they_wanted_to_be() -> None:
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions", STAFF, status=201)
        asked = await site.browser.get("/studio?map=mine")
        response = await site.browser.post("/sign-in", data=FORM)

    assert asked.headers["location"] == "/sign-in?next=%2Fstudio%3Fmap%3Dmine"
    assert (response.status_code, response.headers["location"]) == (303, "/studio?map=mine")
    cookies = {one.partition("=")[0]: one for one in response.headers.get_list("set-cookie")}
    assert cookies["sojourn_staff"].startswith("sojourn_staff=staff-token;")
    assert "Max-Age=900" in cookies["sojourn_staff"]
    assert all("HttpOnly" in cookie and "SameSite=" in cookie for cookie in cookies.values())
    assert "SameSite=lax" in cookies["sojourn_staff_refresh"]
    assert cookies["sojourn_device"].startswith("sojourn_device=device-1;")
    (body,) = site.gateway.bodies("POST", "/v1/sessions")
    assert body == {"email": "ana@example.com", "password": "long enough"}


async def test_cookies_are_for_https_and_this_host_alone_in_production() -> None:
    settings = {"environment": "production", "public_url": "https://pages.example"}
    async with a_site(**settings) as site:
        site.gateway.reply("POST", "/v1/sessions", STAFF, status=201)
        response = await site.browser.post("/sign-in", data=FORM)

    cookies = response.headers.get_list("set-cookie")
    assert any(one.startswith("__Host-sojourn_staff=") for one in cookies)
    assert all("Secure" in cookie.split("; ") for cookie in cookies)


async def test_a_device_that_signed_in_before_shows_it() -> None:
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions", STAFF, status=201)
        site.browser.cookies.set("sojourn_device", "device-0")
        await site.browser.post("/sign-in", data=FORM)

    assert site.gateway.bodies("POST", "/v1/sessions")[0]["device_token"] == "device-0"


@pytest.mark.parametrize(
    ("status", "reason", "shown", "words"),
    [
        (401, "WRONG_CREDENTIALS", 401, "password is wrong"),
        (422, "INVALID_FIELD", 401, "password is wrong"),
        (409, "LOGIN_LINK_REQUIRED", 409, "link that we sent"),
        (429, "RATE_LIMITED", 429, "Wait a minute"),
        (503, "OVERLOADED", 503, "away for a moment"),
    ],
)
async def test_a_refused_sign_in_says_what_to_do(
    status: int, reason: str, shown: int, words: str
) -> None:
    async with a_site() as site:
        site.gateway.refuse("POST", "/v1/sessions", status, reason)
        response = await site.browser.post("/sign-in", data=FORM)

    assert response.status_code == shown
    assert words in response.text
    assert "set-cookie" not in response.headers
    assert "long enough" not in response.text, "a password is never shown"


async def test_a_customer_does_not_get_in() -> None:
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions", CUSTOMER, status=201)
        response = await site.browser.post("/sign-in", data=FORM)

    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_signing_out_ends_the_session_at_the_gateway_and_here() -> None:
    async with a_site() as site:
        site.sign_in()
        site.gateway.refuse("POST", "/v1/sessions/logout", 503, "OVERLOADED")
        site.browser.cookies.set("sojourn_staff_refresh", "staff-refresh")
        response = await site.browser.post(
            "/sign-out", headers={"content-type": "application/x-www-form-urlencoded"}
        )

    assert response.headers["location"] == "/sign-in"
    assert site.gateway.bodies("POST", "/v1/sessions/logout") == [
        {"refresh_token": "staff-refresh"}
    ]
    assert 'sojourn_staff="";' in "".join(response.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://site"}, 303),
        ({"Origin": "http://pages.example"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://site"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://site.evil.example"}, 403),
    ],
)
async def test_a_form_is_taken_from_its_own_page_only(headers: dict[str, Any], status: int) -> None:
    async with a_site(public_url="http://pages.example") as site:
        site.gateway.reply("POST", "/v1/sessions", STAFF, status=201)
        response = await site.browser.post("/sign-in", data=FORM, headers=headers)

    assert response.status_code == status
    assert ("set-cookie" in response.headers) is (status == 303)


async def test_a_session_goes_on_when_its_access_token_ended() -> None:
    fresh = {**STAFF, "access_token": "token-2", "refresh_token": "refresh-2"}
    async with a_site() as site:
        site.gateway.reply("POST", "/v1/sessions/refresh", fresh)
        site.gateway.reply("GET", "/v1/staff/maps", {"maps": []})
        site.gateway.reply("GET", "/v1/staff/segments", {"segments": []})
        site.browser.cookies.set("sojourn_staff_refresh", "refresh-1")
        page = await site.browser.get("/studio/compare")

    assert page.status_code == 200
    assert site.gateway.bodies("POST", "/v1/sessions/refresh") == [{"refresh_token": "refresh-1"}]
    authorization = site.gateway.asked("GET", "/v1/staff/maps").headers["authorization"]
    assert authorization == "Bearer token-2"
    cookies = {one.partition("=")[0]: one for one in page.headers.get_list("set-cookie")}
    assert cookies["sojourn_staff"].startswith("sojourn_staff=token-2;")
    assert cookies["sojourn_staff_refresh"].startswith("sojourn_staff_refresh=refresh-2;")


async def test_a_session_that_ended_leads_to_the_sign_in_page_and_back() -> None:
    async with a_site() as site:
        site.gateway.refuse("POST", "/v1/sessions/refresh", 401, "SESSION_EXPIRED")
        site.browser.cookies.set("sojourn_staff_refresh", "refresh-1")
        page = await site.browser.get("/studio/compare")

    assert page.headers["location"] == "/sign-in?next=%2Fstudio%2Fcompare"
