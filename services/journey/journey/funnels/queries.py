"""The numbers of a map, folded over all touchpoints in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from journey.errors import InvalidQuestion
from journey.funnels import revenue, statistics
from journey.funnels.model import MapNumbers, MapQuestion
from journey.funnels.placement import Placement, columns_of, kinds_of, looks_at_others
from journey.funnels.revenue import RevenueFold
from journey.funnels.statistics import StatisticsFold
from journey.funnels.ways import FunnelFold, ways_of
from journey.maps.model import Stage
from journey.maps.rules import Rule
from journey.questions.filters import EVER, columns_of_rules
from journey.questions.fold import AT_ONCE, ask
from journey.questions.funnels import NOWHERE
from journey.questions.orders import REFUNDED
from journey.store.batch import Batch, Mask, Numbers
from journey.store.store import TouchpointStore


class _MapFold:
    """The parts of an answer, over the same placement of each batch."""

    def __init__(self, stages: Sequence[Stage], asked: MapQuestion) -> None:
        self._stages, self._asked = stages, asked
        self._funnel = FunnelFold(stages, asked)
        self._statistics = StatisticsFold(stages)
        self._revenue = RevenueFold(stages)

    @property
    def columns(self) -> frozenset[str]:
        asked = self._asked
        found = _columns(self._stages, asked)
        if asked.with_touchpoints:
            found |= statistics.COLUMNS
        return found | revenue.COLUMNS if asked.with_revenue else found

    @property
    def before(self) -> timedelta:
        return _before(self._stages)

    @property
    def reads_later(self) -> bool:
        return looks_at_others(self._stages) or self._asked.with_revenue

    @property
    def kinds(self) -> frozenset[str]:
        found = kinds_of(self._stages)
        return found | {REFUNDED} if found and self._asked.with_revenue else found

    def add(self, batch: Batch, counted: Mask) -> None:
        placement = Placement(batch, self._asked.chosen.acts(batch))
        self._funnel.add(batch, placement, counted)
        if self._asked.with_touchpoints:
            self._statistics.add(batch, placement, counted)
        if self._asked.with_revenue:
            self._revenue.add(batch, placement, counted)

    def answer(self) -> MapNumbers:
        return MapNumbers(self._funnel.answer(), self._statistics.answer(), self._revenue.answer())


@dataclass(frozen=True, slots=True)
class Behind:
    """People behind a number of a map.

    They reached a stage, by its place; with `left` the stage before it and not this one; with
    `kind` they have a touchpoint of that kind in the stage, with `outcome` one that came out so.
    """

    stage: int
    left: bool = False
    kind: str = ""
    outcome: str = ""


class MapPeople:
    """Lists people behind a number of a map, and counts them."""

    def __init__(
        self, stages: Sequence[Stage], asked: MapQuestion, behind: Behind, *, most: int
    ) -> None:
        if behind.left and (behind.stage == 0 or behind.kind):
            raise InvalidQuestion("people leave on their way to a later stage", field="left")
        if behind.outcome and not behind.kind:
            raise InvalidQuestion("an outcome is one of a kind", field="outcome")
        self._stages, self._asked, self._behind, self._most = stages, asked, behind, most
        self._people: list[str] = []
        self.count = 0
        self.columns, self.kinds = _columns(stages, asked), kinds_of(stages)
        self.before = _before(stages)
        self.reads_later = looks_at_others(stages)

    def add(self, batch: Batch, counted: Mask) -> None:
        placement = Placement(batch, self._asked.chosen.acts(batch))
        if self._behind.kind:
            places = self._with_kind(batch, placement, counted)
        else:
            places = self._on_the_way(batch, placement, counted)
        people = np.unique(batch.person[places])
        self.count += len(people)
        room = self._most - len(self._people)
        self._people += [batch.people[person] for person in people[:room].tolist()]

    def _with_kind(self, batch: Batch, placement: Placement, counted: Mask) -> Numbers:
        behind = self._behind
        chosen = (placement.stage_numbers(self._stages) == behind.stage) & counted
        chosen &= batch.texts["kind"].where(behind.kind.__eq__)
        if behind.outcome:
            chosen &= batch.texts["outcome"].where(behind.outcome.__eq__)
        return np.flatnonzero(chosen)

    def _on_the_way(self, batch: Batch, placement: Placement, counted: Mask) -> Numbers:
        behind = self._behind
        ruled = [number for number, stage in enumerate(self._stages) if stage.reached_by]
        if not ruled:
            return np.zeros(0, dtype=np.int64)
        rules = [self._stages[number].reached_by for number in ruled if number <= behind.stage]
        # Before the first stage that can be reached stand the people who reach it.
        reached = ways_of(
            batch, placement, counted, self._asked, rules or [self._stages[ruled[0]].reached_by]
        )
        chosen = reached[-1] != NOWHERE
        if behind.left:
            is_passed = behind.stage not in ruled or len(rules) == 1
            chosen = (reached[-2] != NOWHERE) & ~chosen if not is_passed else chosen & False
        begun: Numbers = reached[0][chosen]
        return begun

    def answer(self) -> list[str]:
        """Returns the ids of the first people."""
        return self._people


async def get_map_numbers(
    store: TouchpointStore, stages: Sequence[Stage], asked: MapQuestion
) -> MapNumbers:
    """Returns the numbers of a map. Raises QuestionTooLarge."""
    return await ask(store, asked.chosen, _MapFold(stages, asked))


async def list_map_people(
    store: TouchpointStore, asked: MapQuestion, question: MapPeople
) -> list[str]:
    """Returns ids of people behind a number. Raises QuestionTooLarge."""
    return await ask(store, asked.chosen, question)


def _columns(stages: Sequence[Stage], asked: MapQuestion) -> frozenset[str]:
    begins = columns_of_rules((Rule(asked.begins),))
    return columns_of(stages) | begins | ({asked.by} if asked.by else set())


def _before(stages: Sequence[Stage]) -> timedelta:
    return EVER if looks_at_others(stages) else AT_ONCE
