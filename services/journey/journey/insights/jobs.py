"""Judging maps day by day, as a job that any replica takes up where another one left off."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from journey.errors import MapNotFound, QuestionTooLarge
from journey.estimates.sample import SamplingStore
from journey.insights.actions import (
    Found,
    claim_map,
    close_insights,
    days_to_judge,
    delete_old_insights,
    keep_days,
    record_day,
    release_map,
)
from journey.insights.detect import Change, audience_of, judge, subjects_of
from journey.insights.measure import NEWCOMERS, DayMeasures
from journey.insights.model import (
    Insight,
    InsightSettings,
    MapDay,
    Measure,
    Tallies,
    Tally,
    key_of,
)
from journey.insights.queries import (
    get_settings,
    list_days,
    list_maps_with_open_insights,
    list_watched,
)
from journey.insights.worth import worth_of
from journey.maps.model import Stage, get_map
from journey.questions.analyses.anomalies import LEAST_WEEKS, WEEKS
from journey.questions.analyses.pains import Pain
from journey.questions.analyses.queries import get_pains
from journey.questions.filters import Filter
from journey.questions.fold import ask
from journey.settings import Settings
from journey.store.store import TouchpointStore
from journey.touchpoints.model import has_touchpoints

log = telemetry.log("insights")
# The name under which counts of the whole shop are judged.
SHOP: Final = ""
# A day is read once; a statement of the database takes 30 s at most.
_MOST_SECONDS: Final = 120.0
_SAMPLE_SECONDS: Final = 10.0
_FIRST_DAYS: Final = 28
_MOST_DAYS: Final = 28
# A shop that is too young for weeks is compared with all days before: at least so many of so many.
_LEAST_DAYS: Final = 14
_YOUNG_DAYS: Final = 28
_PAIN_WINDOW: Final = timedelta(hours=24)
# Events of a day may come so late.
_LATE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Watched:
    """A map that is watched; one without stages is the whole shop."""

    map: str
    stages: tuple[Stage, ...]
    settings: InsightSettings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.time_zone)

    @property
    def digest(self) -> str:
        """Returns a digest of all that decides the measures of a day."""
        rules = [[stage.slug, stage.rules] for stage in self.stages]
        facts = [rules, self.settings.time_zone, self.settings.slow_ms]
        return hashlib.sha256(to_json(facts)).hexdigest()

    def day(self, day: date) -> Filter:
        """Returns the filter of a local day."""
        begin = datetime.combine(day, time(), self.zone)
        return Filter(
            since=begin, until=datetime.combine(day + timedelta(days=1), time(), self.zone)
        )


async def find_insights(database: Database, store: TouchpointStore, settings: Settings) -> None:
    """Judges until cancelled, through absences of the database."""
    await run_periodically(
        partial(judge_all, database, store),
        every_seconds=settings.insight_seconds,
        name="insights",
        waits_first=True,
    )


async def judge_all(database: Database, store: TouchpointStore) -> list[Insight]:
    """Judges the days that are over of each watched map. Returns the insights that changed."""
    changed: list[Insight] = []
    watched = await _watched(database)
    for one in watched:
        try:
            changed += await judge_map(database, store, one)
        except QuestionTooLarge as error:
            # Other maps may be smaller; this one is tried again.
            log.warning("a day is too large to be measured", map=one.map, reason=error.reason)
    async with database.tx() as tx:
        gone = set(await list_maps_with_open_insights(tx)) - {one.map for one in watched}
        for map in sorted(gone):
            await close_insights(tx, map, tx.now.date())
        await delete_old_insights(tx)
    return changed


async def _watched(database: Database) -> list[Watched]:
    """Returns what is watched; nothing while there is no history at all."""
    async with database.read() as read:
        if not await has_touchpoints(read):
            return []
        settings = await get_settings(read)
        found = [Watched(SHOP, (), settings)]
        for slug in await list_watched(read, settings):
            try:
                chart = await get_map(read, slug)
            except MapNotFound:
                continue
            if chart.stages:
                found.append(Watched(slug, chart.stages, settings))
    return found


async def judge_map(database: Database, store: TouchpointStore, watched: Watched) -> list[Insight]:
    """Judges a map's days, each in a transaction of its own; nothing while another process does."""
    async with database.tx() as tx:
        progress = await claim_map(tx, watched.map)
        now = tx.now
    if progress is None:
        return []
    changed: list[Insight] = []
    try:
        for day in days_to_judge(
            progress.judged_on,
            (now - _LATE).astimezone(watched.zone),
            first=_FIRST_DAYS,
            most=_MOST_DAYS,
        ):
            found = await _find(database, store, watched, day)
            async with database.tx() as tx:
                changed += await record_day(tx, watched.map, day, found)
    finally:
        async with database.tx() as tx:
            await release_map(tx, watched.map)
    return changed


