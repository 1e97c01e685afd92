"""The emotion curve of a map: how each stage feels, from -2 to 2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from web.studio.board import COLUMN, GAP
from web.studio.model import DrawnStage
from web.studio.words import Words

HEIGHT: Final = 120
_MARGIN: Final = 20
_LEVELS: Final = 2
_STEP: Final = (HEIGHT - 2 * _MARGIN) / (2 * _LEVELS)


@dataclass(frozen=True, slots=True)
class EmotionPoint:
    """A stage's point, with what it says."""

    x: float
    y: float
    title: str


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
        points=points,
    )
