"""A survey from its making to a follow-up, and its page in a browser."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api
from tests.e2e.browsing import chromium, needs_chromium


@pytest.fixture
async def consenting(platform: Platform) -> AsyncIterator[Api]:
    """A guest who agreed to analytics."""
    async with Api(
        platform.gateway_urls, consent="analytics", keeps_visitor=True, session_id=str(uuid7())
    ) as shopper:
        await shopper.become_guest()
        yield shopper


@pytest.fixture
async def survey(staff: Api) -> AsyncIterator[str]:
    """A survey of everybody who ordered, by its slug; it ends with the test."""
    slug = f"s-{uuid.uuid4().hex[:8]}"
    document: dict[str, Any] = {
        "name": "After the order",
        "type": "csat",
        "state": "active",
        "trigger": {"kind": "order.placed", "share_percent": 100, "media": ["page"]},
        "follow_up_at": 2,
        "questions": [
            {"id": "why", "type": "text", "text": {"en": "Why?", "de": "Warum?"}},
        ],
    }
    path = f"/v1/staff/surveys/{slug}"
    # Another story on this stack may have sent any rules.
    rules = {"days_between": 30, "most_per_year": 4, "answer_days": 30}
    await staff.call("PUT", "/v1/staff/survey-rules", {"rules": rules})
    await staff.call("PUT", path, {"survey": document})
    yield slug
    await staff.call("PUT", path, {"survey": {**document, "state": "ended"}})


async def asked(shopper: Api, staff: Api, survey: str) -> str:
    """Returns the token of a shopper who ordered and was asked."""
    _, variant_id = await chaos.new_product(staff, 10)
    await shopper.buy((variant_id, 1), email=f"{uuid.uuid4().hex}@example.com")

    async def is_due() -> bool:
        due = (await shopper.call("GET", "/v1/surveys")).body["surveys"]
        return survey in [one["slug"] for one in due]

    await eventually(is_due, within=20)
    token: str = (await shopper.call("POST", f"/v1/surveys/{survey}/ask", {})).body["token"]
    return token


async def test_a_low_score_is_counted_is_on_the_journey_and_opens_a_task(
    consenting: Api, staff: Api, survey: str
) -> None:
    token = await asked(consenting, staff, survey)
    answer = {
        "token": token,
        "score": 2,
        "answers": [{"question": "why", "text": "It came late and broken."}],
    }

    await consenting.call("POST", "/v1/surveys/answer", answer)

    results = (await staff.call("GET", f"/v1/staff/surveys/{survey}/results")).body
    texts = (await staff.call("GET", f"/v1/staff/surveys/{survey}/texts")).body["texts"]
    journey = (await staff.journey(visitor_id=consenting.visitor.partition(".")[0]))["touchpoints"]
    tasks = (await staff.call("GET", "/v1/staff/follow-ups")).body["follow_ups"]
    given = [one for one in journey if one["kind"] == "feedback.given"]
    assert results["total"]["answers"] == 1
    assert [one["sentiment"] for one in texts] == ["negative"]
    assert [one["properties"]["score"] for one in given] == ["2"]
    assert "late" not in str(given)
    assert [one["score"] for one in tasks if one["survey_slug"] == survey] == [2]


@needs_chromium
async def test_the_page_of_a_survey_is_answered_on_a_phone(
    platform: Platform, consenting: Api, staff: Api, survey: str
) -> None:
    token = await asked(consenting, staff, survey)
    async with chromium() as browser:
        page = await browser.new_page(
            viewport={"width": 390, "height": 844}, locale="de-DE", java_script_enabled=False
        )
        await page.goto(f"{platform.web_url}/surveys/{token}")
        shown = await page.inner_text("main")
        await page.locator("label.score", has_text="5").click()
        await page.fill("textarea", "Alles gut, danke!")
        await page.click("main form button")
        thanks = await page.inner_text("main")

    assert "Warum?" in shown
    results = (await staff.call("GET", f"/v1/staff/surveys/{survey}/results")).body
    assert results["total"]["answers"] == 1, thanks
