"""The back stage of a map: the services behind each kind of touchpoint."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Reply
from web.server.requests import Refusal, web_of
from web.studio.board import hue_of
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary
from web.studio.words import Words, words_of

_TRACE: Final = re.compile(r"[0-9a-f]{32}")
_DAY: Final = timedelta(days=1)
# Kinds of no stage that are shown, those with the most calls.
_MOST_OTHERS: Final = 20


class Amount(Reply):
    """Money of a currency, in minor units."""

    currency: str = ""
    amount_minor: int = 0


class Operation(Reply):
    """An operation of a service."""

    name: str = ""
    role: str = ""
    calls: int = 0
    errors: int = 0
    slow: int = 0
    p50_ms: float = 0
    p95_ms: float = 0
    trace_ids: list[str] = []


class Service(Reply):
    """A service behind a kind of touchpoint."""

    name: str = ""
    calls: int = 0
    errors: int = 0
    slow: int = 0
    p50_ms: float = 0
    p95_ms: float = 0
    operations: list[Operation] = []
    at_risk: list[Amount] = []


class Touchpoint(Reply):
    """A kind of touchpoint, and the services behind it."""

    stage: str = ""
    kind: str = ""
    services: list[Service] = []
    money: list[Amount] = []


class BackStage(Reply):
    """The back stage of a map; not connected where no collector told anything."""

    touchpoints: list[Touchpoint] = []
    is_connected: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and times of a row, in the reader's language."""

    calls: str
    errors: str
    slow: str
    half: str
    most: str


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """A row of an operation; `traces` are ids that the studio opens."""

    name: str
    role: str
    figures: Figures
    traces: Sequence[str]


@dataclass(frozen=True, slots=True)
class ShownService:
    """A row of a service."""

    name: str
    hue: int
    figures: Figures
    at_risk: str
    operations: Sequence[ShownOperation]


@dataclass(frozen=True, slots=True)
class ShownTouchpoint:
    """A kind of touchpoint with its table. `query` shows its operations, if they are not yet."""

    name: str
    kind: str
    money: str
    services: Sequence[ShownService]
    query: str


@dataclass(frozen=True, slots=True)
class ShownStage:
    """A stage, or the touchpoints of none."""

    name: str
    hue: int | None
    touchpoints: Sequence[ShownTouchpoint]


async def show_back_stage(request: Request, caller: Caller) -> Response:
    """Shows what stood behind a map's touchpoints within a time."""
    web, query = web_of(request), request.query_params
    slug, words = slug_of(request), words_of(request, query.get("locale", ""))
    since, until = _day(query.get("since", ""), "since"), _day(query.get("until", ""), "until")
    asked = {"money": "true"}
    if since:
        asked["since"] = _moment(since)
    if until:
        # The last day counts whole.
        asked["until"] = _moment(until + _DAY)
    values = {"slug": slug}
    chart = (await web.gateway.ask(Call("GET", MAP, caller, values=values))).read(MapSummary)
    call = Call("GET", f"{MAP}/back-stage", caller, values=values, query=asked)
    found = (await web.gateway.ask(call)).read(BackStage)
    names = {stage.slug: stage.title(words.code) for stage in chart.stages}
    dates = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day} | (
        {"locale": query["locale"]} if "locale" in query else {}
    )
    return web.pages.render(
        "studio/back_stage.html",
        words=words,
        chart=chart,
        since=dates.get("since", ""),
        until=dates.get("until", ""),
        is_connected=found.is_connected,
        stages=describe_back_stage(found, names, words, _Shown(query.get("kind", ""), dates)),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """The kind whose operations are shown, and the query of the page without it."""

    kind: str
    dates: Mapping[str, str]

    def query_of(self, kind: str) -> str:
        return "" if kind == self.kind else urlencode({**self.dates, "kind": kind})


def describe_back_stage(
    found: BackStage, names: Mapping[str, str], words: Words, shown: _Shown
) -> list[ShownStage]:
    """Returns the touchpoints by stage; those of no stage come last. `names` are by slug."""
    services = sorted({one.name for kind in found.touchpoints for one in kind.services})
    hues = {name: hue_of(number) for number, name in enumerate(services)}
    stages = []
    for number, slug in enumerate([*names, ""]):
        own = [
            one for one in found.touchpoints if (one.stage if one.stage in names else "") == slug
        ]
        if not slug:
            # The gateway's are in the order of their calls.
            own = [
                one
                for place, one in enumerate(own)
                if place < _MOST_OTHERS or one.kind == shown.kind
            ]
        if own:
            stages.append(
                ShownStage(
                    names.get(slug) or words.text("back_stage.no_stage"),
                    hue_of(number) if slug else None,
                    [_touchpoint(one, hues, words, shown) for one in own],
                )
            )
    return stages


def _touchpoint(
    one: Touchpoint, hues: Mapping[str, int], words: Words, shown: _Shown
) -> ShownTouchpoint:
    query = shown.query_of(one.kind)
    return ShownTouchpoint(
        name=words.kind(one.kind),
        kind=one.kind,
        money=_amounts(one.money, words),
        services=[
            ShownService(
                name=service.name,
                hue=hues[service.name],
                figures=_figures(service, words),
                at_risk=_amounts(service.at_risk, words),
                operations=[]
                if query
                else [_operation(operation, words) for operation in service.operations],
            )
            for service in one.services
        ],
        query=query,
    )


def _operation(one: Operation, words: Words) -> ShownOperation:
    return ShownOperation(
        name=one.name,
        role=words.text_or(f"back_stage.role.{one.role}", one.role),
        figures=_figures(one, words),
        traces=[trace for trace in one.trace_ids if _TRACE.fullmatch(trace)],
    )


def _figures(one: Service | Operation, words: Words) -> Figures:
    return Figures(
        calls=words.number(one.calls),
        errors=words.number(one.errors) if one.errors else "",
        slow=words.number(one.slow) if one.slow else "",
        half=words.duration(one.p50_ms / 1_000),
        most=words.duration(one.p95_ms / 1_000),
    )


def _amounts(amounts: Sequence[Amount], words: Words) -> str:
    return ", ".join(words.amount(one.amount_minor, one.currency) for one in amounts)


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(422, "INVALID_QUESTION", f"Check {name}.") from None


def _moment(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")
