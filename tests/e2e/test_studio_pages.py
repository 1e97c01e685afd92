"""Pages of the studio in a browser: access for all, drag and keyboard, pictures."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Locator, Page
from rich.console import Console

from stack.platform import Platform
from stack.shoppers.demo_map import SLUG
from stack.shoppers.demo_studio import fill_studio
from stack.shoppers.shopper import Api
from tests.e2e.browsing import (
    DESKTOP,
    PHONE,
    chromium,
    needs_chromium,
    require_no_overflow,
    sign_in,
)

pytestmark = needs_chromium
GRID = f"/studio/maps/{SLUG}/grid"
PAGES = (
    "/sign-in",
    "/studio",
    f"/studio?map={SLUG}",
    f"/studio?map={SLUG}&stage=pay",
    f"/studio/maps/{SLUG}",
    f"/studio/maps/{SLUG}/edit",
    f"/studio/maps/{SLUG}/back-stage",
    f"/studio/maps/{SLUG}/sharing",
    f"/studio/maps/{SLUG}/copy",
    f"/studio/maps/{SLUG}/objectives",
    "/studio/changes",
    "/studio/changes/webhooks",
    GRID,
    f"/studio/compare?left_map={SLUG}&right_map={SLUG}",
    "/studio/insights/funnel",
    "/studio/insights/paths",
    "/studio/insights/trend",
    "/studio/insights/pains",
    "/studio/insights/attribution",
)
# https://www.w3.org/TR/WCAG22/, levels A and AA, and what axe's authors advise.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MOST_BYTES = 200_000


@pytest.fixture
async def browser(platform: Platform) -> AsyncIterator[Browser]:
    """A browser beside a studio that is filled with the month of the demo."""
    await fill_studio(platform, Console(file=io.StringIO()))
    async with chromium() as browser:
        yield browser


async def opened(
    platform: Platform, browser: Browser, *, size: tuple[int, int] = DESKTOP, scheme: str = "light"
) -> Page:
    """A page of a member of the staff who signed in."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        base_url=platform.web_url,
    )
    page = await context.new_page()
    await sign_in(platform, page)
    return page


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
async def test_everyone_can_use_the_pages(
    platform: Platform, staff: Api, browser: Browser, size: tuple[int, int], scheme: str
) -> None:
    for ending in "ab":  # of one name: cards that repeat stay apart for a screen reader
        body = {"name": "Chat", "url": f"https://hooks.example.com/{ending}", "maps": [SLUG]}
        await staff.call("POST", "/v1/staff/insight-webhooks", body)
    page = await opened(platform, browser, size=size, scheme=scheme)
    found = []
    for path in PAGES:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.ok, path
        assert len(await answer.body()) < MOST_BYTES, path
        await require_no_overflow(page)
        await require_texts_inside(page, ".tiles dd, .badge, .column h2, .cards > li")
        results = await Axe().run(page, options=RULES)
        found += [
            f"{path}: {one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
            for one in results.response["violations"]
        ]

    assert found == []


async def require_texts_inside(page: Page, selector: str) -> None:
    """No text runs over the edge of its box."""
    wide = await page.locator(selector).evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)"
        ".map(one => one.textContent)"
    )
    assert wide == [], page.url


async def test_texts_and_stages_are_moved_by_drag_and_keyboard(
    platform: Platform, staff: Api, browser: Browser
) -> None:
    page = await opened(platform, browser)
    before = (await staff.call("GET", f"/v1/staff/maps/{SLUG}")).body
    await page.goto(GRID)

    moved = page.get_by_label("Move: wait", exact=True)
    await moved.focus()
    await page.keyboard.press("ArrowLeft")
    assert "wait: Actions, Decide, place 3" in await page.inner_text("[data-told]")
    await drag(
        page,
        page.get_by_label("Move: look at three products", exact=True),
        page.get_by_label("Add a text: Goals, Arrive", exact=True),
    )
    await page.get_by_label("Move the stage Pay").focus()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowRight")
    await page.get_by_label("Add a text: Pains, Choose").click()
    await page.keyboard.type("no filter for <sizes>")
    await save(page)

    after = (await staff.call("GET", f"/v1/staff/maps/{SLUG}")).body
    stages = {one["slug"]: one for one in after["stages"]}
    assert [one["slug"] for one in after["stages"]] == [one["slug"] for one in before["stages"]]
    assert stages["decide"]["actions"][-1] == "wait"
    assert "wait" not in stages["pay"]["actions"]
    assert stages["arrive"]["goals"][-1] == "look at three products"
    assert stages["choose"]["pains"] == ["no filter for <sizes>"]
    await staff.call("PUT", f"/v1/staff/maps/{SLUG}", {"map": document_of(before)})


