"""The page of the services behind the touchpoints of a map."""

from __future__ import annotations

from services.web.tests.web_pages import a_map, a_site

PAGE = "/studio/maps/tea/back-stage"
API = "/v1/staff/maps/tea"
FIGURES = {"calls": 1_200, "errors": 3, "slow": 2, "p50_ms": 12.5, "p95_ms": 1_500}
ANSWER = {
    "is_connected": True,
    "touchpoints": [
        {
            "stage": "purchase",
            "kind": "order.place",
            "money": [{"currency": "EUR", "amount_minor": 800_000}],
            "services": [
                {
                    "name": "checkout",
                    **FIGURES,
                    "at_risk": [{"currency": "EUR", "amount_minor": 3_333}],
                    "operations": [
                        {
                            "name": "Place<Order>",
                            "role": "server",
                            **FIGURES,
                            "trace_ids": ["ab" * 16],
                        }
                    ],
                }
            ],
        },
        {"stage": "gone", "kind": "odd.kind", "services": [{"name": "web"}]},
    ],
}


async def test_services_are_shown_by_stage_with_money_and_traces() -> None:
    async with a_site() as site:
        site.sign_in()
        site.gateway.reply("GET", API, a_map("tea", is_built_in=False))
        site.gateway.reply("GET", f"{API}/back-stage", ANSWER)
        dates = {"since": "2026-03-01", "until": "2026-03-01"}
        short = await site.browser.get(PAGE, params=dates)
        page = await site.browser.get(PAGE, params={**dates, "kind": "order.place"})

    for text in (
        "checkout",
        "1,200",
        "1.5 s",
        "€33.33",
        "€8,000.00 of orders came after it",
        "Place&lt;Order&gt;",
        f'href="/studio?trace={"ab" * 16}#path"',
        "In no stage",
    ):
        assert text in page.text, text
    # The operations of one kind are shown at once, so that the page stays small.
    assert "Place&lt;Order&gt;" not in short.text
    assert "?since=2026-03-01&amp;until=2026-03-01&amp;kind=order.place#behind" in short.text
    asked = site.gateway.asked("GET", f"{API}/back-stage").url.params
    assert (asked["since"], asked["until"]) == ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")


async def test_a_map_without_a_collector_says_so() -> None:
    async with a_site() as site:
        site.sign_in()
        site.gateway.reply("GET", API, a_map("tea", is_built_in=False))
        site.gateway.reply("GET", f"{API}/back-stage", {"is_connected": False, "touchpoints": []})
        page = await site.browser.get(PAGE, headers={"accept-language": "de"})
        wrong = await site.browser.get(PAGE, params={"since": "soon"})

    assert "Kein Collector meldete Aufrufe" in page.text
    assert wrong.status_code == 422


async def test_the_page_of_a_large_shop_stays_small() -> None:
    operation = {"name": "x" * 60, "role": "server", **FIGURES, "trace_ids": ["ab" * 16] * 3}
    services = [
        {"name": f"service-{number}", **FIGURES, "operations": [operation] * 20}
        for number in range(6)
    ]
    kinds = [
        {"stage": "purchase" if number < 40 else "", "kind": f"k{number}", "services": services}
        for number in range(200)
    ]
    async with a_site() as site:
        site.sign_in()
        site.gateway.reply("GET", API, a_map("tea", is_built_in=False))
        answer = {"is_connected": True, "touchpoints": kinds}
        site.gateway.reply("GET", f"{API}/back-stage", answer)
        page = await site.browser.get(PAGE, params={"kind": "k199"})

    assert len(page.content) < 200_000
    assert "k59" in page.text
    assert "k60" not in page.text
    assert f'title="{"ab" * 16}"' in page.text
