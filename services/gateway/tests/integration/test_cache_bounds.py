"""Caches are bounded in bytes, and keyed by what an answer depends on."""

from __future__ import annotations

import asyncio

import pytest

from gateway.http import page_cache
from gateway.http.page_cache import Recent
from services.gateway.tests.gateway_shop import a_shop


async def test_parameters_that_change_nothing_add_no_entries() -> None:
    queries = [
        "",
        "ttclid=1",
        "utm_term=2&fbclid=3",
        "page_size=24",
        "sort=relevance",
        "utm_source=mail",
        "gclid=abc",
        "page_size=24&sort=relevance",
        "q=",
        "locale=",
    ]
    async with a_shop() as shop:
        answers = [
            await shop.client.get(f"/v1/products/a?{query}")
            for query in (*queries[:3], *queries[5:7], "locale=")
        ]
        entries = shop.app.state.cache.entries

    assert {response.status_code for response in answers} == {200}
    assert (entries, len(shop.catalog.calls.received)) == (1, 1)


async def test_the_order_and_form_of_parameters_add_no_entries() -> None:
    paths = [
        "/v1/search?q=caf%C3%A9&filter=brand:a&filter=brand:b&page_size=10",
        "/v1/search?page_size=10&filter=brand:b&filter=brand:a&q=cafe%CC%81",
        "/v1/search?filter=brand:b&filter=brand:a&filter=brand:a&q=caf%C3%A9&page_size=010&utm_source=9",
    ]
    async with a_shop() as shop:
        for path in paths:
            assert (await shop.client.get(path)).status_code == 200
        entries = shop.app.state.cache.entries

    assert entries == 1
    assert [
        filter.values for filter in shop.catalog.calls.requests("SearchProducts")[0].filters
    ] == [["a", "b"]]


async def test_the_negotiated_locale_is_part_of_the_key_and_the_header_is_not() -> None:
    languages = [
        "de-DE",
        "de-DE,de;q=0.9",
        "en;q=0.1, de-DE",
        "de-DE;q=1.0,*;q=0.5",
        "de-DE, fr;q=0.3, es;q=0.2",
        "xx_yy, de-DE",
    ]
    async with a_shop() as shop:
        titles = {
            (await shop.client.get("/v1/products/a", headers={"Accept-Language": each})).json()[
                "title"
            ]
            for each in languages
        }
        await shop.client.get("/v1/products/a?locale=de-DE", headers={"Accept-Language": "fr"})
        entries = shop.app.state.cache.entries
        junk = await shop.client.get(
            "/v1/products/a", headers={"Accept-Language": "\x85\xff".encode("latin-1")}
        )

    assert titles == {"de-DE|"}
    assert entries == 1
    assert junk.json()["title"] == "|"


async def test_cached_pages_take_bounded_memory() -> None:
    async with a_shop(cache_bytes=20_000) as shop:
        for number in range(100):
            assert (await shop.client.get(f"/v1/products/p{number}")).status_code == 200
        cache = shop.app.state.cache
        taken, entries = cache.bytes, cache.entries
        cache.drop()

    assert 10_000 < taken <= 20_000
    assert 5 < entries < 20
    assert cache.bytes == 0


def test_expired_values_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: now[0])
    recent: Recent[str, str] = Recent(seconds=60, entries=10, most_bytes=1_000)
    recent.put("a", "x", 100)
    now[0] += 30
    recent.put("b", "x", 100)
    now[0] += 31

    recent.drop_expired()

    assert (len(recent), recent.bytes, recent.get("a"), recent.get("b")) == (1, 100, None, "x")


def test_a_value_put_twice_counts_once_and_a_huge_one_not_at_all() -> None:
    recent: Recent[str, str] = Recent(seconds=60, entries=10, most_bytes=1_000)
    recent.put("a", "x", 100)
    recent.put("a", "y", 200)
    recent.put("b", "z", 251)

    assert (len(recent), recent.bytes, recent.get("a"), recent.get("b")) == (1, 200, "y", None)


async def test_requests_for_one_page_that_come_together_ask_for_it_once() -> None:
    async with a_shop() as shop:
        answers = await asyncio.gather(*(shop.client.get("/v1/products/a") for _ in range(30)))
        asked_together = len(shop.catalog.calls.received)
        shop.app.state.cache.drop()
        await shop.client.get("/v1/products/a")

    assert {response.status_code for response in answers} == {200}
    assert asked_together == 1
    assert len(shop.catalog.calls.received) == 2
