"""Geometry of the charts, in pixels; templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from web.insights.model import Amount, StepSegment, TrendPoint
from web.studio.words import Words

WIDTH: Final = 960
_HEIGHT: Final = 180
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a trend, with what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with the scale's end and the first and last label."""

    bars: Sequence[Bar]
    most: str
    first: str
    last: str
    width: int = WIDTH
    height: int = _HEIGHT


def draw_trend(points: Sequence[TrendPoint], words: Words) -> Chart | None:
    """Returns the people of each interval as bars; None without points."""
    people: dict[str, int] = {}
    for point in points:
        people[point.begin] = people.get(point.begin, 0) + point.people
    if not people:
        return None
    most, slot = max(people.values()), WIDTH / len(people)
    bars = [
        Bar(
            round(place * slot, 1),
            round(_HEIGHT * (1 - count / most), 1),
            round(max(slot - _GAP, 1), 1),
            round(_HEIGHT * count / most, 1),
            f"{words.interval(begin)}: {words.number(count)}",
        )
        for place, (begin, count) in enumerate(people.items())
    ]
    begins = list(people)
    return Chart(bars, words.number(most), words.interval(begins[0]), words.interval(begins[-1]))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel; `share` is of the first step, 0 to 100."""

    place: int
    name: str
    reached: str
    share: float
    conversion: str
    median: str
    lost: int


def describe_steps(segment: StepSegment, words: Words) -> list[Step]:
    """Returns the steps of a funnel for people."""
    found, before = [], 0
    first = segment.steps[0].reached if segment.steps else 0
    for place, step in enumerate(segment.steps):
        found.append(
            Step(
                place,
                step.name,
                words.number(step.reached),
                round(100 * step.reached / first, 1) if first else 0,
                words.percent(step.conversion_rate) if place else "",
                words.duration(step.median_seconds) if place and step.reached else "",
                before - step.reached if place else 0,
            )
        )
        before = step.reached
    return found


def money(amounts: Sequence[Amount], words: Words) -> str:
    """Returns amounts with their currencies, e.g. €19.99."""
    told = (words.amount(one.amount_minor, one.currency) for one in amounts if one.currency)
    return ", ".join(told) or "–"
