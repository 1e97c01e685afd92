"""The page on which a stage is edited, and the choice between two editors' texts."""

from __future__ import annotations

from typing import Any

from services.web.tests.web_pages import Site, a_map, a_site

PAGE = "/studio/maps/tea/edit"
API = "/v1/staff/maps/tea"
DOCUMENT: dict[str, Any] = {
    "slug": "tea",
    "name": {"en": "Tea"},
    "lanes": ["back stage"],
    "stages": [
        {"slug": "look", "name": {"en": "Look"}, "goals": ["find <it>"], "details": {"kept": 1}},
        {"slug": "buy", "name": {"en": "Buy"}},
    ],
}
FORM = {
    "action": "save",
    "stage": "look",
    "base_version": "7",
    "language": "en",
    "key": "k",
    "name": "Look",
    "list:goals": "compare\r\n\r\nchoose",
    "cell:back stage|": "the index",
}


def prepare(site: Site, *, role: str = "edit") -> None:
    site.sign_in()
    site.gateway.reply("GET", API, {**a_map("tea", is_built_in=False), "version": 7})
    site.gateway.reply("GET", f"{API}/sharing", {"role": role})
    site.gateway.reply("GET", f"{API}/file", DOCUMENT)


async def test_a_stage_is_shown_with_a_text_a_line() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(f"{PAGE}?stage=look")

    for text in (
        'name="base_version" value="7"',
        'rows="3">find &lt;it&gt;</textarea>',
        'name="cell:back stage|"',
        '?stage=buy"',
    ):
        assert text in page.text, text


async def test_a_form_changes_its_stage_alone() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", f"{API}/edits", {"is_saved": True, "map": a_map("tea")})
        saved = await site.browser.post(PAGE, data=FORM)

    assert saved.headers["location"] == f"{PAGE}?stage=look&saved=1"
    (body,) = site.gateway.bodies("POST", f"{API}/edits")
    assert body["base_version"] == 7
    look, buy = body["map"]["stages"]
    assert look["goals"] == ["compare", "choose"]
    assert look["cells"] == [{"lane": "back stage", "texts": ["the index"]}]
    assert (look["details"], buy) == ({"kept": 1}, DOCUMENT["stages"][1])
    assert site.gateway.asked("GET", f"{API}/file").url.params["version"] == "7"
    assert site.gateway.asked("POST", f"{API}/edits").headers["idempotency-key"] == "k"


async def test_two_editors_of_one_cell_are_asked_whose_text_counts() -> None:
    conflict = {
        "pointer": "/stages/look/goals",
        "base": ["find <it>"],
        "mine": ["compare"],
        "theirs": None,
    }
    async with a_site() as site:
        prepare(site)
        answer = {"is_saved": False, "map": a_map("tea"), "conflicts": [conflict]}
        site.gateway.reply("POST", f"{API}/edits", answer)
        asked = await site.browser.post(PAGE, data=FORM)
        choice = {**FORM, "key": "k2", "choice:/stages/look/goals": "mine"}
        site.gateway.reply("POST", f"{API}/edits", {"is_saved": True, "map": a_map("tea")})
        saved = await site.browser.post(PAGE, data=choice)

    assert asked.status_code == 409
    for text in (
        "Two people changed the same places",
        "<legend>Look · Goals</legend>",
        'name="choice:/stages/look/goals" value="mine" required',
        "find &lt;it&gt;",
        'name="cell:back stage|" value="the index"',
    ):
        assert text in asked.text, text
    assert 'value="k"' not in asked.text
    assert saved.status_code == 303
    assert site.gateway.bodies("POST", f"{API}/edits")[1]["choices"] == [
        {"pointer": "/stages/look/goals", "side": "mine"}
    ]


async def test_a_map_that_cannot_be_saved_keeps_what_was_typed() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("POST", f"{API}/edits", 422, "INVALID_MAP")
        page = await site.browser.post(PAGE, data=FORM)

    assert page.status_code == 409
    assert "compare\n\nchoose</textarea>" in page.text
    assert "The map cannot be saved so." in page.text


async def test_whoever_may_not_edit_the_map_has_no_form() -> None:
    async with a_site() as site:
        prepare(site, role="comment")
        page = await site.browser.get(PAGE)

    assert page.status_code == 403


async def test_a_grid_has_a_field_for_each_stage_and_lane() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get("/studio/maps/tea/grid")

    for text in (
        'name="order" value="look buy"',
        '<option value="empathy">empathy map</option>',
        'aria-label="Goals: Look" data-lane="Goals">\nfind &lt;it&gt;</textarea>',
        'name="buy/cell:back stage|"',
        'name="look/emotion_level"',
    ):
        assert text in page.text, text


async def test_a_grid_changes_what_was_typed_and_the_order_alone() -> None:
    form = {
        "action": "arrange",
        "base_version": "7",
        "language": "en",
        "key": "k",
        "order": "buy look",
        "type": "service_blueprint",
        "look/list:goals": "",
        "buy/list:goals": "find <it>\r\nnow",
        "buy/cell:back stage|": "the till",
    }
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("POST", f"{API}/edits", {"is_saved": True, "map": a_map("tea")})
        saved = await site.browser.post(PAGE, data=form)
        site.gateway.refuse("POST", f"{API}/edits", 422, "INVALID_MAP")
        refused = await site.browser.post(PAGE, data=form)

    assert saved.headers["location"] == "/studio/maps/tea/grid?saved=1"
    edited = site.gateway.bodies("POST", f"{API}/edits")[0]["map"]
    assert edited["type"] == "service_blueprint"
    buy, look = edited["stages"]
    assert (buy["slug"], buy["goals"]) == ("buy", ["find <it>", "now"])
    assert buy["cells"] == [{"lane": "back stage", "texts": ["the till"]}]
    assert (look["goals"], look["name"], look["details"]) == ([], {"en": "Look"}, {"kept": 1})
    assert refused.status_code == 409
    assert "find &lt;it&gt;\nnow</textarea>" in refused.text
