"""The emotion curve of a map: how each stage feels, from -2 to 2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from web.studio.board import COLUMN, GAP
from web.studio.model import DrawnStage
from web.studio.words import Words

HEIGHT: Final = 140
_MARGIN: Final = 32
_LEVELS: Final = 2
# Distances of a label from its point.
_ABOVE, _BELOW, _ASIDE = 12, 22, 4
_STEP: Final = (HEIGHT - 2 * _MARGIN) / (2 * _LEVELS)


@dataclass(frozen=True, slots=True)
class EmotionPoint:
    """A stage's point, with what it says where no line runs."""

    x: float
    y: float
    title: str
    label_x: float = 0
    label_y: float = 0
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class EmotionCurve:
    """The curve, in pixels; its lines are parted where a stage has no point."""

    width: int
    height: int
    middle: float
    lines: Sequence[str]
    points: Sequence[EmotionPoint]


def draw_emotions(stages: Sequence[DrawnStage], words: Words) -> EmotionCurve | None:
    """Returns the curve over the columns of the stages; None where no stage has a level."""
    parts: list[list[EmotionPoint]] = [[]]
    for number, stage in enumerate(stages):
        if stage.emotion_level is None:
            parts.append([])
            continue
        level = max(-_LEVELS, min(_LEVELS, stage.emotion_level))
        x = number * (COLUMN + GAP) + COLUMN / 2
        title = words.text(f"emotion.{level}")
        parts[-1].append(EmotionPoint(x, HEIGHT / 2 - level * _STEP, title))
    points = [one for part in parts for one in part]
    if not points:
        return None
    return EmotionCurve(
        width=len(stages) * (COLUMN + GAP) - GAP,
        height=HEIGHT,
        middle=HEIGHT / 2,
        lines=[" ".join(f"{one.x:g},{one.y:g}" for one in part) for part in parts if part],
        points=[one for part in parts for one in _labelled(part)],
    )


def _labelled(part: Sequence[EmotionPoint]) -> Iterator[EmotionPoint]:
    """Yields the points of a line, each with the place of its label beside the line.

    A peak has it above, a valley below. On a slope it stands above, on the side where the line is
    lower.
    """
    for number, point in enumerate(part):
        before = part[max(0, number - 1)].y
        after = part[min(len(part) - 1, number + 1)].y
        is_below = before <= point.y and after <= point.y and min(before, after) < point.y
        anchor, aside = "middle", 0
        if before < point.y < after:
            anchor, aside = "start", _ASIDE
        elif before > point.y > after:
            anchor, aside = "end", -_ASIDE
        yield replace(
            point,
            label_x=point.x + aside,
            label_y=point.y + (_BELOW if is_below else -_ABOVE),
            anchor=anchor,
        )
