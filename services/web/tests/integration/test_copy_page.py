"""The page on which a map is copied."""

from __future__ import annotations

import pytest

from services.web.tests.web_pages import Site, a_map, a_site

PAGE = "/studio/maps/tea/copy"
API = "/v1/staff/maps/tea"
FORM = {"new_slug": "tea-next", "name": "Tea soon", "language": "en", "time": "future", "key": "k"}


def prepare(site: Site) -> None:
    site.sign_in()
    site.gateway.reply("GET", API, a_map("tea", is_built_in=False))


@pytest.mark.parametrize(("language", "text"), [("en", "how it shall be"), ("de", "Zukunft|soll")])
async def test_the_form_is_in_the_language_of_its_reader(language: str, text: str) -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(PAGE, headers={"Accept-Language": language})

    assert page.status_code == 200
    assert any(part in page.text for part in text.split("|"))
    assert 'value="tea-copy"' in page.text


async def test_a_copy_is_made_once_and_shown() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", f"{API}/copies", a_map("tea-next"))
        made = await site.browser.post(PAGE, data=FORM)

    assert made.headers["location"] == "/studio/maps/tea-next"
    (body,) = site.gateway.bodies("POST", f"{API}/copies")
    assert body == {"new_slug": "tea-next", "name": {"en": "Tea soon"}, "time": "future"}


async def test_a_refusal_keeps_what_was_typed_and_says_why() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("POST", f"{API}/copies", 409, "MAP_EXISTS")
        page = await site.browser.post(PAGE, data=FORM)

    assert page.status_code == 409
    assert "There is a map of this short name" in page.text
    assert 'value="Tea soon"' in page.text
