"""The journey page: a map's funnel, and one person's path through it, as one HTML document without
scripts.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from journey.funnels.queries import Question
from journey.journeys.traces import Spans
from journey.maps.model import JourneyMap, localized
from journey.page import board as page_board
from journey.page import path as page_path
from journey.page.markup import Html, duration, el, joined, number, percent
from journey.page.style import STYLE
from sojourn.journey.v1 import journey_pb2 as pb

_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def render(
    chart: JourneyMap,
    funnel: pb.Funnel,
    journey: pb.Journey | None,
    traces: Spans,
    question: Question,
    *,
    locale: str,
) -> str:
    """The page.

    `journey` is the person whose path is drawn, `traces` are what is known of its touchpoints'
    traces.
    """
    stages = funnel.segments[0].stages if funnel.segments else []
    names = {
        stage.slug: (index, localized(stage.name, locale))
        for index, stage in enumerate(chart.stages)
    }
    placed = [one for one in journey.touchpoints if one.stage in names] if journey else []
    body = el(
        "main",
        _head(chart, question, locale),
        _tiles(funnel, stages),
        page_board.board(stages, funnel.touchpoints, placed, names),
        page_path.path(journey, names, traces) if journey else None,
        el("footer", _footnote(question)),
    )
    title = localized(chart.name, locale)
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} · journey map"),
        el("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{el('html', head, el('body', body), lang=locale or 'en')}\n"


def _head(chart: JourneyMap, question: Question, locale: str) -> Html:
    description = localized(chart.document.get("description") or {}, locale)
    facts = [_period(question.since, question.until), question.channel or "all channels"]
    if question.window_seconds:
        facts.append(f"within {duration(question.window_seconds)} of the first stage")
    return el(
        "header",
        el("p", "Journey map", class_="eyebrow"),
        el("h1", localized(chart.name, locale)),
        el("p", description, class_="lede") if description else None,
        el("p", *(el("span", fact, class_="chip") for fact in facts), class_="chips"),
    )


def _period(since: datetime | None, until: datetime | None) -> str:
    match since, until:
        case None, None:
            return "all time"
        case None, _:
            return f"before {until:%d %b %Y}"
        case _, None:
            return f"since {since:%d %b %Y}"
        case _:
            return f"{since:%d %b %Y} – {until:%d %b %Y}"


def _tiles(funnel: pb.Funnel, stages: Sequence[pb.FunnelStage]) -> Html:
    touchpoints = sum(one.touchpoints for one in funnel.touchpoints)
    errors = sum(one.errors for one in funnel.touchpoints)
    tiles = [
        ("People", number(stages[0].people) if stages else "0", "reached the first stage"),
        (
            "All the way",
            percent(stages[-1].total_rate) if stages else "–",
            f"{number(stages[-1].people)} people" if stages else "",
        ),
        (
            "Touchpoints",
            number(touchpoints),
            f"{number(errors)} failed" if errors else "none failed",
        ),
        (
            "Recommendation",
            f"{funnel.score.score:+.0f}" if funnel.score.answers else "–",
            f"{number(funnel.score.answers)} answered"
            if funnel.score.answers
            else "nobody answered yet",
        ),
    ]
    return el(
        "dl",
        *(
            el("div", el("dt", name), el("dd", value, el("small", note)))
            for name, value, note in tiles
        ),
        class_="tiles",
    )


def _footnote(question: Question) -> Html:
    window = (
        f", no later than {duration(question.window_seconds)} after the first stage"
        if question.window_seconds
        else ""
    )
    return joined(
        "People reach a stage at their first touchpoint of it at or after the time they reached "
        "the stage before",
        window,
        ". Times between stages are medians. p95: 95 of 100 answers were at least as fast.",
    )
