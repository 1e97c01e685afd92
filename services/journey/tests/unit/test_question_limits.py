"""Questions that cannot be answered, or not in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC

import pytest

from journey.errors import InvalidQuestion, QuestionTooLarge
from journey.maps.rules import Condition, Occurrence, Rule
from journey.questions.calendar import Interval
from journey.questions.filters import Filter, Newcomers
from journey.questions.fold import ask
from journey.questions.funnels import FunnelOptions
from journey.questions.retention import Retention
from journey.questions.trends import Trend
from journey.store.batch import Batch
from journey.store.store import Wanted
from services.journey.tests.histories import (
    START,
    HistoryStore,
    Row,
    a_history,
    answer_of,
)


def test_who_is_new_is_asked_of_a_period() -> None:
    with pytest.raises(InvalidQuestion):
        answer_of([], Trend(Interval.DAY, "UTC"), newcomers=Newcomers.NEW)
    assert START.tzinfo is UTC


def test_a_rule_about_other_touchpoints_is_refused() -> None:
    rules = (Rule((Condition("kind", any_of=("a",)),), Occurrence.FIRST),)

    with pytest.raises(InvalidQuestion):
        FunnelOptions(steps=(rules,))
    with pytest.raises(InvalidQuestion):
        Retention(Interval.DAY, "UTC", rules, ())


class SlowStore:
    """A store that yields a batch and then nothing for ever."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.is_closed = False

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        try:
            async for batch in HistoryStore(self._rows, people_in_a_batch=99).scan(wanted):
                yield batch
            await asyncio.Event().wait()
        finally:
            self.is_closed = True


def test_a_question_is_refused_in_time_by_a_store_that_yields_nothing_more() -> None:
    store = SlowStore(a_history(1))

    with pytest.raises(QuestionTooLarge) as refusal:
        asyncio.run(ask(store, Filter(), Trend(Interval.DAY, "UTC"), most_seconds=0.2))

    assert store.is_closed
    assert int(refusal.value.metadata["touchpoints"]) == len(a_history(1))
