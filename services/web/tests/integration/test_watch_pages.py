"""Pages of what changed, of webhooks that tell of it, and of objectives."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.tests.web_pages import ORDER_ID, Site, a_map, a_site

EUR = {"currency": "EUR", "amount_minor": 100_000}
INSIGHT: dict[str, Any] = {
    "id": ORDER_ID,
    "state": "open",
    "map": "five-stages",
    "subject": "purchase",
    "measure": "conversion",
    "is_rise": False,
    "is_good": False,
    "began_on": "2026-03-01",
    "last_on": "2026-03-02",
    "days": 2,
    "actual": 0.5,
    "expected": 0.8333,
    "audience": {"dimension": "device", "value": "phone", "share": 0.98},
    "likely": [EUR],
    "at_most": [],
    "pains": [
        {"kind": "order.place", "outcome": "refused", "reason": "PAYMENT_DECLINED", "people": 1}
    ],
}
SETTINGS = {"maps": [], "time_zone": "UTC", "threshold": 3.5, "least_volume": 30, "version": 2}
WEBHOOK = {
    "id": ORDER_ID,
    "version": 3,
    "name": "Chat <b>",
    "url": "https://hooks.example.com/a",
    "maps": ["tea"],
    "measures": ["errors"],
    "is_active": True,
    "dead": 1,
}
DELIVERY = {
    "id": ORDER_ID,
    "type": "insight.opened",
    "state": "dead",
    "attempts": 14,
    "last_status": 500,
    "last_problem": "status",
    "created_at": "2026-03-01T12:00:00Z",
}
HOOKS = "/v1/staff/insight-webhooks"


def prepare(site: Site, *insights: dict[str, Any], token: str = "") -> None:
    site.sign_in()
    listed = {"insights": insights, "next_page_token": token, "judged_until": "2026-03-02"}
    site.gateway.reply("GET", "/v1/staff/insights", listed)
    site.gateway.reply("GET", "/v1/staff/maps", {"maps": [a_map()]})
    site.gateway.reply("GET", "/v1/staff/insight-settings", SETTINGS)
    site.gateway.reply("GET", HOOKS, {"webhooks": [WEBHOOK]})
    site.gateway.reply("GET", f"{HOOKS}/{ORDER_ID}/deliveries", {"deliveries": [DELIVERY]})


async def test_a_change_says_what_since_when_for_whom_and_worth_how_much() -> None:
    async with a_site() as site:
        prepare(site, INSIGHT, token="older")
        page = await site.browser.get("/studio/changes?map=five-stages&state=open")

    for text in (
        "Purchase: fewer people go on",
        "Five stages",
        "50 % instead of 83 %",
        "Since Mar 1, 2026, seen on 2 days",
        "Mainly device phone: 98 % of the change",
        "Likely at risk: €1,000.00",
        "PAYMENT_DECLINED: 1 person",
        "map=five-stages&amp;state=open&amp;page_token=older",
        "/studio?map=five-stages&amp;since=2026-03-01&amp;until=2026-03-02",
    ):
        assert text in page.text, text
    query = site.gateway.asked("GET", "/v1/staff/insights").url.params
    assert dict(query) == {"page_size": "20", "map": "five-stages", "state": "open"}


async def test_changes_are_told_in_german_too() -> None:
    async with a_site() as site:
        prepare(site, {**INSIGHT, "state": "closed", "audience": None})
        page = await site.browser.get("/studio/changes", headers={"Accept-Language": "de"})

    for text in ("weniger Menschen gehen weiter", "Vom 01.03.2026", "1.000,00\xa0€", "gleich"):
        assert text in page.text, text


@pytest.mark.parametrize("query", ["state=odd", "measure=odd", "map=A%20B"])
async def test_a_filter_that_makes_no_sense_is_refused(query: str) -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(f"/studio/changes?{query}")

    assert page.status_code == 422


async def test_settings_are_saved_with_the_version_that_was_seen() -> None:
    form = {
        "version": "2",
        "maps": "tea, coffee",
        "time_zone": "Europe/Berlin",
        "threshold": "4,5",
        "least_volume": "50",
        "least_change": "20",
        "slow_ms": "800",
    }
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("PUT", "/v1/staff/insight-settings", SETTINGS)
        saved = await site.browser.post("/studio/changes", data=form)
        mistaken = await site.browser.post("/studio/changes", data={**form, "threshold": "much"})

    assert saved.headers["location"] == "/studio/changes?saved=1"
    (body,) = site.gateway.bodies("PUT", "/v1/staff/insight-settings")
    assert body["settings"] == {
        "maps": ["tea", "coffee"],
        "time_zone": "Europe/Berlin",
        "threshold": 4.5,
        "least_volume": 50,
        "least_change": 0.2,
        "slow_ms": 800,
    }
    assert mistaken.status_code == 409
    assert site.gateway.asked("PUT", "/v1/staff/insight-settings").headers["if-match"] == '"2"'


async def test_what_did_not_arrive_is_shown_and_sent_again() -> None:
    resend = f"{HOOKS}/{ORDER_ID}/deliveries/{ORDER_ID}/resend"
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", resend, DELIVERY)
        page = await site.browser.get("/studio/changes/webhooks")
        form = {"action": "resend", "id": ORDER_ID, "delivery": ORDER_ID, "key": "k"}
        sent = await site.browser.post("/studio/changes/webhooks", data=form)

    for text in ("Chat &lt;b&gt;", "given up · 14 attempts", "answered with status 500"):
        assert text in page.text, text
    assert sent.status_code == 303
    assert site.gateway.asked("POST", resend).headers["idempotency-key"] == "k"


async def test_a_secret_is_shown_once_and_a_webhook_is_stopped() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", HOOKS, {"webhook": WEBHOOK, "secret": "whsec_abc"}, status=201)
        site.gateway.reply("PUT", f"{HOOKS}/{ORDER_ID}", WEBHOOK)
        form = {"action": "create", "name": "Chat", "url": "https://a.example/", "key": "k"}
        made = await site.browser.post(
            "/studio/changes/webhooks", data={**form, "measure_errors": "true"}
        )
        stop = {"action": "stop", "id": ORDER_ID}
        stopped = await site.browser.post("/studio/changes/webhooks", data=stop)
        site.gateway.refuse("POST", HOOKS, 422, "INVALID_WEBHOOK")
        refused = await site.browser.post("/studio/changes/webhooks", data=form)

    assert 'value="whsec_abc"' in made.text
    body = site.gateway.bodies("POST", HOOKS)[0]
    assert body == {
        "name": "Chat",
        "url": "https://a.example/",
        "maps": [],
        "measures": ["errors"],
    }
    assert stopped.status_code == 303
    (put,) = site.gateway.bodies("PUT", f"{HOOKS}/{ORDER_ID}")
    assert put["is_active"] is False
    assert refused.status_code == 409
    assert "an https address of the internet" in refused.text


async def test_objectives_show_the_budget_that_is_left_and_how_fast_it_burns() -> None:
    status = {
        "stage": "purchase",
        "objective": {"kind": "success", "target_percent": 98.0, "window_days": 28},
        "tries": 100,
        "bad": 1,
        "budget_left": 0.5,
        "burns": [{"window": "1h", "rate": 15.0, "tries": 10, "bad": 3}, {"window": "5m"}],
        "alarm": "page",
    }
    used = {**status, "budget_left": -0.5, "alarm": "unspecified", "tries": 0}
    async with a_site() as site:
        site.sign_in()
        site.gateway.reply("GET", "/v1/staff/maps/tea", a_map("tea"))
        found = {"objectives": [status, used], "counted_until": "2026-03-01T12:00:00Z"}
        site.gateway.reply("GET", "/v1/staff/maps/tea/objectives", found)
        page = await site.browser.get("/studio/maps/tea/objectives")

    for text in (
        "98 % of the tries go through without an error, over 28 days",
        "99 %: 99 of 100 tries",
        "50 % of the budget left",
        "150 % of the budget used",
        "burns fast: act now",
        "15 ×",
        "Nobody tried.",
    ):
        assert text in page.text, text
