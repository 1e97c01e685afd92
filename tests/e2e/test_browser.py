"""Pages of the service web in a real browser, where there is one (Chromium on PATH)."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page
from rich.console import Console

from stack.platform import Platform
from stack.shoppers import demo
from stack.shoppers.mail import mail_to
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL
from tests.e2e.browsing import (
    DESKTOP,
    chromium,
    needs_chromium,
    require_no_overflow,
    sign_in,
)

pytestmark = needs_chromium


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})


async def test_staff_open_the_map_and_click_a_touchpoint_to_its_trace(
    platform: Platform, staff: Api, page: Page
) -> None:
    console = Console(record=True, width=200, quiet=True)
    await demo.fill(platform, 300, console)
    await demo.play(platform, console)
    order: dict[str, Any] = (
        await staff.call("GET", "/v1/staff/orders?status=delivered&page_size=1")
    ).body["orders"][0]

    await sign_in(platform, page)
    for stage in ("Awareness", "Consideration", "Acquisition", "Retention", "Advocacy"):
        await page.locator("h2", has_text=stage).wait_for()

    await page.goto(f"{platform.web_url}/studio?order={order['id']}")
    step = page.locator(".steps details").filter(has_text="order.place").first
    await step.locator("summary").click()
    assert await step.get_attribute("open") is not None
    # Behind the touchpoint stands what the back end did, by service.
    assert "checkout" in await step.inner_text()
    await step.locator("a[href*='/traces/']").first.click()
    await page.wait_for_url("**/traces/*")

    trace = page.url.rpartition("/")[2]
    await page.goto(f"{platform.web_url}/studio?trace={trace}")
    assert "order.place" in await page.inner_text("#path")
    # From a number to its people, and from a person to their path.
    await page.locator(".column", has_text="Acquisition").locator(".people a").click()
    await page.locator("#people .ids a").first.click()
    await page.wait_for_url("**visitor=*#path")
    assert await page.locator("#path .steps li").count() > 0


async def test_the_map_fits_a_phone(platform: Platform, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await sign_in(platform, page)

    await require_no_overflow(page)


async def test_a_reminder_s_links_are_followed_in_a_browser(
    platform: Platform, shopper: Api, variant: str, page: Page
) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    await page.set_viewport_size({"width": 390, "height": 844})
    cart = await shopper.start_cart((variant, 1))
    body = {"email": email, "remind": True}
    await shopper.call("POST", f"/v1/carts/{cart['id']}/save", body)

    mail = await mail_to(platform.url("mailbox"), email, "remind")
    (link,) = re.findall(r"http://[^/]+(/subscriptions/confirm\S+)", mail["text"])
    await page.goto(platform.web_url + link)
    await page.wait_for_function("location.hash === ''")
    await require_no_overflow(page)
    await page.click("form[data-secret] button")

    await page.locator("[role=status]").wait_for()
    assert "Thank you" in await page.inner_text("[role=status]")


async def test_the_studio_is_for_staff(platform: Platform) -> None:
    async with httpx.AsyncClient(base_url=platform.web_url, follow_redirects=True) as browser:
        asked = await browser.get("/studio")
        wrong = await browser.post("/sign-in", data={"email": STAFF_EMAIL, "password": "wrong"})
        form = {"email": STAFF_EMAIL, "password": platform.staff_password}
        page = await browser.post("/sign-in", data=form)

    assert "password" in asked.text
    assert wrong.status_code == 401
    assert "Awareness" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
