"""The page of a link to a map: whoever has the link sees the map."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Problem
from web.server.requests import caller_of, read_form, web_of
from web.studio.board import draw_board
from web.studio.documents.model import SharedMap
from web.studio.drawing import describe_drawing
from web.studio.model import Drawing, Funnel, FunnelSegment, FunnelStage, MapSummary
from web.studio.questions import Question
from web.studio.words import words_of

_LONGEST_TOKEN: Final = 100


async def show_link(request: Request) -> Response:
    """Shows the form that sends the token, which is in the fragment of the address."""
    return _render(request)


async def open_link(request: Request) -> Response:
    """Shows the map of a token."""
    form, words = await read_form(request), words_of(request)
    token = form.get("token", "")
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return _render(request, status=404, is_gone=True)
    body = {"token": token, "locale": words.code}
    call = Call("POST", "/v1/maps/shared", caller_of(request), body=body)
    try:
        shared = (await web_of(request).gateway.ask(call)).read(SharedMap)
    except Problem as problem:
        if problem.status != 404:
            raise
        return _render(request, status=404, is_gone=True)
    chart = MapSummary.model_validate(shared.map)
    funnel = shared.numbers or Funnel(
        segments=[
            FunnelSegment(
                stages=[
                    FunnelStage(
                        slug=stage.slug,
                        name=stage.title(words.code),
                        people=0,
                        conversion_rate=0,
                        total_rate=0,
                        drop_off=0,
                        median_seconds=0,
                    )
                    for stage in chart.stages
                ]
            )
        ]
    )
    return web_of(request).pages.render(
        "studio/shared_map.html",
        words=words,
        chart=chart,
        board=draw_board(funnel, [], {}, words),
        question=Question(),
        has_numbers=shared.numbers is not None,
        drawn=describe_drawing(
            Drawing.model_validate(shared.map), [one.slug for one in chart.stages], words
        ),
        expires=words.text("shared.expires", at=words.moment(shared.expires_at)),
    )


def _render(request: Request, *, status: int = 200, is_gone: bool = False) -> Response:
    words = words_of(request)
    return web_of(request).pages.render(
        "studio/shared.html", status=status, words=words, is_gone=is_gone
    )
