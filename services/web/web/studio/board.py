"""The board: stages as columns, the funnel's shape, and a person's path over them.

The geometry is computed here, in pixels; the template draws it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from web.studio.model import Funnel, FunnelStage, KindStatistics, StageRevenue
from web.studio.runs import Run
from web.studio.words import Words

# The style sheet has the same three: --column, --gap and --head.
COLUMN: Final = 236
GAP: Final = 14
_SHAPE_HEIGHT: Final = 76
_ROW_HEIGHT: Final = 24
# Of a path that is scaled by time: what its times share beside a row for each run.
_TIME_HEIGHT: Final = 560
_SHOWN_KINDS: Final = 7
_LONGEST_LABEL: Final = 24
_HUES: Final = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of touchpoint in a column. `share` is of the most frequent kind, 0 to 100."""

    name: str
    count: str
    share: float
    facts: str
    errors: str
    refused: str


@dataclass(frozen=True, slots=True)
class Column:
    """One stage."""

    ordinal: int
    hue: int
    name: str
    people: str
    people_noun: str
    conversion: str
    loss: str
    on_the_way: str
    kinds: Sequence[Kind]
    more: Sequence[Kind]
    slug: str
    lost: int
    revenue: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage in the funnel's shape, with the joint to the next one."""

    x: int
    y: float
    height: float
    hue: int
    joint: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A touchpoint of the person's path."""

    x: int
    y: int
    hue: int
    outcome: str
    label: str
    title: str
    target: str


@dataclass(frozen=True, slots=True)
class Board:
    """All columns, and what is drawn above and over them."""

    width: int
    columns: Sequence[Column]
    bars: Sequence[Bar]
    path: str
    dots: Sequence[Dot]
    lane: int
    shape_height: int = _SHAPE_HEIGHT
    column_width: int = COLUMN
    row_height: int = _ROW_HEIGHT


def draw_board(
    funnel: Funnel,
    runs: Sequence[Run],
    numbers: Mapping[str, int],
    words: Words,
    *,
    is_timed: bool = False,
) -> Board:
    """Returns the board of a funnel, with the path of a person's touchpoints that have a stage.

    `numbers` are the numbers of the map's stages by slug. With `is_timed` the path goes down by the
    time between its runs, and by a row for each at least.
    """
    stages = funnel.stages
    heights = _heights(runs, is_timed=is_timed)
    path, dots = _draw_path(runs, heights, numbers, words)
    return Board(
        width=max(0, len(stages) * (COLUMN + GAP) - GAP),
        columns=[
            _describe_stage(place, stage, funnel, words) for place, stage in enumerate(stages)
        ],
        bars=_draw_shape(stages),
        path=path,
        dots=dots,
        lane=heights[-1] + _ROW_HEIGHT + 4 if heights else 0,
    )


def hue_of(number: int) -> int:
    """Returns the number of a stage's colour."""
    return number % _HUES


def _describe_stage(index: int, stage: FunnelStage, funnel: Funnel, words: Words) -> Column:
    kinds = [one for one in funnel.touchpoints if one.stage == stage.slug]
    most = max((one.touchpoints for one in kinds), default=1)
    described = [_describe_kind(one, most, words) for one in kinds]
    left = words.text(
        "stage.left",
        rate=words.percent(1 - stage.conversion_rate),
        number=words.number(stage.drop_off),
    )
    median = words.text("stage.on_the_way", time=words.duration(stage.median_seconds))
    return Column(
        ordinal=index + 1,
        hue=hue_of(index),
        name=stage.name,
        people=words.number(stage.people),
        people_noun=words.noun("person", stage.people),
        conversion=words.percent(stage.conversion_rate) if index else "",
        loss=(left if stage.drop_off else words.text("stage.nobody_left")) if index else "",
        on_the_way=median if index and stage.people else "",
        kinds=described[:_SHOWN_KINDS],
        more=described[_SHOWN_KINDS:],
        slug=stage.slug,
        lost=stage.drop_off if index else 0,
        revenue=[
            _describe_revenue(one, words) for one in funnel.revenue if one.stage == stage.slug
        ],
    )


