"""A map that a team draws: what is missing, files, two editors, a comment, and a link."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from rich.console import Console

from chassis.testing import eventually
from stack.platform import Platform
from stack.shoppers.demo_studio import fill_studio
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL

LOOK: dict[str, Any] = {
    "slug": "look",
    "name": {"en": "Look", "de": "Sehen"},
    "goals": ["find it"],
    "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}],
}
BUY: dict[str, Any] = {"slug": "buy", "name": {"en": "Buy"}, "pains": ["slow <payment>"]}


@pytest.fixture
async def path(staff: Api) -> AsyncIterator[str]:
    """A map of two stages, by its path; it ends with the test."""
    path = f"/v1/staff/maps/m-{uuid.uuid4().hex[:8]}"
    chart = {"name": {"en": "A map"}, "stages": [LOOK, BUY]}
    await staff.call("PUT", path, {"map": chart})
    yield path
    await staff.call("DELETE", path)


async def test_a_team_draws_a_map_and_shows_it(platform: Platform, staff: Api, path: str) -> None:
    found = (await staff.call("GET", f"{path}/findings?locales=de")).body["findings"]
    codes = {one["code"] for one in found}
    assert {"stage_without_rules", "pain_without_impact", "missing_translation"} <= codes

    drawing = (await staff.call("GET", f"{path}/file?format=svg&numbers=true&locale=de")).body
    assert "Sehen" in drawing
    assert "slow &lt;payment&gt;" in drawing

    # Two people began with version 1, and changed different cells.
    def edit(*stages: dict[str, Any]) -> dict[str, Any]:
        return {"base_version": 1, "map": {"name": {"en": "A map"}, "stages": list(stages)}}

    await staff.call("POST", f"{path}/edits", edit(LOOK, {**BUY, "pains": ["dear"]}))
    both = await staff.call("POST", f"{path}/edits", edit({**LOOK, "goals": ["compare"]}, BUY))
    look, buy = both.body["map"]["stages"]
    assert (both.body["is_saved"], look["goals"], buy["pains"]) == (True, ["compare"], ["dear"])
    late = await staff.call("POST", f"{path}/edits", edit({**LOOK, "goals": ["ask"]}, BUY))
    (conflict,) = late.body["conflicts"]
    assert (conflict["mine"], conflict["theirs"]) == (["ask"], ["compare"])

    slug = path.rsplit("/", 1)[-1]
    sides = {"left": {"slug": slug, "number": 1}, "right": {"slug": slug}}
    compared = (await staff.call("POST", "/v1/staff/map-comparisons", sides)).body
    assert [(one["stage"], one["cell"]) for one in compared["differences"]] == [
        ("look", "goals"),
        ("buy", "pains"),
    ]

    comment = {"text": "Half of them leave here.", "anchor": {"stage": "buy", "lane": "pains"}}
    thread = (await staff.call("POST", f"{path}/comments", comment)).body
    await staff.call("PUT", f"{path}/threads/{thread['id']}/resolution")
    assert (await staff.call("GET", f"{path}/comments")).body["threads"] == []

    made = (await staff.call("POST", f"{path}/links", {"name": "For the agency"})).body
    async with httpx.AsyncClient(base_url=platform.web_url) as browser:
        shown = await browser.post("/studio/shared", data={"token": made["token"]})
        await staff.call("DELETE", f"{path}/links/{made['link']['id']}")
        gone = await browser.post("/studio/shared", data={"token": made["token"]})
    assert (shown.status_code, gone.status_code) == (200, 404)
    assert "compare" in shown.text


async def test_the_demo_fills_a_studio_in_which_slow_payments_cost_money(
    platform: Platform, staff: Api
) -> None:
    console = Console(file=io.StringIO())
    for _ in range(2):
        await fill_studio(platform, console)

    body = {"map": "demo-month", "with_touchpoints": True, "with_revenue": True}
    numbers = (await staff.call("POST", "/v1/staff/questions/map", body)).body
    (pay,) = [one for one in numbers["touchpoints"] if one["kind"] == "order.pay"]
    assert pay["stage"] == "pay"
    assert pay["errors"] > 20
    assert pay["p95_ms"] > 5_000
    assert [stage["people"] > 0 for stage in numbers["segments"][0]["stages"]] == [True] * 5
    pains = (await staff.call("POST", "/v1/staff/questions/pains", {})).body["pains"]
    (slow,) = [one for one in pains if one["reason"] == "PAYMENT_TIMEOUT"]
    assert slow["likely"][0]["amount_minor"] > 100_000
    async with httpx.AsyncClient(base_url=platform.web_url) as browser:
        browser.cookies.set("sojourn_staff", staff.token)
        for step in (await staff.call("GET", "/v1/staff/maps/demo-month")).body["details"]["tour"]:
            page = await browser.get(step["link"])
            assert page.status_code == 200, step["link"]
        page = await browser.get("/studio?map=demo-month", headers={"accept-language": "de"})
        assert "Ein Rundgang in 5 Schritten" in page.text
        assert "von keinem echten Shop" in page.text
        editor = await browser.get("/studio/maps/demo-month/edit?stage=pay")
        (version,) = re.findall(r'name="base_version" value="(\d+)"', editor.text)
        form = {"stage": "pay", "base_version": version, "language": "en", "action": "save"}
        for goals, status in (("be sure", 303), ("be quick", 409)):
            sent = {**form, "list:goals": goals, "emotion_level": "-1"}
            saved = await browser.post("/studio/maps/demo-month/edit", data=sent)
            assert saved.status_code == status
        assert "Two people changed the same places" in saved.text
        shared = await browser.get("/studio/maps/demo-month/sharing")
        assert all(text in shared.text for text in ('name="role_1"', f'value="{STAFF_EMAIL}"'))
        image = await browser.get("/studio/maps/demo-month/file?format=png&numbers=true")
        assert image.content.startswith(b"\x89PNG")
    chart = (await staff.call("GET", "/v1/staff/maps/demo-month")).body
    assert (chart["stages"][3]["goals"], chart["stages"][3]["emotion_level"]) == (["be sure"], -1)


async def test_the_services_behind_a_touchpoint_are_told(staff: Api, shopper: Api) -> None:
    await shopper.call("GET", "/v1/search?q=tea&currency=EUR")
    path = "/v1/staff/maps/five-stages/back-stage?since=2020-01-01T00:00:00Z"

    async def has_both_services() -> bool:
        kinds = (await staff.call("GET", path)).body["touchpoints"]
        services = [one["services"] for one in kinds if one["kind"] == "search"]
        found = {one["name"]: one for one in services[0]} if services else {}
        return {"gateway", "catalog"} <= found.keys() and bool(
            found["catalog"]["calls"] and found["gateway"]["operations"][0]["trace_ids"]
        )

    await eventually(has_both_services, within=30)
