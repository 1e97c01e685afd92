"""The page of a map as a document: what it asks the gateway for, and what it shows."""

from __future__ import annotations

from typing import Any

from services.web.tests.web_pages import ORDER_ID, Site, a_funnel, a_map, a_site

PAGE = "/studio/maps/five-stages"
API = "/v1/staff/maps/five-stages"


def prepare(site: Site, **lint: Any) -> None:
    site.sign_in()
    site.gateway.reply("GET", API, a_map())
    site.gateway.reply("GET", f"{API}/findings", {"map_version": 1, "is_exact": True, **lint})
    site.gateway.reply("GET", f"{API}/comments", {"threads": []})
    site.gateway.reply("GET", f"{API}/sharing", {"staff_role": "edit", "role": "own"})


def a_finding(**facts: Any) -> dict[str, Any]:
    return {
        "code": "unknown_kind",
        "severity": "notice",
        "pointer": "/stages/1/rules/0/when/0",
        "stage": "purchase",
        "reason": "told by the API",
        "remedy": "mended by the API",
        "value": "cart.ad<b>",
        **facts,
    }


async def test_findings_are_shown_with_place_reason_and_remedy() -> None:
    async with a_site() as site:
        prepare(site, findings=[a_finding(), a_finding(severity="error", code="rule_never_holds")])
        page = await site.browser.get(PAGE)

    assert page.status_code == 200
    for text in (
        "Five stages",
        "Purchase",
        "Unknown kind of touchpoint",
        "is of the kind cart.ad&lt;b&gt;.",
        "/stages/1/rules/0/when/0",
        "1 error",
        "1 notice",
    ):
        assert text in page.text, text
    assert "told by the API" not in page.text


async def test_findings_are_in_the_reader_s_language() -> None:
    async with a_site() as site:
        prepare(site, findings=[a_finding()], is_truncated=True, is_exact=False)
        page = await site.browser.get(PAGE, headers={"accept-language": "de-AT,en;q=0.5"})

    assert '<html lang="de">' in page.text
    for text in ("Fünf Phasen", "Unbekannte Art von Kontakt", "Was fehlt", "Es gibt mehr Befunde"):
        assert text in page.text, text


async def test_a_finding_of_a_newer_gateway_is_shown_as_it_is_told() -> None:
    async with a_site() as site:
        prepare(site, findings=[a_finding(code="new_finding")])
        page = await site.browser.get(PAGE)

    assert "new finding" in page.text
    assert "told by the API" in page.text
    assert "mended by the API" in page.text


async def test_a_map_without_findings_says_so() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get(PAGE)

    assert "Nothing is missing in this map." in page.text


async def test_the_page_needs_a_sign_in_and_a_map() -> None:
    async with a_site() as site:
        unknown = await site.browser.get(PAGE)
        prepare(site)
        strange = await site.browser.get("/studio/maps/Five%20stages")

    assert unknown.status_code in (303, 401)
    assert strange.status_code == 404


async def test_a_file_is_saved_as_the_gateway_wrote_it() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("GET", f"{API}/file", {"slug": "five-stages"})
        page = await site.browser.get(PAGE)
        file = await site.browser.get(f"{PAGE}/file?format=svg&numbers=true&locale=de")
        unknown = await site.browser.get(f"{PAGE}/file?format=gif")

    for format in ("json", "csv", "markdown", "svg", "png"):
        assert f"{PAGE}/file?format={format}&amp;locale=en" in page.text
    assert file.content == b'{"slug":"five-stages"}'
    assert file.headers["content-type"] == "image/svg+xml"
    assert file.headers["content-disposition"] == 'attachment; filename="five-stages.svg"'
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    asked = site.gateway.asked("GET", f"{API}/file").url.params
    assert dict(asked) == {"format": "svg", "locale": "de", "numbers": "true"}
    assert unknown.status_code == 422


def a_thread(**facts: Any) -> dict[str, Any]:
    comment = {
        "id": ORDER_ID,
        "text": "Half of <b>them</b> leave.",
        "author_id": ORDER_ID,
        "created_at": "2026-03-01T12:00:00Z",
        "is_own": True,
    }
    anchor = {"stage": "purchase", "lane": "pains"}
    return {"id": ORDER_ID, "anchor": anchor, "comments": [comment], **facts}


