"""The journey page: a map's funnel, and one person's path through it."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Problem
from web.server.requests import Refusal, caller_of, web_of
from web.server.routing import route
from web.sign_in.routes import ask_to_sign_in
from web.studio.board import draw_board
from web.studio.formats import number, percent, plural
from web.studio.model import Funnel, Journey, MapList, MapSummary
from web.studio.path import describe_path
from web.studio.questions import WINDOWS, Question


async def show_journeys(request: Request) -> Response:
    """Shows a map with its funnel and, where the query names a person, their path."""
    web = web_of(request)
    token = web.cookies.staff.read(request)
    if not token:
        return ask_to_sign_in(request)
    question = Question.parse(request.query_params)
    try:
        maps, funnel, journey = await _ask(request, token, question)
    except Problem as problem:
        if problem.status != 401:
            raise
        return ask_to_sign_in(request)
    chart = _find_map(maps, question.map)
    numbers = {stage.slug: index for index, stage in enumerate(chart.stages)}
    placed = [one for one in journey.touchpoints if one.stage in numbers] if journey else []
    is_missing = question.names_person and journey is None
    return web.pages.render(
        "studio/journeys.html",
        status=404 if is_missing else 200,
        question=question,
        maps=maps.maps,
        chart=chart,
        windows=WINDOWS,
        tiles=_list_tiles(funnel),
        board=draw_board(funnel, placed, numbers),
        path=describe_path(journey, placed, numbers) if journey else None,
        is_missing=is_missing,
    )


async def _ask(
    request: Request, token: str, question: Question
) -> tuple[MapList, Funnel, Journey | None]:
    """Returns what the page shows. Raises Problem; a person without a journey is None."""
    gateway, caller = web_of(request).gateway, caller_of(request, token=token)

    async def maps() -> MapList:
        return (await gateway.ask(Call("GET", "/v1/staff/maps", caller))).read(MapList)

    async def funnel() -> Funnel:
        call = Call("GET", "/v1/staff/funnel", caller, query=question.funnel_query)
        return (await gateway.ask(call)).read(Funnel)

    async def journey() -> Journey | None:
        if not question.names_person:
            return None
        call = Call("GET", "/v1/staff/journeys", caller, query=question.journey_query)
        try:
            return (await gateway.ask(call)).read(Journey)
        except Problem as problem:
            if problem.reason != "JOURNEY_NOT_FOUND":
                raise
            return None

    return await asyncio.gather(maps(), funnel(), journey())


def _find_map(maps: MapList, slug: str) -> MapSummary:
    for chart in maps.maps:
        if chart.slug == slug or (not slug and chart.is_built_in):
            return chart
    raise Refusal(404, "MAP_NOT_FOUND", "There is no map of that name.")


def _list_tiles(funnel: Funnel) -> list[tuple[str, str, str]]:
    """Returns the headline figures: name, value, note."""
    stages, score = funnel.stages, funnel.score
    touchpoints = sum(one.touchpoints for one in funnel.touchpoints)
    errors = sum(one.errors for one in funnel.touchpoints)
    people = number(stages[0].people) if stages else "0"
    rate = percent(stages[-1].total_rate) if stages else "–"
    last = plural(stages[-1].people, "person", "people") if stages else ""
    failed = f"{number(errors)} failed" if errors else "none failed"
    recommendation = ("Recommendation", "–", "nobody answered yet")
    if score is not None and score.answers:
        answered = f"{number(score.answers)} answered"
        recommendation = ("Recommendation", f"{score.score:+.0f}", answered)
    return [
        ("People", people, "reached the first stage"),
        ("All the way", rate, last),
        ("Touchpoints", number(touchpoints), failed),
        recommendation,
    ]


ROUTES: Final = [route("GET", "/studio", show_journeys)]
