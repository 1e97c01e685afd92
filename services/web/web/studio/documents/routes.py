"""The page of a map as a document: its files, and what is missing in it."""

import asyncio
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Problem, Reply
from web.server.requests import Refusal, caller_of, web_of
from web.server.routing import route
from web.sign_in.routes import ask_to_sign_in
from web.studio.documents.findings import describe_lint
from web.studio.documents.model import Lint
from web.studio.model import MapSummary
from web.studio.words import words_of

_MAP: Final = "/v1/staff/maps/{slug}"
_LONGEST_SLUG: Final = 64
FORMATS: Final = (("json", "JSON"), ("csv", "CSV"), ("markdown", "Markdown"), ("svg", "SVG"))
_MEDIA: Final = {
    "json": ("application/json", "json"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "svg": ("image/svg+xml", "svg"),
}
R = TypeVar("R", bound=Reply)


async def show_map_document(request: Request) -> Response:
    """Shows a map as a document."""
    web = web_of(request)
    token = web.cookies.staff.read(request)
    if not token:
        return ask_to_sign_in(request)
    slug, words = slug_of(request), words_of(request, request.query_params.get("locale", ""))
    caller = caller_of(request, token=token)

    async def ask(path: str, kind: type[R]) -> R:
        call = Call("GET", path, caller, values={"slug": slug})
        return (await web.gateway.ask(call)).read(kind)

    try:
        chart, lint = await asyncio.gather(ask(_MAP, MapSummary), ask(f"{_MAP}/findings", Lint))
    except Problem as problem:
        if problem.status != 401:
            raise
        return ask_to_sign_in(request)
    stages = {stage.slug: stage.title(words.code) for stage in chart.stages}
    return web.pages.render(
        "studio/document.html",
        words=words,
        chart=chart,
        formats=FORMATS,
        lint=describe_lint(lint, stages, words),
    )


async def download_map(request: Request) -> Response:
    """Answers a file of a map, which the browser saves."""
    web = web_of(request)
    token = web.cookies.staff.read(request)
    if not token:
        return ask_to_sign_in(request)
    slug, query = slug_of(request), request.query_params
    if (format := query.get("format", "json")) not in _MEDIA:
        formats = ", ".join(_MEDIA)
        raise Refusal(422, "INVALID_QUESTION", f"Check format. The formats are {formats}.")
    asked = {"format": format, "locale": words_of(request, query.get("locale", "")).code}
    if query.get("numbers") == "true":
        asked["numbers"] = "true"
    caller = caller_of(request, token=token)
    call = Call("GET", f"{_MAP}/file", caller, values={"slug": slug}, query=asked)
    try:
        answer = await web.gateway.ask(call)
    except Problem as problem:
        if problem.status != 401:
            raise
        return ask_to_sign_in(request)
    media_type, ending = _MEDIA[format]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{slug}.{ending}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(answer.content, media_type=media_type, headers=headers)


def slug_of(request: Request) -> str:
    """Returns the slug of the path. Raises Refusal for a text that is none."""
    slug = str(request.path_params["slug"])
    if not slug.replace("-", "a").isalnum() or not slug.isascii() or len(slug) > _LONGEST_SLUG:
        raise Refusal(404, "MAP_NOT_FOUND", "There is no map of that name.")
    return slug


ROUTES: Final = [
    route("GET", "/studio/maps/{slug}", show_map_document),
    route("GET", "/studio/maps/{slug}/file", download_map),
]
