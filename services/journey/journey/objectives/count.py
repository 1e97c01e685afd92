"""Counting tries: all that one person does in a stage within a slot of five minutes is one.

So tries of many slots add up. Rules with an occurrence or `after` are passed over, because they
would read all history every minute. Of speed the answers that customers waited for count, also
where an event tells their effect.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from journey.funnels.placement import Placement, columns_of
from journey.insights.measure import answered, plain_stages
from journey.maps.model import Stage
from journey.maps.objectives import ObjectiveKind, StageObjective
from journey.objectives.model import SLOT, Tries
from journey.questions.filters import Filter, microseconds
from journey.questions.fold import AT_ONCE
from journey.store.batch import MISSING, Batch, Mask
from journey.touchpoints.model import Outcome

_SLOT: Final = int(SLOT.total_seconds()) * 1_000_000
SlotKey = tuple[str, ObjectiveKind, datetime]


class CountTries:
    """Tries by stage, kind of objective and slot of a period."""

    before = AT_ONCE
    reads_later = False

    def __init__(self, stages: Sequence[Stage], period: Filter) -> None:
        self._stages, self._period = plain_stages(stages), period
        self._tries: Counter[tuple[str, ObjectiveKind, int]] = Counter()
        self._bad: Counter[tuple[str, ObjectiveKind, int]] = Counter()

    @property
    def columns(self) -> frozenset[str]:
        return columns_of(self._stages) | {"kind", "outcome", "duration_ms", "device"}

    def add(self, batch: Batch, counted: Mask) -> None:
        assert self._period.since is not None
        assert self._period.until is not None
        in_time = batch.at >= microseconds(self._period.since)
        in_time &= batch.at < microseconds(self._period.until)
        acts, answers = self._period.acts(batch), answered(batch)
        of_acts = Placement(batch, acts).stage_numbers(self._stages)
        of_answers = Placement(batch, answers).stage_numbers(self._stages)
        for number, stage in enumerate(self._stages):
            for objective in stage.objectives:
                if objective.kind is ObjectiveKind.SUCCESS:
                    tried = in_time & acts & (of_acts == number)
                    bad = tried & _failed(batch, objective)
                else:
                    times = batch.numbers["duration_ms"]
                    tried = in_time & answers & (of_answers == number) & (times != MISSING)
                    bad = tried & (times > objective.within_ms)
                for sums, chosen in ((self._tries, tried), (self._bad, bad)):
                    for slot, count in _people_by_slot(batch, chosen):
                        sums[stage.slug, objective.kind, slot] += count

    def answer(self) -> dict[SlotKey, Tries]:
        """Returns the tries of each slot in which somebody tried."""
        return {
            (stage, kind, datetime.fromtimestamp(slot * _SLOT / 1_000_000, UTC)): Tries(
                count, self._bad[stage, kind, slot]
            )
            for (stage, kind, slot), count in self._tries.items()
        }


def _failed(batch: Batch, objective: StageObjective) -> Mask:
    bad = {Outcome.ERROR, Outcome.REFUSED} if objective.counts_refused else {Outcome.ERROR}
    return batch.texts["outcome"].where(lambda text: text in bad)


def _people_by_slot(batch: Batch, chosen: Mask) -> list[tuple[int, int]]:
    """Returns in how many people's histories a slot has a chosen touchpoint."""
    places = np.flatnonzero(chosen)
    if not len(places):
        return []
    people = len(batch.people)
    keys = np.unique(batch.at[places] // _SLOT * people + batch.person[places])
    slots, counts = np.unique(keys // people, return_counts=True)
    return list(zip(slots.tolist(), counts.tolist(), strict=True))
