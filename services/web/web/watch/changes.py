"""The page of what changed: since when, for whom, and worth how much."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller
from web.insights.charts import money
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.refusals import refusal_of
from web.studio.model import MapSummary
from web.studio.words import Words, words_of
from web.watch.model import Insight, InsightList, MapList, WatchSettings

MEASURES: Final = ("people", "conversion", "errors", "slowness", "count")
STATES: Final = ("open", "closed")
_RATES: Final = frozenset({"conversion", "errors", "slowness"})
_SETTINGS: Final = "/v1/staff/insight-settings"
_PAGE: Final = "/studio/changes"
_MOST_SLUG: Final = 64


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change in the reader's language. `tone` is good, bad or neither."""

    title: str
    place: str
    tone: str
    mark: str
    value: str
    period: str
    audience: str
    worth: str
    bound: str
    pains: list[str]
    numbers_url: str


async def show_changes(request: Request, caller: Caller) -> Response:
    """Shows changes, those of the filter's map, state and measure."""
    return await _show(request, caller)


async def save_settings(request: Request, caller: Caller) -> Response:
    """Saves what is watched, and what counts as a change."""
    form = await read_form(request, most_fields=40)
    try:
        body = settings_of(form)
    except ValueError:
        return await _show(request, caller, reason="INVALID_QUESTION")
    version = form.get("version", "")
    call = Call(
        "PUT",
        _SETTINGS,
        caller,
        body={"settings": body},
        version=int(version) if version.isdigit() and len(version) < 10 else 0,
    )
    if reason := await refusal_of(request, call):
        return await _show(request, caller, reason=reason)
    return RedirectResponse(f"{_PAGE}?saved=1", status_code=303)


def settings_of(form: Mapping[str, str]) -> dict[str, object]:
    """Returns the settings of a form. Raises ValueError for a number that is none."""
    maps = form.get("maps", "").replace(",", " ").split()
    return {
        "maps": list(dict.fromkeys(maps)),
        "time_zone": form.get("time_zone", "").strip(),
        "threshold": float(form.get("threshold", "").replace(",", ".")),
        "least_volume": int(form.get("least_volume", "")),
        "least_change": float(form.get("least_change", "").replace(",", ".")) / 100,
        "slow_ms": int(form.get("slow_ms", "")),
    }


async def _show(request: Request, caller: Caller, *, reason: str = "") -> Response:
    web, words, query = web_of(request), words_of(request), _query_of(request)
    asked = {"page_size": "20", **{name: text for name, text in query.items() if text}}
    answers = await asyncio.gather(
        web.gateway.ask(Call("GET", "/v1/staff/insights", caller, query=asked)),
        web.gateway.ask(Call("GET", "/v1/staff/maps", caller)),
        web.gateway.ask(Call("GET", _SETTINGS, caller)),
    )
    found, maps = answers[0].read(InsightList), answers[1].read(MapList).maps
    settings = answers[2].read(WatchSettings)
    charts = {one.slug: one for one in maps}
    older = {**query, "page_token": found.next_page_token}
    return web.pages.render(
        "watch/changes.html",
        status=409 if reason else 200,
        words=words,
        changes=[describe_change(one, charts, words) for one in found.insights],
        judged=words.day(date.fromisoformat(found.judged_until)) if found.judged_until else "",
        older=urlencode({name: text for name, text in older.items() if text})
        if found.next_page_token
        else "",
        query=query,
        maps=[(one.slug, one.title(words.code)) for one in maps],
        states=STATES,
        measures=MEASURES,
        settings=settings,
        least_percent=words.decimal(settings.least_change * 100),
        threshold=words.decimal(settings.threshold),
        is_saved=request.query_params.get("saved") == "1" and not reason,
        refusal=words.text_or(f"changes.refused.{reason}", words.text("changes.refused"))
        if reason
        else "",
    )


def _query_of(request: Request) -> dict[str, str]:
    """Returns the filter of the address. Raises Refusal for one that makes no sense."""
    given = request.query_params
    query = {name: given.get(name, "") for name in ("map", "state", "measure", "page_token")}
    if query["state"] and query["state"] not in STATES:
        raise Refusal(422, "INVALID_QUESTION", "Check state.")
    if query["measure"] and query["measure"] not in MEASURES:
        raise Refusal(422, "INVALID_QUESTION", "Check measure.")
    slug = query["map"].replace("-", "a")
    if slug and (not slug.isalnum() or not slug.isascii() or len(slug) > _MOST_SLUG):
        raise Refusal(422, "INVALID_QUESTION", "Check map.")
    return query


def describe_change(one: Insight, charts: Mapping[str, MapSummary], words: Words) -> ShownChange:
    """Returns what the page shows of a change. `charts` are maps by slug."""
    chart = charts.get(one.map)
    stages = {stage.slug: stage.title(words.code) for stage in chart.stages} if chart else {}
    is_count = one.measure == "count"
    subject = words.kind(one.subject) if is_count else stages.get(one.subject, one.subject)
    way = "rise" if one.is_rise else "fall"
    tone = "neutral" if is_count else "good" if one.is_good else "bad"
    return ShownChange(
        title=words.text_or(f"change.{one.measure}.{way}", one.measure, subject=subject),
        place=chart.title(words.code) if chart else one.map or words.text("changes.shop"),
        tone=tone,
        mark=words.text(f"change.tone.{tone}"),
        value=words.text(
            "change.value",
            actual=_value(one, one.actual, words),
            expected=_value(one, one.expected, words),
        ),
        period=_period(one, words),
        audience=_audience(one, words),
        worth=words.text(
            "change.won" if one.is_good else "change.at_risk", money=money(one.likely, words)
        )
        if any(each.currency for each in one.likely)
        else "",
        bound=words.text("change.at_most", money=money(one.at_most, words))
        if any(each.currency for each in one.at_most)
        else "",
        pains=[
            words.text(
                "change.pain",
                kind=words.kind(each.kind),
                reason=each.reason or words.text_or(f"outcome.{each.outcome}", each.outcome),
                people=words.count("person", each.people),
            )
            for each in one.pains
        ],
        numbers_url=_numbers_url(one),
    )


def _value(one: Insight, value: float, words: Words) -> str:
    return words.percent(value) if one.measure in _RATES else words.number(value)


def _period(one: Insight, words: Words) -> str:
    days = words.count("change.days", one.days)
    if one.state == "open":
        return words.text("change.since", day=words.day(one.began_on), days=days)
    return words.text(
        "change.from_to", day=words.day(one.began_on), last=words.day(one.last_on), days=days
    )


def _audience(one: Insight, words: Words) -> str:
    if one.audience is None or not one.audience.dimension:
        return words.text("change.for_all")
    dimension = one.audience.dimension
    value = one.audience.value or words.text("change.none")
    return words.text(
        "change.for",
        dimension=words.text_or(f"change.dimension.{dimension}", dimension),
        value=words.text_or(f"change.value.{dimension}.{value}", value),
        share=words.percent(min(one.audience.share, 1.0)),
    )


def _numbers_url(one: Insight) -> str:
    """Returns where the numbers of the change's days are shown."""
    days = {"since": str(one.began_on), "until": str(one.last_on)}
    if one.measure == "count":
        return f"/studio/insights/trend?{urlencode(days)}"
    return f"/studio?{urlencode({'map': one.map, **days})}"
