"""Pages of insights: trend, funnel, paths, retention, attribution, vocabulary, analyses."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.gateway_client import Caller
from web.insights import analyses, model
from web.insights.asking import EXACT, Answer, Asker
from web.insights.charts import describe_steps, draw_trend, money
from web.insights.flow import draw_flow
from web.insights.questions import INTERVALS, MODELS, InsightQuestion
from web.server.requests import web_of
from web.server.routing import route
from web.sign_in.staff_pages import staff_page
from web.studio.questions import LOCALES
from web.studio.words import Words, words_of

PAGES: Final = (
    "trend",
    "funnel",
    "paths",
    "retention",
    "attribution",
    *analyses.PAGES,
    "vocabulary",
)
# Columns of touchpoints by which answers are broken down; `property:<name>` is one too.
FIELDS: Final = (
    "channel", "device", "kind", "outcome", "reason", "subject", "currency", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer_host",
)  # fmt: skip
_MOST_ROWS: Final = 25


def _told(ask: Asker, found: model.Answer, margin: int, counted: str) -> dict[str, Any]:
    """Returns what a page tells of an estimate: the share, and the largest margin."""
    if found.estimate is None:
        return EXACT
    words = ask.words
    told = words.text(
        "insight.estimate",
        share=words.percent(found.estimate.read_share),
        margin=words.number(margin),
        counted=words.text(f"insight.counted.{counted}"),
    )
    return {"estimate": told}


async def _trend(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {
        "filter": question.filter,
        "interval": question.interval,
        "time_zone": question.time_zone,
        "by": question.by,
        **question.in_time,
    }
    found = await ask.post("trend", body, model.Trend)
    most = max((point.people_margin for point in found.points), default=0)
    answer = {"chart": draw_trend(found.points, ask.words), "points": found.points}
    return answer | _told(ask, found, most, "people_an_interval")


async def _funnel(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    found = await ask.post("funnel", question.funnel, model.StepFunnel)
    segments = [(one.value, describe_steps(one, ask.words)) for one in found.segments[:_MOST_ROWS]]
    people = None
    if question.step or question.left:
        body = {"funnel": question.funnel, "step": question.step, "left": question.left}
        people = await ask.post("funnel/people", body, model.People)
    most = max((step.reached_margin for one in found.segments for step in one.steps), default=0)
    answer = {"segments": segments, "people": people, "opens": question.opening}
    return answer | _told(ask, found, most, "a_step")


async def _paths(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    scope = {"scope": question.scope} if question.scope else {}
    body = {"filter": question.filter, **scope, **question.in_time}
    paths = await ask.post("paths", body, model.Paths)
    bounced = ask.words.percent(paths.bounces / paths.paths) if paths.paths else "–"
    told = _told(ask, paths, paths.paths_margin, "paths")
    flow = draw_flow(paths.transitions, ask.words)
    return {"paths": paths, "bounced": bounced, "flow": flow} | told


async def _retention(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {
        "filter": question.filter,
        "interval": question.interval,
        "time_zone": question.time_zone,
        **question.in_time,
    }
    found = await ask.post("retention", body, model.Retention)
    most = max((cohort.people_margin for cohort in found.cohorts), default=0)
    return {"cohorts": found.cohorts} | _told(ask, found, most, "people_a_cohort")


async def _attribution(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {
        "filter": question.filter,
        "model": question.model,
        "by": question.by,
        **question.in_time,
    }
    found = await ask.post("attribution", body, model.Attribution)
    return {"found": found} | _told(ask, found, found.orders_margin, "orders")


async def _vocabulary(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    times = question.filter.get("time_range", {})
    found = await ask.get("vocabulary", times, model.Vocabulary)
    return {"columns": found.columns, "most": _MOST_ROWS, "estimate": None}


_ANSWERS: Final[dict[str, Answer]] = {
    "trend": _trend,
    "funnel": _funnel,
    "paths": _paths,
    "retention": _retention,
    "attribution": _attribution,
    "vocabulary": _vocabulary,
    **analyses.ANSWERS,
}


def _context(request: Request, question: InsightQuestion, words: Words) -> dict[str, Any]:
    """Returns what every page shows beside its answer."""

    def text(key: str, **values: object) -> str:
        return words.text(f"insight.{key}", **values)

    return {
        "words": words,
        "t": text,
        "field": lambda name: words.text_or(f"insight.field.{name}", name),
        "pages": PAGES,
        "question": question,
        "query": request.url.query,
        "intervals": INTERVALS,
        "chosen_intervals": (),
        "chosen_interval": "",
        "models": MODELS,
        "fields": FIELDS,
        "locales": LOCALES,
        "number": words.number,
        "percent": words.percent,
        "duration": words.duration,
        "amount": words.amount,
        "money": lambda amounts: money(amounts, words),
        "most_rows": _MOST_ROWS,
    }


def _page(name: str) -> Route:
    async def show(request: Request, caller: Caller) -> Response:
        question = InsightQuestion.parse(request.query_params)
        words = words_of(request, question.locale)
        answer = await _ANSWERS[name](Asker(request, caller, words), question)
        return web_of(request).pages.render(
            f"insights/{name}.html", page=name, **_context(request, question, words) | answer
        )

    return route("GET", f"/studio/insights/{name}", staff_page(show))


ROUTES: Final = [_page(name) for name in PAGES]
