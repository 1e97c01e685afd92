"""The journey page: a map's funnel, and one person's path through it."""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, web_of
from web.server.routing import route
from web.sign_in.staff_pages import staff_page
from web.studio.board import draw_board
from web.studio.drawing import describe_drawing
from web.studio.model import (
    Drawing,
    Funnel,
    Journey,
    MapList,
    MapSummary,
    People,
    SegmentList,
)
from web.studio.path import describe_path
from web.studio.questions import LOCALES, WINDOWS, Question
from web.studio.runs import fold
from web.studio.tour import describe_tour
from web.studio.words import Words, words_of

_MOST_SEGMENTS: Final = 100


async def show_journeys(request: Request, caller: Caller) -> Response:
    """Shows a map with its funnel and, where the query names a person, their path."""
    web, question = web_of(request), Question.parse(request.query_params)
    shown = await _ask(request, caller, question)
    maps, funnel, journey = shown.maps, shown.funnel, shown.journey
    chart, words = _find_map(maps, question.map), words_of(request, question.locale)
    numbers = {stage.slug: index for index, stage in enumerate(chart.stages)}
    placed = [one for one in journey.touchpoints if one.stage in numbers] if journey else []
    runs = fold(placed)
    is_missing = question.names_person and journey is None
    return web.pages.render(
        "studio/journeys.html",
        status=404 if is_missing else 200,
        question=question,
        words=words,
        maps=maps.maps,
        chart=chart,
        windows=[(seconds, words.text(f"window.{name}")) for seconds, name in WINDOWS],
        locales=LOCALES,
        facts=question.facts(words),
        tiles=_list_tiles(funnel, question, words),
        people=shown.people,
        segments=shown.segments.segments,
        estimate=_describe_estimate(funnel, words),
        board=draw_board(funnel, runs, numbers, words, is_timed=question.scale == "time"),
        drawn=describe_drawing(shown.drawing, [stage.slug for stage in funnel.stages], words),
        tour=describe_tour(shown.drawing.details, words),
        path=describe_path(journey, runs, numbers, words) if journey else None,
        is_missing=is_missing,
        opened=_describe_opened(funnel, question, shown.people, words),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """Replies that the page shows; a person without a journey is None."""

    maps: MapList
    drawing: Drawing
    segments: SegmentList
    funnel: Funnel
    journey: Journey | None
    people: People | None


async def _ask(request: Request, caller: Caller, question: Question) -> _Shown:
    """Returns what the page shows. Raises Problem."""
    gateway = web_of(request).gateway

    async def maps() -> MapList:
        return (await gateway.ask(Call("GET", "/v1/staff/maps", caller))).read(MapList)

    async def drawing(slug: str) -> Drawing:
        return (await gateway.ask(Call("GET", f"/v1/staff/maps/{slug}", caller))).read(Drawing)

    async def funnel() -> Funnel:
        parts = {"with_touchpoints": True, "with_revenue": True, "with_score": True}
        body = question.numbers | question.hurry | parts
        call = Call("POST", "/v1/staff/questions/map", caller, body=body)
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

    async def people() -> People | None:
        if not question.stage:
            return None
        call = Call("POST", "/v1/staff/questions/map/people", caller, body=question.behind)
        return (await gateway.ask(call)).read(People)

    async def segments() -> SegmentList:
        call = Call("GET", "/v1/staff/segments", caller, query={"page_size": _MOST_SEGMENTS})
        return (await gateway.ask(call)).read(SegmentList)

    async def chosen() -> tuple[MapList, Drawing]:
        found = await maps()
        return found, await drawing(_find_map(found, question.map).slug)

    parts = await asyncio.gather(chosen(), segments(), funnel(), journey(), people())
    (found, drawn), kept, counted, path, behind = parts
    return _Shown(found, drawn, kept, counted, path, behind)


def _describe_estimate(funnel: Funnel, words: Words) -> str:
    """Returns how far the numbers may be off; empty where they are exact."""
    if funnel.estimate is None:
        return ""
    margin = max((stage.people_margin for stage in funnel.stages), default=0)
    share = words.percent(funnel.estimate.read_share)
    return words.text("estimate", share=share, people=words.count("person", margin))


def _describe_opened(
    funnel: Funnel, question: Question, behind: People | None, words: Words
) -> str:
    """Returns how many people are listed, and which number they are behind."""
    if behind is None:
        return ""
    people = words.count("person", behind.people)
    names = {stage.slug: stage.name for stage in funnel.stages}
    stage = names.get(question.stage, question.stage)
    if question.kind:
        kind = words.kind(question.kind)
        outcome = words.text_or(f"opened.{question.outcome}", "")
        return words.text("opened.kind", people=people, kind=kind, stage=stage, outcome=outcome)
    key = "opened.left" if question.left else "opened.reached"
    return words.text(key, people=people, stage=stage)


def _find_map(maps: MapList, slug: str) -> MapSummary:
    for chart in maps.maps:
        if chart.slug == slug or (not slug and chart.is_built_in):
            return chart
    raise Refusal(404, "MAP_NOT_FOUND", "There is no map of that name.")


def _list_tiles(
    funnel: Funnel, question: Question, words: Words
) -> list[tuple[str, str, str, str]]:
    """Returns the headline figures: name, value, note, and the query that opens it."""
    stages, score = funnel.stages, funnel.score
    touchpoints = sum(one.touchpoints for one in funnel.touchpoints)
    errors = sum(one.errors for one in funnel.touchpoints)
    first = question.opening(stage=stages[0].slug) if stages else ""
    end = question.opening(stage=stages[-1].slug) if stages else ""
    last = words.count("person", stages[-1].people) if stages else ""
    tiles = [
        (
            words.text("tile.people"),
            words.number(stages[0].people) if stages else "0",
            words.text("tile.reached_first"),
            first,
        ),
        (
            words.text("tile.all_the_way"),
            words.percent(stages[-1].total_rate) if stages else "–",
            last,
            end,
        ),
        (
            words.text("lane.touchpoints"),
            words.number(touchpoints),
            words.count("failed", errors) if errors else words.text("tile.none_failed"),
            "",
        ),
    ]
    tiles += [
        (
            words.text("tile.revenue"),
            words.amount(net, currency),
            words.count("order", orders),
            "",
        )
        for currency, (net, orders) in _sum_revenue(funnel).items()
    ]
    if score is not None and score.answers:
        answered = words.count("tile.answered", score.answers)
        return [*tiles, (words.text("tile.score"), f"{score.score:+.0f}", answered, "")]
    return [*tiles, (words.text("tile.score"), "–", words.text("tile.nobody_answered"), "")]


def _sum_revenue(funnel: Funnel) -> dict[str, tuple[int, int]]:
    """Returns net minor units and orders by currency, the most orders first."""
    sums: dict[str, tuple[int, int]] = {}
    for one in funnel.revenue:
        net, orders = sums.get(one.currency, (0, 0))
        sums[one.currency] = net + one.net_minor, orders + one.orders
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1][1], pair[0])))


ROUTES: Final = [route("GET", "/studio", staff_page(show_journeys))]
