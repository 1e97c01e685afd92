"""The stages as columns, with the funnel's shape above and a person's path drawn over them."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

from journey.page.markup import Html, duration, el, joined, milliseconds, number, percent
from journey.wire import OUTCOMES
from sojourn.journey.v1 import journey_pb2 as pb

WIDTH: Final = 236
GAP: Final = 14
_SHAPE_HEIGHT: Final = 76
# Where the path begins below the board's top, and how far apart its touchpoints are.
HEAD_HEIGHT: Final = 262
ROW_HEIGHT: Final = 24
_SHOWN_KINDS: Final = 7

Names = Mapping[str, tuple[int, str]]


def board(
    stages: Sequence[pb.FunnelStage],
    kinds: Sequence[pb.KindStatistics],
    placed: Sequence[pb.JourneyTouchpoint],
    names: Names,
) -> Html:
    """All columns. On a narrow screen they scroll together with what is drawn over them."""
    if not stages:
        return el("p", "This map has no stages.", class_="empty")
    lane = len(placed) * ROW_HEIGHT + 22 if placed else 0
    columns = [
        _column(index, stage, [one for one in kinds if one.stage == stage.slug], lane)
        for index, stage in enumerate(stages)
    ]
    width = len(stages) * (WIDTH + GAP) - GAP
    return el(
        "section",
        el(
            "div",
            _shape(stages, width),
            el("ol", *columns, class_="columns"),
            _overlay(placed, names, width, lane),
            class_="board",
        ),
        class_="scroller",
        aria_label="Stages",
        tabindex="0",
    )


def _shape(stages: Sequence[pb.FunnelStage], width: int) -> Html:
    """The funnel's silhouette: as high as the share of people who are still there."""
    middle = _SHAPE_HEIGHT / 2
    halves = [
        max(1.5, stage.total_rate * (middle - 2)) if stages[0].people else 1.5 for stage in stages
    ]
    parts = []
    for index, half in enumerate(halves):
        left = index * (WIDTH + GAP)
        parts.append(
            el(
                "rect",
                x=left,
                y=round(middle - half, 1),
                width=WIDTH,
                height=round(2 * half, 1),
                rx=3,
                class_=f"fill s{index % 8}",
            )
        )
        if index + 1 < len(halves):
            right, after = left + WIDTH, halves[index + 1]
            points = (
                f"{right},{middle - half:.1f} {right + GAP},{middle - after:.1f} "
                f"{right + GAP},{middle + after:.1f} {right},{middle + half:.1f}"
            )
            parts.append(el("polygon", points=points, class_="joint"))
    return el(
        "svg",
        *parts,
        class_="shape",
        width=width,
        height=_SHAPE_HEIGHT,
        viewBox=f"0 0 {width} {_SHAPE_HEIGHT}",
        aria_hidden="true",
    )


def _column(
    index: int, stage: pb.FunnelStage, kinds: Sequence[pb.KindStatistics], lane: int
) -> Html:
    facts: tuple[Html, ...]
    if index == 0:
        facts = (el("p", "where it begins", class_="fact"), el("p", "\u00a0", class_="fact muted"))
    else:
        lost = (
            f"{percent(1 - stage.conversion_rate)} left ({number(stage.drop_off)})"
            if stage.drop_off
            else "nobody left"
        )
        facts = (
            el("p", el("b", percent(stage.conversion_rate)), " of the stage before", class_="fact"),
            el("p", lost, class_="fact muted"),
            el(
                "p",
                f"{duration(stage.median_seconds)} on the way (median)"
                if stage.people
                else "\u00a0",
                class_="fact muted",
            ),
        )
    spacer = el("svg", width=1, height=lane, class_="spacer", aria_hidden="true") if lane else None
    return el(
        "li",
        el(
            "div",
            el("h2", el("span", index + 1, class_="ordinal"), stage.name),
            el("p", number(stage.people), el("small", " people"), class_="people"),
            *facts,
            class_="stage-head",
        ),
        spacer,
        _kinds(kinds),
        class_=f"column s{index % 8}",
    )


