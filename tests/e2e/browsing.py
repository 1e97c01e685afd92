"""A real browser for stories of pages, where there is one (Chromium on PATH)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright

from stack.platform import Platform
from stack.topology import STAFF_EMAIL

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH")
DESKTOP, PHONE = (1300, 1000), (390, 844)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that ends with its block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        await browser.close()


async def sign_in(platform: Platform, page: Page) -> None:
    """Opens the studio as a member of the staff."""
    await page.goto(f"{platform.web_url}/studio")
    await page.fill("input[name=email]", STAFF_EMAIL)
    await page.fill("input[name=password]", platform.staff_password)
    await page.click("button")
    await page.locator("h2", has_text="Awareness").wait_for()


async def require_no_overflow(page: Page) -> None:
    """A page scrolls down, never sideways."""
    wide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, f"{page.url} is {wide} px too wide"
