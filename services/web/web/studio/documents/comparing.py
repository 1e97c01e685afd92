"""The page that compares two maps, versions, periods, channels or segments."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, web_of
from web.studio.documents.model import Comparison, Difference, Figure
from web.studio.model import MapList, MapSummary, SegmentList, text_of
from web.studio.questions import Day
from web.studio.words import Words, words_of

_MOST_SEGMENTS: Final = 100
_SLUG: Final = r"^[a-z0-9\-]*$"
_LEFT, _RIGHT = "left", "right"
_WHOLE: Final = frozenset({"slug", "name"})
_DEEPEST: Final = 4


class Side(BaseModel):
    """One side of a comparison. `until` is the last day that counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: str = Field(default="", max_length=64, pattern=_SLUG)
    version: int = Field(default=0, ge=0, le=999_999_999)
    since: Day = None
    until: Day = None
    channel: str = Field(default="", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
    segment: str = Field(default="", max_length=64, pattern=_SLUG)

    @property
    def body(self) -> dict[str, Any]:
        """The side as the gateway takes it; `until` is exclusive there."""
        times = {}
        if self.since is not None:
            times["since"] = f"{self.since}T00:00:00Z"
        if self.until is not None:
            times["until"] = f"{self.until + timedelta(days=1)}T00:00:00Z"
        given = {
            "slug": self.map,
            "number": self.version,
            "time_range": times,
            "channel": self.channel,
            "segment": self.segment,
        }
        return {name: value for name, value in given.items() if value}

    def told(self, words: Words, title: str) -> str:
        """Returns the side in words, e.g. Five stages, version 2, until 1 Mar 2026."""
        parts = [title]
        if self.version:
            parts.append(words.text("compare.version", number=self.version))
        if self.since is not None:
            parts.append(words.text("question.since_day", day=words.day(self.since)))
        if self.until is not None:
            parts.append(words.text("question.until_day", day=words.day(self.until)))
        return ", ".join([*parts, *filter(None, (self.channel, self.segment))])


class ComparisonQuestion(BaseModel):
    """Parameters of the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: Side = Side()
    right: Side = Side()
    is_asked: bool = False

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        """Returns the question of a query such as `left_map=a&right_since=2026-03-01`.

        Raises Refusal: a misspelt name must not show something else.
        """
        sides: dict[str, dict[str, str]] = {_LEFT: {}, _RIGHT: {}}
        for name, value in query.items():
            side, _, field = name.partition("_")
            if side not in sides:
                raise Refusal(422, "INVALID_QUESTION", f"Check {name[:100]}.")
            if value:
                sides[side][field] = value
        try:
            return cls.model_validate({**sides, "is_asked": bool(query)})
        except ValidationError as error:
            wrong = ", ".join(sorted({"_".join(map(str, one["loc"])) for one in error.errors()}))
            raise Refusal(422, "INVALID_QUESTION", f"Check {wrong[:200]}.") from None


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A cell that differs, with the texts of both sides."""

    place: str
    cell: str
    kind: str
    mark: str
    left: Sequence[str]
    right: Sequence[str]


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A number with both values. `trend` is up, down or same."""

    name: str
    left: str
    right: str
    difference: str
    trend: str


async def compare_maps(request: Request, caller: Caller) -> Response:
    """Shows the form, and the differences that its query asks for."""
    web, words = web_of(request), words_of(request)
    question = ComparisonQuestion.parse(request.query_params)
    maps, segments = await asyncio.gather(
        web.gateway.ask(Call("GET", "/v1/staff/maps", caller)),
        web.gateway.ask(
            Call("GET", "/v1/staff/segments", caller, query={"page_size": _MOST_SEGMENTS})
        ),
    )
    charts = maps.read(MapList).maps
    found, refusal = None, ""
    if question.is_asked:
        found, refusal = await _compare(request, caller, question, words)
    stages = stage_names(charts, question, words)
    return web.pages.render(
        "studio/compare.html",
        words=words,
        maps=charts,
        segments=segments.read(SegmentList).segments,
        question=question,
        sides=[(_LEFT, question.left), (_RIGHT, question.right)],
        titles=[one.told(words, _title(charts, one, words)) for one in _sides(question)],
        refusal=refusal,
        found=found,
        differences=[describe_difference(one, stages, words) for one in found.differences]
        if found
        else [],
        figures=describe_figures(found.figures, stages, words) if found else [],
    )


async def _compare(
    request: Request, caller: Caller, question: ComparisonQuestion, words: Words
) -> tuple[Comparison | None, str]:
    """Returns the comparison, or why there is none."""
    body = {_LEFT: question.left.body, _RIGHT: question.right.body, "with_numbers": True}
    call = Call("POST", "/v1/staff/map-comparisons", caller, body=body)
    try:
        return (await web_of(request).gateway.ask(call)).read(Comparison), ""
    except Problem as problem:
        if problem.status not in (400, 404, 409, 422):
            raise
        key = f"compare.refused.{problem.reason}"
        return None, words.text_or(key, words.text("compare.refused"))


def _sides(question: ComparisonQuestion) -> tuple[Side, Side]:
    return question.left, question.right


def _title(charts: Sequence[MapSummary], side: Side, words: Words) -> str:
    chart = _find(charts, side)
    return chart.title(words.code) if chart else side.map


def _find(charts: Sequence[MapSummary], side: Side) -> MapSummary | None:
    for one in charts:
        if one.slug == side.map or (not side.map and one.is_built_in):
            return one
    return None


def stage_names(
    charts: Sequence[MapSummary], question: ComparisonQuestion, words: Words
) -> dict[str, str]:
    """Returns the names of both maps' stages by slug; the right map's count."""
    found: dict[str, str] = {}
    for side in _sides(question):
        if chart := _find(charts, side):
            found |= {stage.slug: stage.title(words.code) for stage in chart.stages}
    return found


def describe_difference(
    one: Difference, stages: Mapping[str, str], words: Words
) -> ShownDifference:
    """Returns what a page shows of a cell that differs."""
    stage = stages.get(one.stage, one.stage) or words.text("finding.whole_map")
    cell = words.text_or(f"lane.{one.cell}", one.cell.replace("_", " "))
    return ShownDifference(
        place=stage,
        cell=cell if one.cell else words.text("comments.whole_stage"),
        kind=one.kind,
        mark=words.text_or(f"difference.{one.kind}", one.kind),
        left=texts_of_value(one.left, words),
        right=texts_of_value(one.right, words),
    )


def texts_of_value(value: JsonValue, words: Words, depth: int = 0) -> list[str]:
    """Returns the texts of a cell's value; of a stage its name."""
    if value is None or depth > _DEEPEST:
        return []
    if isinstance(value, bool):
        return [words.text("yes" if value else "no")]
    if isinstance(value, int | float):
        return [words.decimal(value)]
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [", ".join(texts_of_value(one, words, depth + 1)) for one in value]
    if value.keys() >= _WHOLE and isinstance(name := value["name"], dict):
        return [text_of({key: str(text) for key, text in name.items()}, words.code)]
    parts = [", ".join(texts_of_value(one, words, depth + 1)) for one in value.values()]
    return [" · ".join(filter(None, parts))]


def describe_figures(
    figures: Sequence[Figure], stages: Mapping[str, str], words: Words
) -> list[tuple[str, list[ShownFigure]]]:
    """Returns the numbers by the name of their stage."""
    found: dict[str, list[ShownFigure]] = {}
    for one in figures:
        name = words.text_or(f"figure.{one.name}", one.name)
        found.setdefault(stages.get(one.stage, one.stage), []).append(
            ShownFigure(
                name=f"{name}, {one.currency}" if one.currency else name,
                left=_told(one, one.left, words),
                right=_told(one, one.right, words),
                difference=_difference(one, words),
                trend=_trend(one.difference),
            )
        )
    return list(found.items())


def _difference(figure: Figure, words: Words) -> str:
    if figure.difference is None:
        return "–"
    sign = "+" if figure.difference > 0 else "−" if figure.difference < 0 else "±"
    size = abs(figure.difference)
    if figure.name == "conversion_rate":
        return sign + words.text("compare.points", number=words.decimal(round(size * 100, 1)))
    return sign + _told(figure, size, words)


def _trend(difference: float | None) -> str:
    return "same" if not difference else "up" if difference > 0 else "down"


def _told(figure: Figure, value: float | None, words: Words) -> str:
    if value is None:
        return "–"
    match figure.name:
        case "conversion_rate":
            return words.percent(value)
        case "median_seconds":
            return words.duration(value)
        case "net_minor":
            return words.amount(round(value), figure.currency)
    return words.number(value)