async def test_two_people_who_edit_one_map_lose_nothing(
    platform: Platform, staff: Api, browser: Browser
) -> None:
    before = (await staff.call("GET", f"/v1/staff/maps/{SLUG}")).body
    ann, ben = await opened(platform, browser), await opened(platform, browser, size=PHONE)
    for page in (ann, ben):
        await page.goto(GRID)
    await add(ann, "Goals, Pay", "hers")
    await save(ann)
    await add(ben, "Pains, Pay", "his")
    await save(ben)
    await add(ann, "Metrics, Pay", "m1")
    await save(ann)
    await ben.goto(GRID)
    await add(ben, "Metrics, Pay", "m2")
    await add(ann, "Metrics, Pay", "m3")
    await save(ann)
    await ben.click("button:text-is('Save')")

    # Both texts are shown, and a person says which one counts.
    await ben.locator("h1", has_text="Two people changed the same places").wait_for()
    await ben.get_by_role("radio").first.check()
    await ben.click("main form button")
    await ben.wait_for_url("**/grid?saved=1")
    after = (await staff.call("GET", f"/v1/staff/maps/{SLUG}")).body
    (pay,) = (one for one in after["stages"] if one["slug"] == "pay")
    assert "hers" in pay["goals"]
    assert "his" in pay["pains"]
    assert pay["metrics"][-2:] == ["m1", "m2"]
    await staff.call("PUT", f"/v1/staff/maps/{SLUG}", {"map": document_of(before)})


async def test_pictures_of_the_readme(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    """`make pictures` keeps them in docs/; else they are looked at by nobody but this test."""
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    page = await opened(platform, browser)
    await page.goto(f"/studio?map={SLUG}&stage=get")
    await page.locator("#people a").first.click()
    await page.locator("#path").wait_for()
    await page.locator("details.question").evaluate_all("all => all.forEach(d => (d.open = false))")
    await picture(page, ".board", folder / "studio.png")
    await page.goto(GRID)
    await picture(page, ".grid tr:nth-child(7)", folder / "studio-grid.png")

    for name in ("studio.png", "studio-grid.png"):
        with Image.open(folder / name) as image:
            assert image.width == DESKTOP[0]


async def picture(page: Page, last: str, path: Path) -> None:
    """Keeps a picture from the page's top to the end of an element, in 256 colours."""
    top = "one => one.getBoundingClientRect().bottom + scrollY + 24"
    clip = {"x": 0, "y": 0, "width": DESKTOP[0], "height": await page.locator(last).evaluate(top)}
    content = await page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]  # a dict of that form
    with Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").quantize(256).save(path, optimize=True)


async def drag(page: Page, source: Locator, target: Locator) -> None:
    await source.scroll_into_view_if_needed()
    start, end = await source.bounding_box(), await target.bounding_box()
    assert start is not None
    assert end is not None
    await page.mouse.move(start["x"] + 8, start["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 4, end["y"] + 4, steps=6)
    await page.mouse.up()


async def add(page: Page, place: str, text: str) -> None:
    await page.get_by_label(f"Add a text: {place}", exact=True).click()
    await page.keyboard.type(text)


async def save(page: Page) -> None:
    await page.click("button:text-is('Save')")
    await page.wait_for_url("**/grid?saved=1")
    await page.locator("[role=status]", has_text="Saved").wait_for()


def document_of(answer: dict[str, object]) -> dict[str, object]:
    """Returns a map as it is put, from the answer that shows it."""
    told = ("slug", "version", "is_built_in")
    return {name: value for name, value in answer.items() if name not in told}
