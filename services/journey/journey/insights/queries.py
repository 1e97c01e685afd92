"""Reads of insights, of days that are measured, and of the settings."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, tuple_
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from journey.errors import InsightNotFound
from journey.imports.queries import get_last_import
from journey.insights.model import (
    MOST_WATCHED,
    Insight,
    InsightProgress,
    InsightSettings,
    InsightState,
    MapDay,
    Measure,
)
from journey.maps.model import BUILT_IN, MapRow

SETTINGS: Final = "default"
_OPEN: Final = prepare(
    select(Insight)
    .where(col(Insight.map_slug) == bindparam("map"), col(Insight.state) == InsightState.OPEN.value)
    .order_by(col(Insight.id))
    .with_for_update()
)
_OPEN_MAPS: Final = prepare(
    select(Insight.map_slug).where(col(Insight.state) == InsightState.OPEN.value).distinct()
)
_MAPS: Final = prepare(select(Insight.map_slug).distinct())
_JUDGED: Final = prepare(select(func.max(InsightProgress.judged_on)))
_OTHERS: Final = prepare(select(MapRow.slug).order_by(col(MapRow.slug)).limit(MOST_WATCHED - 1))


async def get_settings(read: Read) -> InsightSettings:
    """Returns the settings; the usual ones have the version 0."""
    return await read.get(InsightSettings, SETTINGS) or InsightSettings(version=0)


async def list_watched(read: Read, settings: InsightSettings) -> list[str]:
    """Returns the slugs of the maps that are watched; a map that is gone may be among them."""
    return list(settings.maps) or [BUILT_IN, *await read.all(_OTHERS)]


async def get_insight(read: Read, id: UUID) -> Insight:
    """Returns an insight. Raises InsightNotFound."""
    if (found := await read.get(Insight, id)) is None:
        raise InsightNotFound
    return found


async def list_insights(
    read: Read,
    *,
    map: str = "",
    state: InsightState | None = None,
    measure: Measure | None = None,
    hidden: Sequence[str] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Insight]:
    """Returns insights, those that changed last first; none of hidden maps."""
    changed_at, id = col(Insight.changed_at), col(Insight.id)
    query = select(Insight).order_by(changed_at.desc(), id.desc()).limit(limit)
    if map:
        query = query.where(col(Insight.map_slug) == map)
    if state is not None:
        query = query.where(col(Insight.state) == state.value)
    if measure is not None:
        query = query.where(col(Insight.measure) == measure.value)
    if hidden:
        query = query.where(~one_of(Insight.map_slug, hidden))
    if after is not None:
        query = query.where(tuple_(changed_at, id) < after)
    return await read.all(query)


async def list_maps_of_insights(read: Read) -> list[str]:
    """Returns the slugs of maps that have insights."""
    return await read.all(_MAPS)


async def list_maps_with_open_insights(read: Read) -> list[str]:
    """Returns the slugs of maps of which a change goes on."""
    return await read.all(_OPEN_MAPS)


async def lock_open_insights(tx: Tx, map: str) -> list[Insight]:
    """Returns the changes of a map that go on, locked."""
    return await tx.all(_OPEN, map=map)


async def get_last_judged(read: Read) -> date | None:
    """Returns the last day that was judged of any map."""
    return await read.one(_JUDGED)


async def list_days(read: Read, map: str, digest: str, days: Sequence[date]) -> list[MapDay]:
    """Returns the measured days among some, as far as they are measured by what holds now.

    A day that was measured before an import of history ended is measured anew.
    """
    query = select(MapDay).where(
        col(MapDay.map_slug) == map, col(MapDay.digest) == digest, one_of(MapDay.day, days)
    )
    imported_at = await get_last_import(read)
    found = await read.all(query)
    return [one for one in found if imported_at is None or one.measured_at > imported_at]
