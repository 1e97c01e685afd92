"""The page of a map as a document: what it asks the gateway for, and what it shows."""

from __future__ import annotations

from typing import Any

from services.web.tests.web_pages import Site, a_map, a_site

PAGE = "/studio/maps/five-stages"
API = "/v1/staff/maps/five-stages"


def prepare(site: Site, **lint: Any) -> None:
    site.sign_in()
    site.gateway.reply("GET", API, a_map())
    site.gateway.reply("GET", f"{API}/findings", {"map_version": 1, "is_exact": True, **lint})


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
        unknown = await site.browser.get(f"{PAGE}/file?format=png")

    for format in ("json", "csv", "markdown", "svg"):
        assert f"{PAGE}/file?format={format}&amp;locale=en" in page.text
    assert file.content == b'{"slug":"five-stages"}'
    assert file.headers["content-type"] == "image/svg+xml"
    assert file.headers["content-disposition"] == 'attachment; filename="five-stages.svg"'
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    asked = site.gateway.asked("GET", f"{API}/file").url.params
    assert dict(asked) == {"format": "svg", "locale": "de", "numbers": "true"}
    assert unknown.status_code == 422