def _describe_kind(one: KindStatistics, most: int, words: Words) -> Kind:
    facts = [words.count("person", one.people)]
    if one.p95_ms is not None:
        facts.append(f"p95 {words.duration(one.p95_ms / 1_000)}")
    return Kind(
        name=one.kind,
        count=words.number(one.touchpoints),
        share=round(100 * one.touchpoints / max(1, most), 1),
        facts=" · ".join(facts),
        errors=words.count("failed", one.errors) if one.errors else "",
        refused=words.count("refused", one.refused) if one.refused else "",
    )


def _describe_revenue(one: StageRevenue, words: Words) -> str:
    orders = words.count("order", one.orders)
    return words.text("stage.net", amount=words.amount(one.net_minor, one.currency), orders=orders)


def _draw_shape(stages: Sequence[FunnelStage]) -> list[Bar]:
    """Returns the funnel's silhouette: as high as the share of people who are still there."""
    middle = _SHAPE_HEIGHT / 2
    halves = [
        max(1.5, stage.total_rate * (middle - 2)) if stages[0].people else 1.5 for stage in stages
    ]
    bars = []
    for index, half in enumerate(halves):
        left = index * (COLUMN + GAP)
        right = left + COLUMN
        joint = ""
        if index + 1 < len(halves):
            after = halves[index + 1]
            joint = (
                f"{right},{middle - half:.1f} {right + GAP},{middle - after:.1f}"
                f" {right + GAP},{middle + after:.1f} {right},{middle + half:.1f}"
            )
        bars.append(Bar(left, round(middle - half, 1), round(2 * half, 1), hue_of(index), joint))
    return bars


def _heights(runs: Sequence[Run], *, is_timed: bool) -> list[int]:
    """Returns how far down each run stands."""
    begins = [run.head.occurred_at for run in runs]
    took = (begins[-1] - begins[0]).total_seconds() if begins else 0.0
    share = _TIME_HEIGHT / took if is_timed and took > 0 else 0.0
    return [
        18 + number * _ROW_HEIGHT + round(share * (begin - begins[0]).total_seconds())
        for number, begin in enumerate(begins)
    ]


def _draw_path(
    runs: Sequence[Run], heights: Sequence[int], numbers: Mapping[str, int], words: Words
) -> tuple[str, Sequence[Dot]]:
    """Returns the curve through a person's touchpoints, downwards in time, and its dots."""
    if not runs:
        return "", []
    points = [
        (numbers[run.head.stage] * (COLUMN + GAP) + 24, height)
        for run, height in zip(runs, heights, strict=True)
    ]
    bend = _ROW_HEIGHT * 0.75
    curve = f"M{points[0][0]},{points[0][1]}" + "".join(
        f" C{x0},{y0 + bend:.0f} {x1},{y1 - bend:.0f} {x1},{y1}"
        for (x0, y0), (x1, y1) in itertools.pairwise(points)
    )
    dots = [
        _draw_dot(run, numbers[run.head.stage], point, words)
        for run, point in zip(runs, points, strict=True)
    ]
    return curve, dots


def _draw_dot(run: Run, stage: int, place: tuple[int, int], words: Words) -> Dot:
    one, times = run.head, len(run.touchpoints)
    kind = words.kind(one.kind) + (f" ×{times}" if times > 1 else "")
    is_short = len(kind) <= _LONGEST_LABEL
    outcome = words.text_or(f"outcome.{one.outcome}", one.outcome)
    return Dot(
        x=place[0],
        y=place[1],
        hue=hue_of(stage),
        outcome=one.outcome,
        label=kind if is_short else f"{kind[: _LONGEST_LABEL - 1]}…",
        title=f"{kind}, {words.moment(one.occurred_at)}, {outcome}",
        target=f"t{run.first}",
    )
