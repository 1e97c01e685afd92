"""Counting tries minute by minute, and history backwards until the longest window is full."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from pydantic_core import to_json

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from journey import metrics
from journey.errors import QuestionTooLarge
from journey.maps.model import JourneyMap, Stage, list_maps
from journey.objectives.actions import (
    LONGEST,
    claim_count,
    delete_old_slots,
    keep_tries,
    release_count,
)
from journey.objectives.count import CountTries
from journey.objectives.model import MOST_COUNTED, SLOT, Kept, ObjectiveCount
from journey.objectives.queries import get_count, list_kept
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.settings import Settings
from journey.store.store import TouchpointStore
from journey.touchpoints.model import has_touchpoints

log = telemetry.log("objectives")
# Touchpoints of services and beacons may come so late; they are counted then.
_LATE: Final = timedelta(minutes=15)
_PIECE: Final = timedelta(days=1)
_MOST_SECONDS: Final = 60.0
# Pieces of history of one map before others have their turn.
_MOST_PIECES: Final = 7


async def count_objectives(database: Database, store: TouchpointStore, settings: Settings) -> None:
    """Counts until cancelled, through absences of the database."""
    count_once = partial(count_all, database, store)
    await run_periodically(count_once, every_seconds=settings.objective_seconds, name="objectives")


async def count_all(database: Database, store: TouchpointStore) -> None:
    """Counts the tries of each map with objectives, and sets the gauges.

    Each replica sets its own gauges, whichever counted.
    """
    charts = await _charts(database)
    async with database.read() as read:
        is_empty = not await has_touchpoints(read)
    for chart in charts if not is_empty else ():
        try:
            await count_map(database, store, chart)
        except QuestionTooLarge as error:
            # Other maps may be smaller; this one is tried again.
            log.warning("tries cannot be counted in time", map=chart.slug, reason=error.reason)
    async with database.tx() as tx:
        await delete_old_slots(tx)
    async with database.read() as read:
        kept = []
        for chart in charts:
            count = await get_count(read, chart.slug)
            until = count.counted_until if count else None
            found = await list_kept(read, chart.slug, chart.stages, until)
            kept += [(chart.slug, one) for one in found]
    set_gauges(kept)


async def _charts(database: Database) -> list[JourneyMap]:
    """Returns the maps with objectives, as many as may be counted."""
    async with database.read() as read:
        charts = await list_maps(read)
    found, objectives = [], 0
    for chart in charts:
        count = sum(len(stage.objectives) for stage in chart.stages)
        if count and objectives + count <= MOST_COUNTED:
            found.append(chart)
            objectives += count
    return found


async def count_map(database: Database, store: TouchpointStore, chart: JourneyMap) -> None:
    """Counts what is new, and some days of history; nothing while another process does."""
    async with database.tx() as tx:
        now = _floor(tx.now)
        count = await claim_count(tx, chart.slug, digest_of(chart.stages), now)
    if count is None:
        return
    try:
        for period in new_periods(count, now) + old_periods(count, now):
            chosen = Filter(since=period[0], until=period[1])
            question = CountTries(chart.stages, chosen)
            found = await ask(store, chosen, question, most_seconds=_MOST_SECONDS)
            async with database.tx() as tx:
                if await keep_tries(tx, count, period, found) is None:
                    return
    finally:
        async with database.tx() as tx:
            await release_count(tx, chart.slug)


def digest_of(stages: Sequence[Stage]) -> str:
    """Returns a digest of all that decides on tries."""
    facts = [[stage.slug, stage.rules, stage.objectives] for stage in stages]
    return hashlib.sha256(to_json(facts)).hexdigest()


def new_periods(count: ObjectiveCount, now: datetime) -> list[tuple[datetime, datetime]]:
    """Returns what came since the last count, and what may have come late, in order."""
    since = max(count.counted_until - _LATE, min(count.counted_since, now))
    found: list[tuple[datetime, datetime]] = []
    while since < now:
        until = min(since + _PIECE, now)
        found.append((since, until))
        since = until
    return found


def old_periods(count: ObjectiveCount, now: datetime) -> list[tuple[datetime, datetime]]:
    """Returns pieces of history that are not counted yet, the newest first."""
    until, first = count.counted_since, now - LONGEST
    found: list[tuple[datetime, datetime]] = []
    while until > first and len(found) < _MOST_PIECES:
        since = max(until - _PIECE, first)
        found.append((since, until))
        until = since
    return found


def set_gauges(kept: Sequence[tuple[str, Kept]]) -> None:
    """Sets the series of objectives; those of objectives that are gone end."""
    gauges = (
        metrics.objective_burn_rate,
        metrics.objective_bad_tries,
        metrics.objective_budget_left,
    )
    for gauge in gauges:
        gauge.clear()
    for map, one in kept:
        labels = (map, one.stage, one.objective.kind.value)
        for window, tries in one.windows.items():
            rate = tries.burn_rate(one.objective)
            metrics.objective_burn_rate.labels(*labels, window).set(rate or 0.0)
            metrics.objective_bad_tries.labels(*labels, window).set(tries.bad)
        if (left := one.budget_left) is not None:
            metrics.objective_budget_left.labels(*labels).set(left)


def _floor(at: datetime) -> datetime:
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
