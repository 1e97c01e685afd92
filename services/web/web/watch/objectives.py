"""The page of how a map's stages keep their objectives."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller
from web.server.requests import web_of
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import Words, words_of
from web.watch.model import Burn, MapObjectives, ObjectiveStatus

_ALARMS: Final = {"page": "error", "ticket": "warning"}


@dataclass(frozen=True, slots=True)
class ShownBurn:
    """The rate at which a budget burns over a window."""

    window: str
    rate: str
    tries: str


@dataclass(frozen=True, slots=True)
class ShownObjective:
    """An objective in the reader's language; `left` is 0 to 100 of the budget, for a bar."""

    stage: str
    target: str
    kept: str
    budget: str
    left: float
    alarm: str
    tone: str
    burns: list[ShownBurn]


async def show_objectives(request: Request, caller: Caller) -> Response:
    """Shows the objectives of a map's stages."""
    web, slug, words = web_of(request), slug_of(request), words_of(request)
    chart_answer, answer = await asyncio.gather(
        web.gateway.ask(Call("GET", MAP, caller, values={"slug": slug})),
        web.gateway.ask(Call("GET", f"{MAP}/objectives", caller, values={"slug": slug})),
    )
    chart, found = chart_answer.read(MapSummary), answer.read(MapObjectives)
    stages = {stage.slug: stage.title(words.code) for stage in chart.stages}
    return web.pages.render(
        "watch/objectives.html",
        words=words,
        chart=chart,
        objectives=[describe_objective(one, stages, words) for one in found.objectives],
        counted=words.text(
            "objectives.counted",
            since=words.moment(found.counted_since),
            until=words.moment(found.counted_until),
        )
        if found.counted_since and found.counted_until
        else words.text("objectives.not_counted"),
    )


def describe_objective(
    one: ObjectiveStatus, stages: Mapping[str, str], words: Words
) -> ShownObjective:
    """Returns what a page shows of an objective. `stages` are names by slug."""
    asked = one.objective
    key = f"objective.{asked.kind}" + (".refused" if asked.counts_refused else "")
    target = words.text_or(
        key,
        asked.kind,
        target=words.decimal(asked.target_percent),
        days=asked.window_days,
        time=words.duration(asked.within_ms / 1000),
    )
    good = one.tries - one.bad
    kept = words.text("objective.nobody")
    if one.tries:
        share = words.decimal(round(100 * good / one.tries, 2))
        kept = words.text(
            "objective.kept",
            share=share,
            good=words.number(good),
            tries=words.count("objective.tries", one.tries),
        )
    left = one.budget_left
    return ShownObjective(
        stage=stages.get(one.stage, one.stage),
        target=target,
        kept=kept,
        budget=words.text("objective.left", share=words.percent(left))
        if left is not None and left >= 0
        else words.text("objective.used", share=words.percent(1 - left))
        if left is not None
        else "–",
        left=round(100 * min(max(left, 0.0), 1.0), 1) if left is not None else 0.0,
        alarm=words.text(f"objective.alarm.{one.alarm if one.alarm in _ALARMS else 'none'}"),
        tone=_ALARMS.get(one.alarm, ""),
        burns=[_burn(each, words) for each in one.burns],
    )


def _burn(one: Burn, words: Words) -> ShownBurn:
    return ShownBurn(
        window=words.text_or(f"objective.window.{one.window}", one.window),
        rate=words.text("objective.times", rate=words.decimal(round(one.rate, 2)))
        if one.rate is not None
        else "–",
        tries=words.text(
            "objective.bad_of", bad=words.number(one.bad), tries=words.number(one.tries)
        ),
    )