async def _find(
    database: Database, store: TouchpointStore, watched: Watched, day: date
) -> list[Found]:
    """Returns the changes of a day against the days before it that it is compared with."""
    days = [day - timedelta(weeks=number) for number in range(WEEKS + 1)]
    tallies = await _measure(database, store, watched, days)
    if sum(bool(tallies[one]) for one in days[1:]) < LEAST_WEEKS:
        days = [day - timedelta(days=number) for number in range(_YOUNG_DAYS + 1)]
        tallies = await _measure(database, store, watched, days)
        if sum(bool(tallies[one]) for one in days[1:]) < _LEAST_DAYS:
            return []
    days = [day, *(one for one in days[1:] if tallies[one])]
    actual, past = tallies[day], [tallies[one] for one in days[1:]]
    changes = []
    for subject, measure in subjects_of(_all_subjects(actual, past)):
        key = key_of(subject, measure)
        before = [one.get(key, Tally()) for one in past]
        change = judge(subject, measure, actual.get(key, Tally()), before, watched.settings)
        if change is not None:
            changes.append((change, actual.get(key, Tally()), before))
    if not changes:
        return []
    newcomers = await _by_newcomers(store, watched, days)
    pains = await _pains(store, watched.day(day), changes)
    found = []
    for change, tally, before in changes:
        key = key_of(change.subject, change.measure)
        sides = [
            _with_newcomers(one, parts, key)
            for one, parts in zip([tally, *before], newcomers, strict=False)
        ] or [tally, *before]
        audience = audience_of(change, sides[0], sides[1:])
        kinds = actual.get(key_of(change.subject, Measure.ERRORS), Tally()).kinds
        of_stage = [one for one in pains if one.kind in kinds]
        found.append(Found(change, audience, worth_of(change, tally, before, of_stage)))
    return found


def _all_subjects(actual: Tallies, past: Sequence[Tallies]) -> Tallies:
    """Returns what is judged: also what was there on the days before and is gone."""
    keys: Tallies = dict(actual)
    for one in past:
        keys |= one
    return keys


async def _measure(
    database: Database, store: TouchpointStore, watched: Watched, days: Sequence[date]
) -> dict[date, Tallies]:
    """Returns the tallies of days, and keeps those that were not measured yet."""
    digest = watched.digest
    async with database.read() as read:
        kept = await list_days(read, watched.map, digest, days)
    found = {one.day: one.tallies for one in kept}
    for day in days:
        if day in found:
            continue
        chosen = watched.day(day)
        question = DayMeasures(watched.stages, [chosen], slow_ms=watched.settings.slow_ms)
        (found[day],) = await ask(store, chosen, question, most_seconds=_MOST_SECONDS)
        async with database.tx() as tx:
            row = MapDay(
                map_slug=watched.map,
                day=day,
                digest=digest,
                measured_at=tx.now,
                tallies=found[day],
            )
            await keep_days(tx, [row])
    return found


async def _by_newcomers(
    store: TouchpointStore, watched: Watched, days: Sequence[date]
) -> list[Tallies]:
    """Returns tallies by new and returning people, of a sample where all are too many."""
    filters = [watched.day(day) for day in days]
    question = DayMeasures(
        watched.stages, filters, slow_ms=watched.settings.slow_ms, by_newcomers=True
    )
    whole = Filter(since=filters[-1].since, until=filters[0].until)
    try:
        return await ask(
            SamplingStore(store, _SAMPLE_SECONDS), whole, question, most_seconds=_MOST_SECONDS
        )
    except QuestionTooLarge:
        return []


def _with_newcomers(tally: Tally, parts: Tallies, key: str) -> Tally:
    """Returns a tally that is parted by newcomers too.

    Parts of a sample are parts of the whole only by their shares, which is all that is compared.
    """
    of_sample = parts.get(key, Tally())
    if not of_sample.n:
        return tally
    scale = tally.n / of_sample.n
    values = {
        name: (round(n * scale), round(k * scale))
        for name, (n, k) in of_sample.by.get(NEWCOMERS, {}).items()
    }
    return Tally(tally.n, tally.k, {**tally.by, NEWCOMERS: values})


async def _pains(
    store: TouchpointStore, day: Filter, changes: Sequence[tuple[Change, Tally, list[Tally]]]
) -> list[Pain]:
    """Returns the pains of a day, where a change of a stage may be explained by them."""
    assert day.until is not None
    if all(change.measure is Measure.COUNT for change, _, _ in changes):
        return []
    try:
        # Orders that came by now count; who met a pain late had less time for one.
        return await get_pains(store, day, _PAIN_WINDOW, day.until + _PAIN_WINDOW)
    except QuestionTooLarge:
        return []
