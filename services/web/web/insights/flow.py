"""The flow of the most frequent steps from one kind of touchpoint to the next (Sankey)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from web.insights.model import Transition
from web.studio.words import Words

WIDTH: Final = 960
_NODE: Final = 14
_SPACE: Final = 12
_LEAST: Final = 18
_HEIGHT: Final = 360
_MARGIN: Final = 8
_MOST: Final = 14
_LONGEST: Final = 34
_HUES: Final = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A kind on one side of the flow."""

    x: float
    y: float
    width: float
    height: float
    hue: int
    label: str
    title: str
    text_x: float
    text_y: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A step from a kind to the next, as wide as it is frequent."""

    path: str
    hue: int
    title: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The kinds that people come from on the left, and those that they go to on the right."""

    nodes: Sequence[Node]
    bands: Sequence[Band]
    height: float
    width: int = WIDTH


def draw_flow(transitions: Sequence[Transition], words: Words) -> Flow | None:
    """Returns the most frequent steps between two kinds as a flow; None where there is none."""
    shown = [one for one in transitions if one.count > 0 and one.origin != one.to][:_MOST]
    if not shown:
        return None
    origins, goals = _sums(shown, is_left=True), _sums(shown, is_left=False)
    whole = sum(origins.values())
    spaces = (max(len(origins), len(goals)) - 1) * _SPACE
    scale = max(_HEIGHT / whole, 0.0)
    hues = {kind: place % _HUES for place, kind in enumerate(dict.fromkeys([*origins, *goals]))}
    left, right = _column(origins, scale), _column(goals, scale)
    ends = [y + height for y, height in (*left.values(), *right.values())]
    nodes = [
        *(
            _node(kind, at, origins[kind], hues[kind], words, is_right=False)
            for kind, at in left.items()
        ),
        *(
            _node(kind, at, goals[kind], hues[kind], words, is_right=True)
            for kind, at in right.items()
        ),
    ]
    bands = list(_bands(shown, (left, right), (origins, goals), hues, words))
    return Flow(nodes, bands, round(max(*ends, spaces) + _MARGIN, 1))


def _sums(shown: Sequence[Transition], *, is_left: bool) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in shown:
        kind = one.origin if is_left else one.to
        sums[kind] = sums.get(kind, 0) + one.count
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def _column(sums: Mapping[str, int], scale: float) -> dict[str, tuple[float, float]]:
    """Returns the top and height of each kind, so that its label has room."""
    found, y = {}, float(_MARGIN)
    for kind, count in sums.items():
        height = max(count * scale, _LEAST)
        found[kind] = (y, height)
        y += height + _SPACE
    return found


def _node(
    kind: str, at: tuple[float, float], count: int, hue: int, words: Words, *, is_right: bool
) -> Node:
    y, height = at
    told = f"{words.kind(kind)}: {words.number(count)}"
    x = WIDTH - _NODE if is_right else 0
    return Node(
        x=x,
        y=round(y, 1),
        width=_NODE,
        height=round(height, 1),
        hue=hue,
        label=told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…",
        title=told,
        text_x=x - 6 if is_right else _NODE + 6,
        text_y=round(y + height / 2 + 4, 1),
        is_right=is_right,
    )


def _bands(
    shown: Sequence[Transition],
    columns: tuple[Mapping[str, tuple[float, float]], Mapping[str, tuple[float, float]]],
    sums: tuple[Mapping[str, int], Mapping[str, int]],
    hues: Mapping[str, int],
    words: Words,
) -> list[Band]:
    used: tuple[dict[str, float], dict[str, float]] = ({}, {})
    found = []
    for one in sorted(shown, key=lambda step: (columns[0][step.origin], columns[1][step.to])):
        edges = []
        for side, kind in enumerate((one.origin, one.to)):
            y, height = columns[side][kind]
            begin = y + used[side].get(kind, 0.0)
            width = height * one.count / sums[side][kind]
            used[side][kind] = used[side].get(kind, 0.0) + width
            edges.append((round(begin, 1), round(begin + width, 1)))
        names = f"{words.kind(one.origin)} → {words.kind(one.to)}"
        found.append(Band(_path(*edges), hues[one.origin], f"{names}: {words.number(one.count)}"))
    return found


def _path(left: tuple[float, float], right: tuple[float, float]) -> str:
    begin, end, middle = _NODE, WIDTH - _NODE, WIDTH // 2
    return (
        f"M{begin} {left[0]} C{middle} {left[0]} {middle} {right[0]} {end} {right[0]} "
        f"L{end} {right[1]} C{middle} {right[1]} {middle} {left[1]} {begin} {left[1]} Z"
    )
