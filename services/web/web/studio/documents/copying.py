"""The page on which a map is copied, also as the future of a present one."""

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import words_of

TIMES: Final = ("same", "current", "future")
_MISTAKES: Final = (400, 403, 409, 422)


async def show_copy(request: Request, caller: Caller) -> Response:
    """Shows the form of a copy."""
    return await _show(request, caller, {"time": request.query_params.get("time", "same")})


async def make_copy(request: Request, caller: Caller) -> Response:
    """Copies the map and leads to the copy."""
    form = await read_form(request)
    if (time := form.get("time", "")) not in TIMES:
        raise Refusal(422, "INVALID_QUESTION", "Check time.")
    name, language = form.get("name", "").strip(), form.get("language", "en")
    body: dict[str, object] = {"new_slug": form.get("new_slug", "").strip()}
    if name:
        body["name"] = {language: name}
    if time != "same":
        body["time"] = time
    call = Call(
        "POST",
        f"{MAP}/copies",
        caller,
        values={"slug": slug_of(request)},
        body=body,
        key=form.get("key", "")[:100] or secrets.token_urlsafe(),
    )
    try:
        made = (await web_of(request).gateway.ask(call)).read(MapSummary)
    except Problem as problem:
        if problem.status not in _MISTAKES:
            raise
        return await _show(request, caller, form, reason=problem.reason)
    return RedirectResponse(f"/studio/maps/{made.slug}", status_code=303)


async def _show(
    request: Request, caller: Caller, form: dict[str, str], *, reason: str = ""
) -> Response:
    web, slug, words = web_of(request), slug_of(request), words_of(request)
    call = Call("GET", MAP, caller, values={"slug": slug})
    chart = (await web.gateway.ask(call)).read(MapSummary)
    time = form.get("time", "same")
    return web.pages.render(
        "studio/copy.html",
        status=409 if reason else 200,
        words=words,
        chart=chart,
        times=TIMES,
        chosen=time if time in TIMES else "same",
        new_slug=form.get("new_slug", f"{slug}-copy"[:64]),
        name=form.get("name", ""),
        key=secrets.token_urlsafe(),
        refusal=words.text_or(f"copy.refused.{reason}", words.text("copy.refused"))
        if reason
        else "",
    )
