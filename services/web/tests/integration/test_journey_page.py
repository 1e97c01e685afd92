"""The journey page: what it asks the gateway for, and what it shows."""

from __future__ import annotations

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
    site.gateway.reply("GET", "/v1/staff/funnel", a_funnel())


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
    asked = site.gateway.asked("GET", "/v1/staff/funnel")
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
        "kind": "server",
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
    funnel = site.gateway.asked("GET", "/v1/staff/funnel").url.params
    assert (funnel["channel"], funnel["window_seconds"]) == ("us", "86400")


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
        site.gateway.refuse("GET", "/v1/staff/funnel", 401, "TOKEN_EXPIRED")
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
        site.gateway.refuse("GET", "/v1/staff/funnel", 429, "RATE_LIMITED", retry_after="7")
        busy = await site.browser.get("/studio")
        prepare(site)
        unknown = await site.browser.get("/studio?map=nowhere")
        misspelt = await site.browser.get("/studio?ordr=1")

    assert (denied.status_code, busy.status_code) == (403, 429)
    assert "SCOPE_REQUIRED" in denied.text
    assert busy.headers["retry-after"] == "7"
    assert (unknown.status_code, misspelt.status_code) == (404, 422)
    assert "Check ordr." in misspelt.text
