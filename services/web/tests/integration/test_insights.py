"""Insights: what each page asks the gateway for, and what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.tests.web_pages import ORDER_ID, Site, a_site, eur

ANSWERS: dict[str, Any] = {
    "trend": {
        "points": [
            {
                "begin": "2026-03-01",
                "value": "",
                "people": 3,
                "sessions": 4,
                "touchpoints": 9,
                "orders": 1,
                "revenue": [eur(1999)],
            }
        ]
    },
    "funnel": {
        "segments": [
            {
                "value": "",
                "steps": [
                    {"name": "search", "reached": 4, "conversion_rate": 1.0},
                    {
                        "name": "order.placed",
                        "reached": 1,
                        "conversion_rate": 0.25,
                        "median_seconds": 90.0,
                    },
                ],
            }
        ]
    },
    "funnel/people": {"person_ids": [ORDER_ID], "people": 3},
    "paths": {
        "paths": 4,
        "bounces": 1,
        "entries": [{"kind": "page.view", "count": 4}],
        "exits": [{"kind": "search", "count": 4}],
        "transitions": [{"from": "page.view", "to": "search", "count": 3}],
    },
    "retention": {"cohorts": [{"begin": "2026-03-01", "people": 4, "returned": [1, 2]}]},
    "attribution": {
        "credits": [
            {"value": "google", "orders": 0.5, "revenue": eur(1000)},
            {"value": "", "orders": 0.5, "revenue": eur(999)},
        ],
        "orders": 1,
        "revenue": [eur(1999)],
    },
}


def prepare(site: Site) -> None:
    site.sign_in()
    for path, answer in ANSWERS.items():
        site.gateway.reply("POST", f"/v1/staff/questions/{path}", answer)
    words = {"columns": [{"column": "kind", "values": [{"value": "search", "touchpoints": 7}]}]}
    site.gateway.reply("GET", "/v1/staff/questions/vocabulary", words)


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("trend", ["Mar 1, 2026", "€19.99", "People by day"]),
        ("funnel?steps=search,order.placed", ["25 %", "90 s (median)", "the 3 who left before it"]),
        ("paths", ["Page seen", "25 %", "1 of one step", "Page seen → Search: 3"]),
        ("retention", ["Mar 1, 2026", "50 %"]),
        ("attribution", ["google", "direct", "€9.99", "net of refunds"]),
        ("vocabulary", ["search", "7"]),
    ],
)
async def test_each_page_shows_its_answer(page: str, texts: list[str]) -> None:
    async with a_site() as site:
        prepare(site)
        shown = await site.browser.get(f"/studio/insights/{page}")

    assert shown.status_code == 200
    for text in texts:
        assert text in shown.text, text
    assert " style=" not in shown.text
    assert "<script" not in shown.text


async def test_controls_narrow_the_question() -> None:
    query = (
        "since=2026-03-01&until=2026-03-02&channel=app&device=phone&utm_source=google"
        "&newcomers=new&interval=week&time_zone=Europe/Berlin&by=channel"
    )
    async with a_site() as site:
        prepare(site)
        shown = await site.browser.get(f"/studio/insights/trend?{query}")
        (body,) = site.gateway.bodies("POST", "/v1/staff/questions/trend")

    assert body == {
        "filter": {
            "time_range": {"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"},
            "channels": ["app"],
            "devices": ["phone"],
            "conditions": [{"field": "utm_source", "any_of": ["google"]}],
            "newcomers": "new",
        },
        "interval": "week",
        "time_zone": "Europe/Berlin",
        "by": "channel",
        "within_ms": 2000,
    }
    assert 'value="2026-03-02"' in shown.text
    assert 'href="/studio/insights/paths?since=2026-03-01&amp;' in shown.text


async def test_an_estimate_says_so_and_leads_to_the_exact_answer() -> None:
    point = {**ANSWERS["trend"]["points"][0], "people_margin": 41}
    estimate = {"points": [point], "estimate": {"read_share": 0.125}}
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", "/v1/staff/questions/trend", estimate)
        shown = await site.browser.get("/studio/insights/trend?channel=app")
        await site.browser.get("/studio/insights/trend?channel=app&exact=true")
        _, exact = site.gateway.bodies("POST", "/v1/staff/questions/trend")

    assert "Estimate from 12 % of people, ± 41 people an interval at most" in shown.text
    assert 'href="?channel=app&amp;exact=true"' in shown.text
    assert "within_ms" not in exact


async def test_a_number_of_a_funnel_opens_to_its_people() -> None:
    async with a_site() as site:
        prepare(site)
        shown = await site.browser.get(
            "/studio/insights/funnel?steps=search, order.placed&step=1&left=true&channel=app"
        )
        (body,) = site.gateway.bodies("POST", "/v1/staff/questions/funnel/people")

    assert (body["step"], body["left"]) == (1, True)
    assert body["funnel"]["filter"] == {"channels": ["app"]}
    assert f'href="/studio?visitor={ORDER_ID}"' in shown.text
    assert "3 people left before Order placed" in shown.text


@pytest.mark.parametrize("query", ["sinc=1", "interval=year", "steps=,", "by=a b", "step=20"])
async def test_a_question_that_makes_no_sense_is_a_page_that_says_so(query: str) -> None:
    async with a_site() as site:
        prepare(site)
        shown = await site.browser.get(f"/studio/insights/funnel?{query}")

    assert shown.status_code == 422
    assert f"Check {query.partition('=')[0]}." in shown.text


async def test_strangers_sign_in_first() -> None:
    async with a_site() as site:
        shown = await site.browser.get("/studio/insights/trend?channel=us")

    assert shown.headers["location"] == "/sign-in?next=%2Fstudio%2Finsights%2Ftrend%3Fchannel%3Dus"


async def test_the_pages_are_in_the_reader_s_language() -> None:
    async with a_site() as site:
        prepare(site)
        trend = await site.browser.get("/studio/insights/trend", headers={"accept-language": "de"})
        funnel = await site.browser.get("/studio/insights/funnel?steps=search&locale=de")

    for text in ('<html lang="de">', "Verlauf", "Personen je Tag", "01.03.2026", "19,99\u00a0€"):
        assert text in trend.text, text
    for text in ("Trichter", '<b title="order.placed">Bestellt</b>', "25 % des Schritts davor"):
        assert text in funnel.text, text
