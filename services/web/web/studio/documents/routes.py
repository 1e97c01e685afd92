"""The page of a map as a document: its files, comments, and what is missing in it."""

import asyncio
from collections.abc import Mapping
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Reply
from web.server.requests import Refusal, web_of
from web.server.routing import route
from web.sign_in.staff_pages import staff_page
from web.studio.back_stage import show_back_stage
from web.studio.documents.colleagues import find_colleagues
from web.studio.documents.comments import LANES, change_comments, describe_threads
from web.studio.documents.comparing import compare_maps
from web.studio.documents.copying import make_copy, show_copy
from web.studio.documents.editing import save_edit, show_editor, show_grid
from web.studio.documents.findings import describe_lint
from web.studio.documents.model import Lint, Sharing, ThreadList
from web.studio.documents.shared import open_link, show_link
from web.studio.documents.sharing import change_sharing, show_sharing
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import words_of

FORMATS: Final = (
    ("json", "JSON"),
    ("csv", "CSV"),
    ("markdown", "Markdown"),
    ("svg", "SVG"),
    ("png", "PNG"),
)
_MEDIA: Final = {
    "json": ("application/json", "json"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "svg": ("image/svg+xml", "svg"),
    "png": ("image/png", "png"),
}
_PAGE: Final = "/studio/maps/{slug}"
_NOTHING: Final[Mapping[str, str]] = {}
_MAY_EDIT: Final = frozenset({"edit", "own"})
R = TypeVar("R", bound=Reply)


async def show_map_document(request: Request, caller: Caller) -> Response:
    """Shows a map as a document."""
    web, query = web_of(request), request.query_params
    slug, words = slug_of(request), words_of(request, query.get("locale", ""))
    with_resolved = query.get("resolved") == "true"
    listed = {"resolved": "true" if with_resolved else "", "page_token": query.get("threads", "")}

    async def ask(path: str, kind: type[R], asked: Mapping[str, str] = _NOTHING) -> R:
        call = Call("GET", path, caller, values={"slug": slug}, query=asked)
        return (await web.gateway.ask(call)).read(kind)

    chart, lint, threads, sharing, colleagues = await asyncio.gather(
        ask(MAP, MapSummary),
        ask(f"{MAP}/findings", Lint),
        ask(f"{MAP}/comments", ThreadList, listed),
        ask(f"{MAP}/sharing", Sharing),
        find_colleagues(request, caller),
    )
    stages = {stage.slug: stage.title(words.code) for stage in chart.stages}
    return web.pages.render(
        "studio/document.html",
        words=words,
        chart=chart,
        formats=FORMATS,
        lanes=LANES,
        may_edit=sharing.role in _MAY_EDIT,
        talk=describe_threads(
            threads, sharing, stages, words, colleagues, with_resolved=with_resolved
        ),
        lint=describe_lint(lint, stages, words),
    )


async def download_map(request: Request, caller: Caller) -> Response:
    """Answers a file of a map, which the browser saves."""
    slug, query = slug_of(request), request.query_params
    if (format := query.get("format", "json")) not in _MEDIA:
        formats = ", ".join(_MEDIA)
        raise Refusal(422, "INVALID_QUESTION", f"Check format. The formats are {formats}.")
    asked = {"format": format, "locale": words_of(request, query.get("locale", "")).code}
    if query.get("numbers") == "true":
        asked["numbers"] = "true"
    call = Call("GET", f"{MAP}/file", caller, values={"slug": slug}, query=asked)
    answer = await web_of(request).gateway.ask(call)
    media_type, ending = _MEDIA[format]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{slug}.{ending}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(answer.content, media_type=media_type, headers=headers)


ROUTES: Final = [
    route("GET", _PAGE, staff_page(show_map_document)),
    route("GET", f"{_PAGE}/file", staff_page(download_map)),
    route("POST", f"{_PAGE}/comments", staff_page(change_comments, place=_PAGE)),
    route("GET", f"{_PAGE}/sharing", staff_page(show_sharing)),
    route("POST", f"{_PAGE}/sharing", staff_page(change_sharing)),
    route("GET", f"{_PAGE}/edit", staff_page(show_editor)),
    route("POST", f"{_PAGE}/edit", staff_page(save_edit)),
    route("GET", f"{_PAGE}/grid", staff_page(show_grid)),
    route("GET", f"{_PAGE}/back-stage", staff_page(show_back_stage)),
    route("GET", f"{_PAGE}/copy", staff_page(show_copy)),
    route("POST", f"{_PAGE}/copy", staff_page(make_copy)),
    route("GET", "/studio/compare", staff_page(compare_maps)),
    route("GET", "/studio/shared", show_link),
    route("POST", "/studio/shared", open_link),
]
