"""People's ways through the stages of a map.

A person reaches the first stage at their first touchpoint of it in the asked time. They reach stage
k + 1 at their first touchpoint of stage k + 1 at or after the time at which they reached stage k
and, with a window, no later than the window after they reached the first stage (both ends
included). Touchpoints at equal times are in order, and a touchpoint counts for every stage whose
rules it satisfies, so that one may take a person through several stages. A later touchpoint of the
first stage begins no new window. A stage that nobody can reach by a rule is passed through.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from journey.funnels.model import MOST_SEGMENTS, MapQuestion, Reached
from journey.funnels.placement import Placement
from journey.maps.model import Stage
from journey.maps.rules import Rule
from journey.questions.filters import holds_all
from journey.questions.funnels import NOWHERE, Segment, first_at
from journey.store.batch import Batch, Mask, Numbers


class FunnelFold:
    """Counts the people who reach each stage of a map in order."""

    def __init__(self, stages: Sequence[Stage], asked: MapQuestion) -> None:
        self._asked, self._count = asked, len(stages)
        self._ruled = [number for number, stage in enumerate(stages) if stage.reached_by]
        self._rules = [stages[number].reached_by for number in self._ruled]
        self._found: dict[str, Segment] = defaultdict(
            lambda: Segment([0] * len(self._rules), [[] for _ in self._rules])
        )

    def add(self, batch: Batch, placement: Placement, counted: Mask) -> None:
        if not self._rules:
            return
        reached = ways_of(batch, placement, counted, self._asked, self._rules)
        texts = batch.texts[self._asked.by] if self._asked.by else None
        codes = texts.codes[reached[0]] if texts else np.zeros(len(reached[0]), dtype=np.int32)
        for code in np.unique(codes).tolist():
            mine = codes == code
            self._found[texts.values[code] if texts else ""].add(
                [places[mine] for places in reached], batch.at
            )

    def answer(self) -> dict[str, list[Reached]]:
        """Returns who reached each stage by segment, the largest first; "" without `by`."""
        found = sorted(self._found.items(), key=lambda pair: (-pair[1].reached[0], pair[0]))
        if not self._asked.by:
            found = [("", self._found[""])]
        return {value: self._passed(_steps(one)) for value, one in found[:MOST_SEGMENTS]}

    def _passed(self, reached: Sequence[Reached]) -> list[Reached]:
        """Returns who reached each of a map's stages, in no time those that are passed through.

        Before the first stage that can be reached stand the people who reach it.
        """
        people = reached[0].people if reached else 0
        found: list[Reached] = []
        for number in range(self._count):
            is_ruled = number in self._ruled
            one = reached[self._ruled.index(number)] if is_ruled else Reached(people)
            found.append(one)
            people = one.people
        return found


def _steps(segment: Segment) -> list[Reached]:
    return [
        Reached(people, timedelta(seconds=segment.median_seconds(step)) if step else timedelta())
        for step, people in enumerate(segment.reached)
    ]


def ways_of(
    batch: Batch,
    placement: Placement,
    counted: Mask,
    asked: MapQuestion,
    rules: Sequence[Sequence[Rule]],
) -> list[Numbers]:
    """Returns for each stage the touchpoint by which each way reached it, or NOWHERE.

    Ways are in the order of people.
    """
    begins = placement.any_of(rules[0]) & counted & holds_all(batch, asked.begins)
    places, person = np.flatnonzero(begins), batch.person
    is_first = np.ones(len(places), dtype=np.bool_)
    is_first[1:] = person[places[1:]] != person[places[:-1]]
    begun = places[is_first]
    ends, ties = batch.starts[1:][person[begun]], _first_of_ties(batch)
    latest = batch.at[begun] + asked.window // timedelta(microseconds=1)
    alive, reached = np.ones(len(begun), dtype=np.bool_), [begun]
    for chosen in rules[1:]:
        # The touchpoint that took a person to the stage before, or one of the same time.
        place = first_at(np.flatnonzero(placement.any_of(chosen) & counted), ties[reached[-1]])
        alive = alive & (place < ends)
        if asked.window:
            alive &= batch.at[np.where(alive, place, 0)] <= latest
        reached.append(np.where(alive, place, NOWHERE))
    return reached


def _first_of_ties(batch: Batch) -> Numbers:
    """Returns for each touchpoint the first one of the same person and time."""
    is_new = np.ones(len(batch), dtype=np.bool_)
    is_new[1:] = batch.at[1:] != batch.at[:-1]
    is_new[batch.starts[:-1]] = True
    return np.maximum.accumulate(np.where(is_new, np.arange(len(batch)), 0))
