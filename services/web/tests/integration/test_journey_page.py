"""The journey page: what it asks the gateway for, and what it shows."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from services.journey.tests.published_maps import PUBLISHED, published_maps
from services.web.tests.web_pages import (
    ORDER_ID,
    TRACE,
    Site,
    a_funnel,
    a_journey,
    a_map,
    a_site,
    a_touchpoint,
)


def prepare(site: Site) -> None:
    site.sign_in()
    site.gateway.reply("GET", "/v1/staff/maps", {"maps": [a_map(), a_map("b", is_built_in=False)]})
    site.gateway.reply("POST", "/v1/staff/questions/map", a_funnel())
    for slug in ("five-stages", "b"):
        site.gateway.reply("GET", f"/v1/staff/maps/{slug}", a_map(slug))
    segments = {"segments": [{"slug": "app-users", "name": "Those of the app"}]}
    site.gateway.reply("GET", "/v1/staff/segments", segments)


async def test_the_map_is_shown_with_its_funnel() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get("/studio")

    assert page.status_code == 200
    for text in (
        "Five stages",
        "Awareness",
        "50 %",
        "order.place",
        "1 failed",
        "p95 120 ms",
        "+100",
    ):
        assert text in page.text
    assert "One person" not in page.text
    asked = site.gateway.asked("POST", "/v1/staff/questions/map")
    assert asked.headers["authorization"] == "Bearer staff-token"
    assert asked.headers["x-forwarded-for"] == "203.0.113.7"
    assert "sojourn-visitor" not in asked.headers, "staff are no visitors"


async def test_a_person_s_path_is_drawn_with_what_the_back_end_did() -> None:
    touchpoints = [
        a_touchpoint("page.view", "awareness", trace_id="", trace_url=""),
        a_touchpoint("order.place", "purchase", outcome="refused", reason="OUT_OF_STOCK"),
        a_touchpoint("cart.gone", "purchase", trace_id="cd" * 16),
        a_touchpoint("odd", ""),
    ]
    span = {
        "trace_id": TRACE,
        "service": "checkout",
        "name": "sojourn.checkout.v1.CheckoutService/CompleteCheckout",
        "kind": "SERVER",
        "start_ms": 0.0,
        "duration_ms": 12.5,
        "is_error": True,
    }
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("GET", "/v1/staff/journeys", a_journey(*touchpoints, spans=[span]))
        page = await site.browser.get(f"/studio?order={ORDER_ID}&channel=us&window_seconds=86400")

    assert page.text.count('class="body"') == page.text.count('class="dot ') == 3
    assert 'class="dot refused"' in page.text
    for text in (
        "CheckoutService/CompleteCheckout",
        "1 failed",
        "No trace: this touchpoint",
        "has forgotten this trace",
        "1 touchpoint belongs to no stage",
        "OUT_OF_STOCK",
        f'href="https://traces.example/{TRACE}"',
        "within 24 h of the first stage",
    ):
        assert text in page.text, text
    journey = site.gateway.asked("GET", "/v1/staff/journeys").url.params
    assert (journey["order_id"], journey["spans"], journey["limit"]) == (ORDER_ID, "true", "80")
    (funnel,) = site.gateway.bodies("POST", "/v1/staff/questions/map")
    assert (funnel["filter"], funnel["window_seconds"]) == ({"channels": ["us"]}, 86_400)


async def test_work_that_nobody_waited_for_is_told_apart() -> None:
    spans = [
        {"trace_id": TRACE, "service": "gateway", "name": "POST /v1/checkouts", "kind": "SERVER",
         "start_ms": 0.0, "duration_ms": 120.0},
        {"trace_id": TRACE, "service": "gateway", "name": "CompleteCheckout", "kind": "CLIENT",
         "start_ms": 1.0, "duration_ms": 110.0},
        {"trace_id": TRACE, "service": "mail", "name": "consume", "kind": "CONSUMER",
         "start_ms": 7_199_000.0, "duration_ms": 1_000.0},
    ]  # fmt: skip
    async with a_site() as site:
        prepare(site)
        journey = a_journey(a_touchpoint("order.place", "purchase"), spans=spans)
        site.gateway.reply("GET", "/v1/staff/journeys", journey)
        page = await site.browser.get(f"/studio?trace={TRACE}")

    told = "2 services · 1 call · answered in 120 ms · work that nobody waited for went on until"
    assert f"{told} 2 h after" in page.text
    assert site.gateway.asked("GET", "/v1/staff/journeys").url.params["trace_id"] == TRACE


async def test_every_number_opens_to_its_people_and_keeps_the_question() -> None:
    asked = {
        "channel": "app", "device": "phone", "utm_source": "mail", "newcomers": "new",
        "since": "2026-03-01", "locale": "de", "bots": "true",
    }  # fmt: skip
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get("/studio", params=asked)
        people = {"person_ids": [ORDER_ID], "people": 3}
        site.gateway.reply("POST", "/v1/staff/questions/map/people", people)
        failed = {**asked, "stage": "purchase", "kind": "order.place", "outcome": "error"}
        opened = await site.browser.get("/studio", params=failed)
        await site.browser.get("/studio", params={**asked, "stage": "purchase", "left": "true"})
        bodies = site.gateway.bodies("POST", "/v1/staff/questions/map/people")

    for number in ("stage=awareness", "stage=purchase&amp;left=true", "kind=order.place"):
        assert f"newcomers=new&amp;bots=true&amp;locale=de&amp;since=2026-03-01&amp;{number}" in (
            page.text.replace("stage=purchase&amp;kind", "kind")
        ), number
    assert "Fünf Phasen" in page.text
    assert "3 Personen mit „Bestellung versucht“ in Purchase, fehlgeschlagen" in opened.text
    assert "Die ersten 1 sind aufgeführt." in opened.text
    assert f"visitor={ORDER_ID}#path" in opened.text
    assert [(body["stage"], body["left"], body["kind"]) for body in bodies] == [
        ("purchase", False, "order.place"),
        ("purchase", True, ""),
    ]
    assert bodies[0]["outcome"] == "error"
    assert bodies[0]["numbers"] == {
        "filter": {
            "time_range": {"since": "2026-03-01T00:00:00Z"},
            "channels": ["app"],
            "devices": ["phone"],
            "newcomers": "new",
            "with_bots": True,
        },
        "map": "",
        "window_seconds": 0,
        "begins": [{"field": "utm_source", "any_of": ["mail"]}],
        "locale": "de",
    }


async def test_an_estimate_says_so_and_leads_to_the_exact_numbers() -> None:
    estimated = {**a_funnel(), "estimate": {"read_share": 0.125}}
    estimated["segments"][0]["stages"][0]["people_margin"] = 40
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", "/v1/staff/questions/map", estimated)
        page = await site.browser.get("/studio?segment=app-users")
        await site.browser.get("/studio?segment=app-users&exact=true")
        hurried, patient = site.gateway.bodies("POST", "/v1/staff/questions/map")

    assert "Estimate from 12 % of people, ± 40 people at most in 95 of 100 cases." in page.text
    assert 'href="?segment=app-users&amp;exact=true"' in page.text
    assert '<option value="app-users" selected>Those of the app' in page.text
    assert hurried["filter"] == patient["filter"] == {"segment": "app-users"}
    assert hurried["within_ms"] == 900
    assert "within_ms" not in patient


async def test_money_of_stages_sums_up_in_the_tile() -> None:
    part = {"orders": 1, "net_minor": 49_00, "average_order_minor": 49_00}
    revenue = [
        {"stage": "awareness", "currency": "EUR", **part},
        {"stage": "purchase", "currency": "EUR", **part},
        {"stage": "purchase", "currency": "JPY", **part},
    ]
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", "/v1/staff/questions/map", {**a_funnel(), "revenue": revenue})
        page = await site.browser.get("/studio")

    for text in ("€98.00<small>2 orders", "¥4,900<small>1 order", "€49.00 net, 1 order"):
        assert text in page.text, text


async def test_texts_of_touchpoints_are_no_markup_and_links_lead_to_the_web_only() -> None:
    hostile = a_touchpoint(
        "search", "awareness", subject="<script>alert(1)</script>", trace_url="javascript:alert(1)"
    )
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("GET", "/v1/staff/journeys", a_journey(hostile))
        page = await site.browser.get(f"/studio?visitor={ORDER_ID}")

    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "javascript:" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_traces_that_do_not_come_are_said_not_to_come() -> None:
    told = {}
    for status in ("incomplete", "not_connected"):
        async with a_site() as site:
            prepare(site)
            journey = a_journey(a_touchpoint("search", "awareness"), trace_status=status)
            site.gateway.reply("GET", "/v1/staff/journeys", journey)
            told[status] = (await site.browser.get(f"/studio?customer={ORDER_ID}")).text

    assert "The trace store does not answer." in told["incomplete"]
    assert "The back stage is not connected." in told["not_connected"]


async def test_a_person_without_a_journey_is_said_to_have_none() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("GET", "/v1/staff/journeys", 404, "JOURNEY_NOT_FOUND")
        page = await site.browser.get(f"/studio?order={ORDER_ID}")

    assert page.status_code == 404
    assert "no journey of that person" in page.text
    assert "Awareness" in page.text


async def test_an_ended_session_asks_to_sign_in_again_and_comes_back() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("POST", "/v1/staff/questions/map", 401, "TOKEN_EXPIRED")
        response = await site.browser.get("/studio?channel=us")

    assert (response.status_code, response.headers["location"]) == (
        303,
        "/sign-in?next=%2Fstudio%3Fchannel%3Dus",
    )


async def test_refusals_of_the_gateway_are_pages() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("GET", "/v1/staff/maps", 403, "SCOPE_REQUIRED")
        denied = await site.browser.get("/studio")
        prepare(site)
        site.gateway.refuse("POST", "/v1/staff/questions/map", 429, "RATE_LIMITED", retry_after="7")
        busy = await site.browser.get("/studio")
        prepare(site)
        unknown = await site.browser.get("/studio?map=nowhere")
        misspelt = await site.browser.get("/studio?ordr=1")

    assert (denied.status_code, busy.status_code) == (403, 429)
    assert "SCOPE_REQUIRED" in denied.text
    assert busy.headers["retry-after"] == "7"
    assert (unknown.status_code, misspelt.status_code) == (404, 422)
    assert "Check ordr." in misspelt.text


async def test_what_people_drew_is_shown_below_the_stages() -> None:
    drawn = a_map("b")
    drawn["stages"][1] |= {
        "meaning": {"en": "Money changes hands", "de": "Geld wechselt den Besitzer"},
        "pains": ["shipping <b>costs</b>"],
        "cells": [
            {"lane": "front_stage", "persona": "ana", "texts": ["asks the till"]},
            {"lane": "front_stage", "texts": ["reads the total"]},
        ],
        "details": {"owner": "Checkout team", "target": {"rate": 0.25, "months": ["May", "June"]}},
    }
    drawn |= {
        "lanes": ["front_stage"],
        "personas": [
            {"slug": "ana", "name": "Ana", "traits": ["buys at night"], "goals": ["sleep"]}
        ],
        "steps": [{"stage": "Purchase", "channel": "app", "action": "pays", "emotion": "relief"}],
        "pains": ["slow bank"],
    }
    async with a_site() as site:
        prepare(site)
        plain = await site.browser.get("/studio")
        site.gateway.reply("GET", "/v1/staff/maps/b", drawn)
        page = await site.browser.get("/studio?map=b&locale=de")

    assert "As it was drawn" not in plain.text
    for text in (
        "Geld wechselt den Besitzer",
        "shipping &lt;b&gt;costs&lt;/b&gt;",
        "<b>Ana:</b> asks the till",
        "<li>reads the total</li>",
        'class="lane">front_stage</th>',
        'class="lane">Owner</th>',
        'class="lane">Target · rate</th>',
        "<li>0,25</li>",
        "<li>May</li><li>June</li>",
        "buys at night",
        "Purchase · app",
        "relief",
        "slow bank",
    ):
        assert text in page.text, text


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published maps are not on this machine")
async def test_every_published_template_journey_and_persona_is_shown_whole() -> None:
    a_stage = a_funnel()["segments"][0]["stages"][0]
    async with a_site() as site:
        prepare(site)
        for chart in published_maps():
            drawn = MessageToDict(chart, preserving_proto_field_name=True)
            stages = [
                {**a_stage, "slug": stage.slug, "name": stage.name["en"]} for stage in chart.stages
            ]
            site.gateway.reply("GET", "/v1/staff/maps", {"maps": [{"version": 1, **drawn}]})
            site.gateway.reply("GET", f"/v1/staff/maps/{chart.slug}", drawn)
            funnel = {"segments": [{"stages": stages}], "touchpoints": []}
            site.gateway.reply("POST", "/v1/staff/questions/map", funnel)
            page = await site.browser.get(f"/studio?map={chart.slug}")
            text = html.unescape(page.text)

            assert [told for told in _told_by(drawn) if told not in text] == [], chart.slug


def _told_by(value: Any, name: str = "") -> Iterator[str]:
    """Yields the texts that people wrote into a map."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _told_by(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _told_by(each, name)
    elif isinstance(value, str) and name not in ("slug", "lane", "persona"):
        yield value


async def test_the_page_is_in_the_language_of_its_reader() -> None:
    placed = a_touchpoint(
        "order.placed", "purchase", properties={"total_minor": "35001", "currency": "EUR"}
    )
    funnel = a_funnel()
    funnel["touchpoints"][0]["people"] = 1
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", "/v1/staff/questions/map", funnel)
        site.gateway.reply("GET", "/v1/staff/journeys", a_journey(placed))
        page = await site.browser.get(
            f"/studio?order={ORDER_ID}&since=2026-03-01", headers={"accept-language": "de"}
        )
        english = await site.browser.get("/studio?locale=en", headers={"accept-language": "de"})

    assert '<html lang="de">' in page.text
    for text in (
        "Fünf Phasen",
        "seit 01.03.2026, UTC",
        "1 Person",
        "1 fehlgeschlagen",
        "1. März 2026, 12:00:00 UTC",
        "350,01\u00a0€",
        "Der Weg einer Person",
    ):
        assert text in page.text, text
    assert "total_minor" not in page.text
    assert '<html lang="en">' in english.text
    assert "1 person" in english.text
    assert "1 people" not in english.text
