"""Answers to feedback against who goes on, by stage of a map: what people say and do.

People reach stages in order, as in the map's funnel. Each counts with the last score that they gave
in the period, wherever on their way: promoters (9, 10), passives (7, 8) and detractors (0 to 6), as
Reichheld has them, and those who said nothing. Where those who praise go on no more often than
those who complain, the score says little about the stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journey.feedback.model import Group, score_group
from journey.funnels.model import MapQuestion
from journey.funnels.placement import Placement, columns_of, looks_at_others
from journey.funnels.ways import ways_of
from journey.maps.model import Stage
from journey.questions.filters import EVER, Filter
from journey.questions.fold import AT_ONCE
from journey.questions.funnels import NOWHERE
from journey.store.batch import Batch, Mask, Numbers

FEEDBACK: Final = "feedback.given"
SCORE: Final = "property:score"
# None are those who said nothing.
GROUPS: Final[tuple[Group | None, ...]] = (*Group, None)
_SCORES: Final = {str(score): score for score in range(11)}


@dataclass(slots=True)
class Went:
    """People of a group who reached a stage, and of them those who reached the next one."""

    reached: int = 0
    went_on: int = 0


class SaysDoes:
    """Counts people by stage, group, and whether they went on."""

    def __init__(self, stages: Sequence[Stage], chosen: Filter) -> None:
        self._asked = MapQuestion(chosen=chosen)
        self.designed = [number for number, stage in enumerate(stages) if stage.reached_by]
        self._rules = [stages[number].reached_by for number in self.designed]
        self.columns = columns_of(stages) | {"kind", SCORE}
        self.reads_later = looks_at_others(stages)
        self.before = EVER if self.reads_later else AT_ONCE
        self._found = [{group: Went() for group in GROUPS} for _ in self._rules]

    def add(self, batch: Batch, counted: Mask) -> None:
        if not self._rules:
            return
        placement = Placement(batch, self._asked.chosen.acts(batch))
        reached = ways_of(batch, placement, counted, self._asked, self._rules)
        groups = _groups(batch, counted)[batch.person[reached[0]]]
        for number, places in enumerate(reached):
            arrived = places != NOWHERE
            is_last = number + 1 == len(reached)
            went_on = arrived & (reached[number + 1] != NOWHERE) if not is_last else arrived & False
            for code, group in enumerate(GROUPS):
                went = self._found[number][group]
                went.reached += int((arrived & (groups == code)).sum())
                went.went_on += int((went_on & (groups == code)).sum())

    def answer(self) -> list[dict[Group | None, Went]]:
        """Returns the people of each stage that can be reached, by group."""
        return self._found


def _groups(batch: Batch, counted: Mask) -> Numbers:
    """Returns the place in GROUPS of each person, by the last score that they gave."""
    found = np.full(len(batch.people), len(GROUPS) - 1, dtype=np.int64)
    scores = batch.texts[SCORE]
    is_score = scores.where(_SCORES.__contains__) & batch.texts["kind"].where(FEEDBACK.__eq__)
    places = np.flatnonzero(counted & is_score)
    for place, text in zip(places.tolist(), scores.take(places), strict=True):
        person = int(np.searchsorted(batch.starts, place, side="right")) - 1
        found[person] = GROUPS.index(score_group(_SCORES[text]))
    return found
