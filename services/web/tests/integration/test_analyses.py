"""Analyses: what each page asks the gateway for, and what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.tests.web_pages import Site, a_site, eur

TIMES = {
    "count": 3,
    "p25_seconds": 5.0,
    "median_seconds": 90.0,
    "p75_seconds": 600.0,
    "p90_seconds": 7200.0,
}
GROUP = {"reached": 4, "went_on": 1, "conversion_rate": 0.25}
NOBODY = {"reached": 0, "went_on": 0, "conversion_rate": 0.0}
ANSWERS: dict[str, Any] = {
    "step-times": {
        "segments": [
            {
                "value": "app",
                "ways": 4,
                "steps": [
                    {"name": "search", "since_previous": {**TIMES, "count": 0}},
                    {"name": "order.placed", "since_previous": TIMES},
                ],
                "whole": TIMES,
            }
        ]
    },
    "conformance": {
        "people": 8,
        "outside": 2,
        "unknown_rate": 0.25,
        "fitness": 0.75,
        "patterns": [
            {"skips": False, "repeats": False, "is_out_of_order": False, "people": 6},
            {"skips": True, "repeats": True, "is_out_of_order": False, "people": 2},
        ],
        "stages": [{"stage": "see", "visited": 8, "skipped": 0, "repeated": 2, "out_of_order": 1}],
        "paths": [{"stages": ["see", "buy"], "people": 6, "fitness": 0.5}],
    },
    "says-does": {
        "stages": [
            {
                "stage": "see",
                "score": -12.5,
                "promoters": GROUP,
                "passives": NOBODY,
                "detractors": GROUP,
                "silent": GROUP,
            }
        ]
    },
    "pains": {
        "pains": [
            {
                "kind": "cart.add",
                "outcome": "refused",
                "reason": "OUT_OF_STOCK",
                "people": 9,
                "bought": 3,
                "lost": 6,
                "usual_rate": 0.5,
                "at_most": [eur(1999)],
                "likely": [eur(999)],
            },
            {"kind": "search", "outcome": "error", "usual_rate": None},
        ]
    },
    "products": {
        "products": [
            {
                "product": "tent",
                "views": 9,
                "viewers": 8,
                "adders": 4,
                "orders": 1,
                "revenue": [eur(1999)],
                "cart_rate": 0.5,
                "order_rate": 0.25,
            }
        ]
    },
    "searches": {
        "terms": [
            {
                "term": "tea",
                "searches": 8,
                "people": 4,
                "with_known_results": 6,
                "without_results": 5,
                "clicked": 2,
                "ordered": 1,
            }
        ]
    },
    "lifetime-value": {
        "cohorts": [
            {
                "begin": "2026-03-01",
                "people": 2,
                "values": [
                    {
                        "currency": "EUR",
                        "orders": 3,
                        "net_minor": [4000, 6000],
                        "net_minor_a_person": 3000,
                        "net_minor_an_order": 2000,
                        "orders_with_margin": 2,
                        "margin_minor": [700, 950],
                    }
                ],
            },
            {"begin": "2026-04-01", "people": 1},
        ]
    },
    "anomalies": {
        "anomalies": [
            {
                "begin": "2026-03-01",
                "value": "search",
                "actual": 0,
                "expected": 30.0,
                "score": -5.5,
            }
        ],
        "judged": 28,
        "too_new": 7,
    },
}


def prepare(site: Site) -> None:
    site.sign_in()
    for path, answer in ANSWERS.items():
        site.gateway.reply("POST", f"/v1/staff/questions/{path}", answer)


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("step-times?steps=search,order.placed", ["app: 4", "90 s", "10 min", "first to last"]),
        (
            "conformance",
            [
                "2 outside all stages",
                "75 %",
                "follow the map",
                "skip a stage, repeat one",
                "see → buy",
            ],
        ),
        ("says-does", ["-12", "25 % of 4", "– of 0"]),
        ("pains", ["OUT_OF_STOCK", "50 %", "€19.99", "€9.99", "–"]),
        ("products", ["tent", "50 %", "25 %", "€19.99"]),
        ("searches", ["tea", "5 of 6", "25 %", "12 %"]),
        (
            "lifetime-value",
            ["Mar 1, 2026", "€30.00", "€20.00", "€9.50*", "of 2 orders whose costs"],
        ),
        ("anomalies", ["Mar 1, 2026", "30", "-5.5", "7 have fewer than 4 weeks"]),
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


async def test_a_page_asks_within_a_segment_and_about_a_map() -> None:
    async with a_site() as site:
        prepare(site)
        await site.browser.get("/studio/insights/conformance?segment=app&map=own")
        (body,) = site.gateway.bodies("POST", "/v1/staff/questions/conformance")

    assert body == {"filter": {"segment": "app"}, "map": "own"}


async def test_times_are_asked_exactly_and_anomalies_of_days_or_hours() -> None:
    async with a_site() as site:
        prepare(site)
        await site.browser.get("/studio/insights/step-times?steps=search")
        await site.browser.get("/studio/insights/anomalies?interval=week&by=channel")
        await site.browser.get("/studio/insights/anomalies?interval=hour")
        (times,) = site.gateway.bodies("POST", "/v1/staff/questions/step-times")
        days, hours = site.gateway.bodies("POST", "/v1/staff/questions/anomalies")

    assert "within_ms" not in times["funnel"]
    assert (days["interval"], days["by"], hours["interval"]) == ("day", "channel", "hour")


async def test_a_rolling_period_is_asked_for_and_told_once() -> None:
    async with a_site() as site:
        prepare(site)
        shown = await site.browser.get("/studio/insights/lifetime-value?last_days=90")
        twice = await site.browser.get("/studio/insights/pains?last_days=7&since=2026-03-01")
        (body,) = site.gateway.bodies("POST", "/v1/staff/questions/lifetime-value")

    assert body == {"filter": {"last_days": 90}, "interval": "month", "time_zone": ""}
    assert 'name="last_days" min="1" max="3660" value="90"' in shown.text
    assert twice.status_code == 422
    assert "either since and until or last_days" in twice.text
