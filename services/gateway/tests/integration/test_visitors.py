"""Handles of visitors: an id alone opens nothing."""

from __future__ import annotations

from http.cookies import SimpleCookie
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from gateway.visitors import VisitorHandles
from services.gateway.tests.gateway_shop import HANDLES, VISITOR_SECRET, a_shop

BEACON = {"touchpoints": [{"id": "0190a6e2-0000-7000-8000-000000000001", "kind": "video.play"}]}


@pytest.mark.parametrize("cache_seconds", [0, 60], ids=["asked", "cached"])
async def test_a_new_visitor_gets_a_signed_handle_in_a_header_and_a_cookie_that_no_script_reads(
    cache_seconds: float,
) -> None:
    async with a_shop(cache_seconds=cache_seconds) as shop:
        await shop.client.get("/v1/products/a", headers={"Sojourn-Consent": "all"})
        shop.client.cookies.clear()
        new = await shop.client.get("/v1/products/a", headers={"Sojourn-Consent": "all"})
        known = await shop.client.get(
            "/v1/products/a", headers={"Sojourn-Visitor": new.headers["sojourn-visitor"]}
        )

    handle = new.headers["sojourn-visitor"]
    cookie = SimpleCookie(new.headers["set-cookie"])["sojourn_visitor"]
    assert UUID(handle.partition(".")[0]).version == 7
    assert (
        cookie.value,
        cookie["path"],
        cookie["samesite"],
        bool(cookie["httponly"]),
        bool(cookie["secure"]),
    ) == (
        handle,
        "/",
        "Lax",
        True,
        True,
    )
    assert known.headers["sojourn-visitor"] == handle
    assert "set-cookie" not in known.headers


async def test_the_cookie_is_as_good_as_the_header() -> None:
    handle = HANDLES.handle_of(str(uuid7()))
    async with a_shop() as shop:
        response = await shop.client.get(
            "/v1/products/a", headers={"Cookie": f"sojourn_visitor={handle}"}
        )

    assert response.headers["sojourn-visitor"] == handle


def tampered(handle: str) -> list[str]:
    visitor_id, _, signature = handle.partition(".")
    other = str(uuid7())
    return [
        visitor_id,
        f"{visitor_id}.",
        f"{other}.{signature}",
        f"{visitor_id}.{signature[:-1]}",
        f"{visitor_id}.{signature}x",
        f"{visitor_id.upper()}.{signature}",
        f"{visitor_id}.\u00e9",
        VisitorHandles("b" * 32).handle_of(visitor_id),
        f".{signature}",
        "x" * 5_000,
    ]


async def test_an_unsigned_or_wrongly_signed_handle_is_as_none() -> None:
    handle = HANDLES.handle_of(str(uuid7()))
    async with a_shop() as shop:
        for wrong in tampered(handle):
            response = await shop.client.post(
                "/v1/touchpoints", json=BEACON, headers={"Sojourn-Visitor": wrong.encode("latin-1")}
            )
            withdrawn = await shop.client.delete(
                "/v1/touchpoints", headers={"Sojourn-Visitor": wrong.encode("latin-1")}
            )
            assert (response.status_code, withdrawn.status_code) == (202, 204)
            shop.client.cookies.clear()
        visitors = shop.journey.visitors

    assert handle.partition(".")[0] not in visitors
    assert len(set(visitors)) >= len(tampered(handle))


async def test_a_guest_id_of_a_survey_link_names_no_visitor() -> None:
    guest = str(uuid7())
    async with a_shop() as shop:
        await shop.client.post("/v1/touchpoints", json=BEACON, headers={"Sojourn-Visitor": guest})
        await shop.client.delete("/v1/touchpoints", headers={"Sojourn-Visitor": guest})

    assert guest not in shop.journey.visitors
    assert len(shop.journey.visitors) == 2


async def test_a_handle_of_the_previous_secret_is_good_and_replaced() -> None:
    visitor_id = str(uuid7())
    old = VisitorHandles("an earlier secret of 32 characters").handle_of(visitor_id)
    async with a_shop(previous_visitor_secret="an earlier secret of 32 characters") as shop:
        response = await shop.client.get("/v1/products/a", headers={"Sojourn-Visitor": old})

    assert response.headers["sojourn-visitor"] == VisitorHandles(VISITOR_SECRET).handle_of(
        visitor_id
    )
    assert (
        "sojourn_visitor=" + response.headers["sojourn-visitor"] in response.headers["set-cookie"]
    )
