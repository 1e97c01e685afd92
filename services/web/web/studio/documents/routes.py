"""The page of a map as a document: its files, comments, and what is missing in it."""

import asyncio
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Problem, Reply
from web.server.requests import Refusal, caller_of, web_of
from web.server.routing import route
from web.sign_in.routes import ask_to_sign_in
from web.studio.documents.comments import LANES, change_comments, describe_threads
from web.studio.documents.findings import describe_lint
from web.studio.documents.model import Lint, Sharing, ThreadList
from web.studio.documents.shared import open_link, show_link
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import words_of

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
        chart, lint, threads, sharing = await asyncio.gather(
            ask(MAP, MapSummary),
            ask(f"{MAP}/findings", Lint),
            ask(f"{MAP}/comments", ThreadList),
            ask(f"{MAP}/sharing", Sharing),
        )
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
        lanes=LANES,
        talk=describe_threads(threads, sharing, stages, words),
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
    call = Call("GET", f"{MAP}/file", caller, values={"slug": slug}, query=asked)
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


ROUTES: Final = [
    route("GET", "/studio/maps/{slug}", show_map_document),
    route("GET", "/studio/maps/{slug}/file", download_map),
    route("POST", "/studio/maps/{slug}/comments", change_comments),
    route("GET", "/studio/shared", show_link),
    route("POST", "/studio/shared", open_link),
]
