"""One person's journey through a map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np

from journey.funnels.placement import Placement, columns_of
from journey.maps.model import Stage
from journey.people.model import Person
from journey.store.person import batch_of_person
from journey.store.store import JourneyStore, StoredTouchpoint
from journey.touchpoints.acts import EVENT_OF_REQUEST, is_act
from journey.touchpoints.model import Outcome, Source, Touchpoint

MOST_TOUCHPOINTS: Final = 1_000
DEFAULT_TOUCHPOINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's stay in a stage.

    `time` is from each of its touchpoints to the next one of any stage.
    """

    touchpoints: int = 0
    errors: int = 0
    refused: int = 0
    time: timedelta = timedelta()
    entered_at: datetime | None = None
    left_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A touchpoint and the number of the first stage whose rules it satisfies, or None."""

    row: Touchpoint
    properties: dict[str, str]
    stage: int | None


@dataclass(frozen=True, slots=True)
class Journey:
    """Stays by stage, in the map's order, and the newest touchpoints, in the order of time."""

    person: Person
    stays: list[Stay]
    touchpoints: list[Placed]
    is_truncated: bool


async def get_journey(
    store: JourneyStore,
    person: Person,
    stages: Sequence[Stage],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 0,
) -> Journey | None:
    """The journey in a time; None for a person without acts in it.

    Occurrences are counted over all history, in any time range.
    """
    limit = min(limit, MOST_TOUCHPOINTS) if limit > 0 else DEFAULT_TOUCHPOINTS
    acts = _acts_of(await store.list_of_person(person))
    placed = [
        Placed(one.row, one.properties, stage)
        for one, stage in zip(acts, _stages_of(acts, stages), strict=True)
        if (since is None or one.row.occurred_at >= since)
        and (until is None or one.row.occurred_at < until)
    ]
    if not placed:
        return None
    stays = _stays_of(placed, len(stages))
    return Journey(person, stays, placed[-limit:], len(placed) > limit)


def _acts_of(rows: Sequence[StoredTouchpoint]) -> list[StoredTouchpoint]:
    """Returns the acts; one that an event tells lasted as long as the request of its trace."""
    lasted: dict[tuple[UUID | None, str], int] = {}
    acts = []
    for one in rows:
        row = one.row
        if is_act(row.kind, row.source, row.outcome):
            acts.append(one)
        elif row.duration_ms is not None:
            key = row.trace_id, EVENT_OF_REQUEST[row.kind]
            lasted[key] = max(row.duration_ms, lasted.get(key, 0))
    return [_lasting(one, lasted.get((one.row.trace_id, one.row.kind))) for one in acts]


def _lasting(one: StoredTouchpoint, duration_ms: int | None) -> StoredTouchpoint:
    row = one.row
    if duration_ms is None or row.source != Source.EVENT or row.trace_id is None:
        return one
    if row.duration_ms is not None:
        return one
    return replace(one, row=row._replace(duration_ms=duration_ms))


def _stages_of(acts: Sequence[StoredTouchpoint], stages: Sequence[Stage]) -> list[int | None]:
    """Returns the number of the first stage whose rules each touchpoint satisfies, or None."""
    if not acts:
        return []
    batch = batch_of_person(acts, columns_of(stages))
    numbers = Placement(batch, np.ones(len(acts), dtype=np.bool_)).stage_numbers(stages)
    return [number if number < len(stages) else None for number in numbers.tolist()]


def _stays_of(placed: Sequence[Placed], stages: int) -> list[Stay]:
    staged = [one for one in placed if one.stage is not None]
    dwell = [timedelta()] * stages
    for one, after in pairwise(staged):
        assert one.stage is not None
        dwell[one.stage] += after.row.occurred_at - one.row.occurred_at
    found = []
    for number in range(stages):
        mine = [one.row for one in staged if one.stage == number]
        found.append(
            Stay(
                len(mine),
                sum(row.outcome == Outcome.ERROR for row in mine),
                sum(row.outcome == Outcome.REFUSED for row in mine),
                dwell[number],
                mine[0].occurred_at,
                mine[-1].occurred_at,
                mine[-1].outcome,
            )
            if mine
            else Stay()
        )
    return found
