"""The page of who may do what with a map: roles of members of the staff, and links."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.colleagues import Colleagues, find_colleagues
from web.studio.documents.model import CreatedLink, Link, LinkList, Sharing
from web.studio.documents.refusals import refusal_of
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import Words, words_of

STAFF_ROLES: Final = ("none", "view", "comment", "edit")
ROLES: Final = ("view", "comment", "edit", "own")
_OWNER: Final = "own"
_MOST_FIELDS: Final = 500
_LONGEST_FORM: Final = 64 * 1024
_GRANT: Final = re.compile(r"subject_(\d{1,3})")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link without its token; `state` says until when it is good."""

    id: str
    name: str
    shows: str
    state: str
    is_open: bool


async def show_sharing(request: Request, caller: Caller) -> Response:
    """Shows the roles and links of a map."""
    return await _render(request, caller)


async def change_sharing(request: Request, caller: Caller) -> Response:
    """Does what a form of the page says: sets roles, creates or revokes a link."""
    form = await read_form(request, most_fields=_MOST_FIELDS, most_bytes=_LONGEST_FORM)
    slug = slug_of(request)
    match form.get("action", ""):
        case "roles":
            colleagues = await find_colleagues(request, caller)
            call = _roles_call(form, caller, slug, colleagues)
        case "link":
            return await _create_link(request, caller, form)
        case "revoke":
            if not _ID.fullmatch(id := form.get("id", "")):
                raise Refusal(422, "INVALID_QUESTION", "Check id.")
            call = Call("DELETE", f"{MAP}/links/{{id}}", caller, values={"slug": slug, "id": id})
        case _:
            raise Refusal(422, "INVALID_QUESTION", "Check action.")
    if reason := await refusal_of(request, call):
        return await _render(request, caller, reason=reason, status=409)
    return RedirectResponse(f"/studio/maps/{slug}/sharing", status_code=303)


def _roles_call(form: Mapping[str, str], caller: Caller, slug: str, colleagues: Colleagues) -> Call:
    version = form.get("version", "")
    return Call(
        "PUT",
        f"{MAP}/sharing",
        caller,
        values={"slug": slug},
        body={"staff_role": form.get("staff_role", ""), "grants": grants_of(form, colleagues)},
        version=int(version) if version.isdigit() and len(version) < 10 else 0,
    )


def grants_of(form: Mapping[str, str], colleagues: Colleagues) -> list[dict[str, str]]:
    """Returns the grants of a form; a row without member or role is none."""
    found = []
    for name, value in form.items():
        if row := _GRANT.fullmatch(name):
            role = form.get(f"role_{row[1]}", "")
            if (subject := colleagues.id_of(value)) and role:
                found.append({"subject_id": subject, "role": role})
    return found


def expiry_of(text: str) -> dict[str, str]:
    """Returns the end of the last day on which a link is good; nothing for the usual time."""
    try:
        last = date.fromisoformat(text)
    except ValueError:
        return {}
    return {"expires_at": f"{last + timedelta(days=1)}T00:00:00Z"}


async def _create_link(request: Request, caller: Caller, form: Mapping[str, str]) -> Response:
    body = {
        "name": form.get("name", "").strip(),
        "with_numbers": form.get("with_numbers") == "true",
        **expiry_of(form.get("expires", "")),
    }
    call = Call(
        "POST",
        f"{MAP}/links",
        caller,
        values={"slug": slug_of(request)},
        body=body,
        key=form.get("key", "")[:100] or secrets.token_urlsafe(),
    )
    try:
        made = (await web_of(request).gateway.ask(call)).read(CreatedLink)
    except Problem as problem:
        if problem.status not in (400, 409, 422):
            raise
        return await _render(request, caller, reason=problem.reason, status=409)
    # The secret is in the fragment, which browsers send to nobody.
    address = f"{web_of(request).settings.public_url}/studio/shared#token={made.token}"
    return await _render(request, caller, address=address)


async def _render(
    request: Request, caller: Caller, *, reason: str = "", address: str = "", status: int = 200
) -> Response:
    web, slug = web_of(request), slug_of(request)
    words, values = words_of(request), {"slug": slug}
    chart = (await web.gateway.ask(Call("GET", MAP, caller, values=values))).read(MapSummary)
    call = Call("GET", f"{MAP}/sharing", caller, values=values)
    sharing = (await web.gateway.ask(call)).read(Sharing)
    is_owner = sharing.role == _OWNER
    colleagues = await find_colleagues(request, caller)
    links = LinkList()
    if is_owner:
        call = Call("GET", f"{MAP}/links", caller, values=values)
        links = (await web.gateway.ask(call)).read(LinkList)
    return web.pages.render(
        "studio/sharing.html",
        status=status,
        words=words,
        chart=chart,
        sharing=sharing,
        colleagues=colleagues,
        is_owner=is_owner,
        staff_roles=STAFF_ROLES,
        roles=ROLES,
        links=describe_links(links.links, words),
        address=address,
        refusal=words.text_or(f"sharing.refused.{reason}", words.text("sharing.refused"))
        if reason
        else "",
        key=secrets.token_urlsafe(),
    )


def describe_links(links: Sequence[Link], words: Words) -> list[ShownLink]:
    """Returns what a page shows of links."""
    return [
        ShownLink(
            id=one.id,
            name=one.name or words.text("link.unnamed"),
            shows=words.text("link.with_numbers" if one.with_numbers else "link.drawing"),
            state=_state_of(one, words),
            is_open=one.is_open,
        )
        for one in links
    ]


def _state_of(link: Link, words: Words) -> str:
    if link.revoked_at is not None:
        return words.text("link.revoked", at=words.moment(link.revoked_at))
    key = "link.open" if link.is_open else "link.expired"
    return words.text(key, at=words.moment(link.expires_at))
