"""Logins at the gateway: the device's proof, the caller's network, and links of mails."""

from __future__ import annotations

import pytest

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

CREDENTIALS = {"email": "ana@example.com", "password": "long enough to be safe"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("testclient", ""),
    ],
)
async def test_identity_learns_the_network_of_a_login(address: str, network: str) -> None:
    async with a_shop(address=address) as shop:
        await shop.client.post("/v1/sessions", json=CREDENTIALS)

    assert [asked.client_network for asked in shop.identity.calls.requests()] == [network]


async def test_a_login_s_device_token_comes_back_by_cookie_or_body() -> None:
    async with a_shop(environment="development") as shop:
        first = await shop.client.post("/v1/sessions", json=CREDENTIALS)
        await shop.client.post("/v1/sessions", json=CREDENTIALS)
        await shop.client.post("/v1/sessions", json={**CREDENTIALS, "device_token": "of-the-body"})
        await shop.client.post("/v1/sessions/link", json={"token": "secret"})
        await shop.client.post(
            "/v1/customers", json=CREDENTIALS, headers={"Idempotency-Key": "k-1"}
        )

    assert first.json()["device_token"] == "device-1"
    assert [asked.device_token for asked in shop.identity.calls.requests()] == [
        "",
        "device-1",
        "of-the-body",
        "device-3",
        "device-4",
    ]


@pytest.mark.parametrize("environment", ["development", "production"])
async def test_no_script_and_no_other_site_can_use_the_device_cookie(environment: str) -> None:
    async with a_shop(environment=environment) as shop:
        answer = await shop.client.post("/v1/sessions", json=CREDENTIALS)

    (cookie,) = [
        value
        for value in answer.headers.get_list("set-cookie")
        if value.startswith("sojourn_device=")
    ]
    assert cookie.startswith("sojourn_device=device-")
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is (environment == "production")


@pytest.mark.parametrize("cookie", ["x" * 5_000, "\x7f", "a b"])
async def test_a_cookie_that_is_no_device_token_is_not_passed_on(cookie: str) -> None:
    async with a_shop() as shop:
        answer = await shop.client.post(
            "/v1/sessions", json=CREDENTIALS, headers={"Cookie": f"sojourn_device={cookie}"}
        )

    assert answer.status_code == 201
    assert len(shop.identity.calls.requests("Login")[0].device_token) <= 200


async def test_an_address_is_confirmed_by_its_customer_or_with_the_password() -> None:
    mine = "Bearer " + TOKENS.create("customer", uuid7())
    async with a_shop() as shop:
        await shop.client.post(
            "/v1/customers/confirm", json={"token": "secret"}, headers={"Authorization": mine}
        )
        await shop.client.post(
            "/v1/customers/confirm", json={"token": "secret", "password": "of the account"}
        )
        await shop.client.post(
            "/v1/customers/confirm",
            json={"token": "secret"},
            headers={"Authorization": TOKENS.guest()},
        )

    assert [(asked.token, asked.password) for asked in shop.identity.calls.requests()] == [
        ("secret", ""),
        ("secret", "of the account"),
        ("secret", ""),
    ]
    assert [call.headers.get("authorization", "") for call in shop.identity.calls.received] == [
        mine,
        "",
        "",
    ]