def _kinds(kinds: Sequence[pb.KindStatistics]) -> Html:
    if not kinds:
        return el("p", "no touchpoints", class_="empty")
    most = max(one.touchpoints for one in kinds)
    rows = [_kind(one, most) for one in kinds]
    rest = rows[_SHOWN_KINDS:]
    more = (
        el(
            "details",
            el("summary", f"{len(rest)} more"),
            el("ul", *rest, class_="kinds"),
            class_="more",
        )
        if rest
        else None
    )
    return joined(el("ul", *rows[:_SHOWN_KINDS], class_="kinds"), more)


def _kind(one: pb.KindStatistics, most: int) -> Html:
    bar = el(
        "rect",
        x=0,
        y=0,
        width=round(100 * one.touchpoints / most, 1),
        height=4,
        rx=2,
        class_="fill",
    )
    facts = [f"{number(one.people)} {'person' if one.people == 1 else 'people'}"]
    if one.HasField("p95_ms"):
        facts.append(f"p95 {milliseconds(one.p95_ms)}")
    troubles = [
        el("span", f"{number(count)} {what}", class_=f"badge {kind}")
        for count, what, kind in (
            (one.errors, "failed", "error"),
            (one.refused, "refused", "refused"),
        )
        if count
    ]
    return el(
        "li",
        el(
            "p",
            el("code", one.kind),
            el("span", number(one.touchpoints), class_="count"),
            class_="kind",
        ),
        el(
            "svg",
            bar,
            class_="meter",
            viewBox="0 0 100 4",
            preserveAspectRatio="none",
            aria_hidden="true",
        ),
        el("p", " · ".join(facts), " " if troubles else None, *troubles, class_="muted"),
    )


def _overlay(
    placed: Sequence[pb.JourneyTouchpoint], names: Names, width: int, lane: int
) -> Html | None:
    """A person's touchpoints from top to bottom in time, each in its stage's column, and the path
    between them.
    """
    if not placed:
        return None
    points = [
        (names[one.stage][0] * (WIDTH + GAP) + 24, 18 + index * ROW_HEIGHT)
        for index, one in enumerate(placed)
    ]
    curve = f"M{points[0][0]},{points[0][1]}" + "".join(
        f" C{x0},{y0 + ROW_HEIGHT * 0.75:.0f} {x1},{y1 - ROW_HEIGHT * 0.75:.0f} {x1},{y1}"
        for (x0, y0), (x1, y1) in itertools.pairwise(points)
    )
    dots = [
        _dot(index, names[one.stage][0], one, x, y)
        for index, (one, (x, y)) in enumerate(zip(placed, points, strict=True))
    ]
    return el(
        "svg",
        el("path", d=curve, class_="line"),
        *dots,
        class_="overlay",
        width=width,
        height=lane,
        viewBox=f"0 0 {width} {lane}",
        role="group",
        aria_label="One person's path",
    )


def _dot(index: int, stage: int, one: pb.JourneyTouchpoint, x: int, y: int) -> Html:
    label = one.kind if len(one.kind) <= 24 else f"{one.kind[:23]}…"
    return el(
        "a",
        el(
            "title",
            f"{one.kind}, {one.occurred_at.ToDatetime():%d %b %H:%M:%S}, "
            f"{OUTCOMES.decode(one.outcome)}",
        ),
        el("rect", x=x - 12, y=y - 12, width=WIDTH - 24, height=ROW_HEIGHT, rx=6, class_="hit"),
        el("circle", cx=x, cy=y, r=6, class_=f"dot {OUTCOMES.decode(one.outcome)}"),
        el("text", label, x=x + 14, y=y + 4),
        href=f"#t{index + 1}",
        class_=f"s{stage % 8}",
    )
