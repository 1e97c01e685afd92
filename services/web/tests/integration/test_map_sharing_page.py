"""The page of roles and links of a map."""

from __future__ import annotations

from typing import Any

from services.web.tests.web_pages import ORDER_ID, Site, a_map, a_site

PAGE = "/studio/maps/tea/sharing"
API = "/v1/staff/maps/tea"
OTHER = "01a2262b-f618-7218-ad39-92f06044f347"
GRANT = {"subject_id": ORDER_ID, "role": "own"}
LINK = {
    "id": OTHER,
    "name": "For the <agency>",
    "with_numbers": True,
    "expires_at": "2026-04-01T00:00:00Z",
    "is_open": True,
}


MEMBERS = {"members": [{"id": ORDER_ID, "email": "ana@example.com"}]}


def prepare(site: Site, role: str = "own", **sharing: Any) -> None:
    site.sign_in()
    given = {"version": 3, "staff_role": "comment", "role": role, "grants": [GRANT], **sharing}
    site.gateway.reply("GET", API, a_map("tea", is_built_in=False))
    site.gateway.reply("GET", f"{API}/sharing", given)
    site.gateway.reply("GET", f"{API}/links", {"links": [LINK]})
    site.gateway.reply("GET", "/v1/staff/members", MEMBERS)


async def test_an_owner_sees_and_sets_roles() -> None:
    form = {
        "action": "roles",
        "version": "3",
        "staff_role": "none",
        "subject_1": " Ana@Example.com ",
        "role_1": "own",
        "subject_2": OTHER.upper(),
        "role_2": "edit",
        "subject_3": "taken away",
        "role_3": "",
    }
    async with a_site() as site:
        prepare(site)
        site.gateway.reply("PUT", f"{API}/sharing", {})
        page = await site.browser.get(PAGE)
        saved = await site.browser.post(PAGE, data=form)

    assert 'name="subject_1" value="ana@example.com"' in page.text
    assert '<option value="ana@example.com">' in page.text
    assert ORDER_ID not in page.text
    assert '<option value="comment" selected>' in page.text
    assert saved.headers["location"] == PAGE
    assert site.gateway.bodies("PUT", f"{API}/sharing") == [
        {"staff_role": "none", "grants": [GRANT, {"subject_id": OTHER, "role": "edit"}]}
    ]
    assert site.gateway.asked("PUT", f"{API}/sharing").headers["if-match"] == '"3"'


async def test_roles_that_somebody_changed_meanwhile_are_shown_anew() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("PUT", f"{API}/sharing", 412, "VERSION_MISMATCH")
        page = await site.browser.post(PAGE, data={"action": "roles", "version": "2"})

    assert page.status_code == 409
    assert "Somebody changed the roles meanwhile." in page.text


async def test_a_link_is_shown_once_and_revoked_by_a_button() -> None:
    async with a_site(public_url="https://shop.example") as site:
        prepare(site)
        site.gateway.reply("POST", f"{API}/links", {"link": LINK, "token": "secret"}, status=201)
        site.gateway.reply("DELETE", f"{API}/links/{OTHER}", LINK)
        site.browser.cookies.set("__Host-sojourn_staff", "staff-token")
        form = {"action": "link", "name": " x ", "expires": "2026-04-01", "key": "k"}
        made = await site.browser.post(PAGE, data=form)
        page = await site.browser.get(PAGE)
        gone = await site.browser.post(PAGE, data={"action": "revoke", "id": OTHER})
        wrong = await site.browser.post(PAGE, data={"action": "revoke", "id": "../x"})

    assert 'value="https://shop.example/studio/shared#token=secret"' in made.text
    assert site.gateway.bodies("POST", f"{API}/links") == [
        {"name": "x", "with_numbers": False, "expires_at": "2026-04-02T00:00:00Z"}
    ]
    assert "secret" not in page.text
    for text in ("For the &lt;agency&gt;", "with the live numbers", "good until 1 Apr 2026"):
        assert text in page.text, text
    assert (gone.status_code, wrong.status_code) == (303, 422)


async def test_whoever_does_not_own_the_map_sees_the_roles_without_forms() -> None:
    async with a_site() as site:
        prepare(site, role="edit")
        page = await site.browser.get(PAGE, headers={"accept-language": "de"})

    assert "<form" not in page.text
    assert "Ihre Rolle in dieser Karte: bearbeiten." in page.text


async def test_another_site_changes_no_roles() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.post(
            PAGE, data={"action": "roles"}, headers={"sec-fetch-site": "cross-site"}
        )

    assert page.status_code == 403


async def test_members_are_named_by_their_ids_where_addresses_may_not_be_read() -> None:
    async with a_site() as site:
        prepare(site, role="view")
        site.gateway.refuse("GET", "/v1/staff/members", 403, "PERMISSION_DENIED")
        page = await site.browser.get(PAGE)

    assert page.status_code == 200
    assert ORDER_ID in page.text