async def test_comments_are_shown_at_their_cell_and_written_by_a_form() -> None:
    async with a_site() as site:
        prepare(site)
        threads = {"threads": [a_thread(), a_thread(is_orphaned=True)]}
        members = {"members": [{"id": ORDER_ID, "email": "ana@example.com"}]}
        site.gateway.reply("GET", "/v1/staff/members", members)
        site.gateway.reply("GET", f"{API}/comments", threads)
        site.gateway.reply("POST", f"{API}/comments", a_thread())
        site.gateway.reply("PATCH", f"{API}/comments/{ORDER_ID}", a_thread())
        site.gateway.reply("PUT", f"{API}/threads/{ORDER_ID}/resolution", a_thread())
        page = await site.browser.get(PAGE)
        form = {"action": "create", "stage": "purchase", "lane": "pains", "text": "x", "key": "k"}
        written = await site.browser.post(f"{PAGE}/comments", data=form)
        resolved = await site.browser.post(
            f"{PAGE}/comments", data={"action": "resolve", "id": ORDER_ID}
        )
        wrong = await site.browser.post(f"{PAGE}/comments", data={"action": "reply", "id": "../x"})
        edited = await site.browser.post(
            f"{PAGE}/comments", data={"action": "edit", "id": ORDER_ID, "text": "y"}
        )
        foreign = await site.browser.post(
            f"{PAGE}/comments", data=form, headers={"sec-fetch-site": "cross-site"}
        )

    for text in (
        "Purchase · Pains",
        "Half of &lt;b&gt;them&lt;/b&gt; leave.",
        "ana@example.com, ",
        "Its cell is gone",
    ):
        assert text in page.text, text
    assert written.headers["location"] == "/studio/maps/five-stages#comments"
    (body,) = site.gateway.bodies("POST", f"{API}/comments")
    assert body == {"text": "x", "anchor": {"stage": "purchase", "lane": "pains"}}
    assert site.gateway.asked("POST", f"{API}/comments").headers["idempotency-key"] == "k"
    assert edited.status_code == 303
    assert site.gateway.bodies("PATCH", f"{API}/comments/{ORDER_ID}") == [{"text": "y"}]
    assert (resolved.status_code, wrong.status_code, foreign.status_code) == (303, 422, 403)


async def test_resolved_and_older_threads_are_a_link_away() -> None:
    async with a_site() as site:
        prepare(site)
        threads = {"threads": [a_thread()], "next_page_token": "older&"}
        site.gateway.reply("GET", f"{API}/comments", threads)
        page = await site.browser.get(f"{PAGE}?resolved=true")

    assert "?threads=older%26&amp;resolved=true#comments" in page.text
    asked = site.gateway.asked("GET", f"{API}/comments").url.params
    assert dict(asked) == {"resolved": "true"}


async def test_a_form_whose_session_ended_leads_back_to_its_page() -> None:
    async with a_site() as site:
        answer = await site.browser.post(f"{PAGE}/comments", data={"action": "create"})

    assert answer.headers["location"] == "/sign-in?next=%2Fstudio%2Fmaps%2Ffive-stages"


async def test_whoever_may_only_see_a_map_has_no_forms() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("GET", f"{API}/sharing", {"staff_role": "view", "role": "view"})
        page = await site.browser.get(PAGE)

    assert "<textarea" not in page.text


async def test_a_link_shows_the_map_to_whoever_has_it() -> None:
    shared = {"map": a_map(), "expires_at": "2026-04-01T12:00:00Z", "numbers": a_funnel()}
    async with a_site() as site:
        form = await site.browser.get("/studio/shared")
        site.gateway.reply("POST", "/v1/maps/shared", shared)
        page = await site.browser.post("/studio/shared", data={"token": "secret"})
        site.gateway.refuse("POST", "/v1/maps/shared", 404, "MAP_SHARE_LINK_NOT_FOUND")
        gone = await site.browser.post("/studio/shared", data={"token": "old"})

    assert "data-secret" in form.text
    for text in ("Five stages", "1 Apr 2026, 12:00:00 UTC", "1<small>person"):
        assert text in page.text, text
    assert "/studio/maps" not in page.text
    assert site.gateway.bodies("POST", "/v1/maps/shared")[0] == {"token": "secret", "locale": "en"}
    assert "authorization" not in site.gateway.asked("POST", "/v1/maps/shared").headers
    assert gone.status_code == 404
    assert "This link is not good any more." in gone.text
