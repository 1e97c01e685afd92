"""The page that compares maps, versions, periods, channels and segments."""

from __future__ import annotations

from typing import Any

from services.web.tests.web_pages import Site, a_map, a_site

PAGE = "/studio/compare"
API = "/v1/staff/map-comparisons"
FOUND: dict[str, Any] = {
    "left_version": 1,
    "right_version": 2,
    "differences": [
        {
            "kind": "changed",
            "stage": "purchase",
            "cell": "goals",
            "left": ["find"],
            "right": ["<compare>"],
        },
        {
            "kind": "added",
            "stage": "after",
            "cell": "",
            "left": None,
            "right": {"slug": "after", "name": {"en": "After"}},
        },
    ],
    "figures": [
        {
            "stage": "purchase",
            "name": "conversion_rate",
            "currency": "",
            "left": 0.5,
            "right": 0.475,
            "difference": -0.025,
        },
        {
            "stage": "purchase",
            "name": "net_minor",
            "currency": "EUR",
            "left": None,
            "right": 1999,
            "difference": None,
        },
    ],
}


def prepare(site: Site) -> None:
    site.sign_in()
    site.gateway.reply("GET", "/v1/staff/maps", {"maps": [a_map()]})
    segments = {"segments": [{"slug": "phones", "name": "Phones"}]}
    site.gateway.reply("GET", "/v1/staff/segments", segments)
    site.gateway.reply("POST", API, FOUND)


async def test_both_sides_are_shown_with_their_difference() -> None:
    query = "left_map=five-stages&left_until=2026-02-28&right_version=2&right_segment=phones"
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(f"{PAGE}?{query}")

    assert site.gateway.bodies("POST", API) == [
        {
            "left": {"slug": "five-stages", "time_range": {"until": "2026-03-01T00:00:00Z"}},
            "right": {"number": 2, "segment": "phones"},
            "with_numbers": True,
        }
    ]
    for text in (
        "Five stages, until Feb 28, 2026, UTC",
        "Five stages, version 2, phones",
        "Share of the stage before",
        "−2.5 points",
        "€19.99",
        "&lt;compare&gt;",
        "<li>After</li>",
        '<option value="phones" selected>',
    ):
        assert text in page.text, text


async def test_the_form_alone_asks_nothing() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(PAGE, headers={"accept-language": "de"})
        wrong = await site.browser.get(f"{PAGE}?left_colour=red")

    assert "Zwei Karten, zwei Fassungen" in page.text
    assert site.gateway.bodies("POST", API) == []
    assert wrong.status_code == 422


async def test_a_version_that_is_not_there_is_told_beside_the_form() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("POST", API, 404, "MAP_NOT_FOUND")
        page = await site.browser.get(f"{PAGE}?left_version=9")

    assert "There is no such map or version." in page.text
