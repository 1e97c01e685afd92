"""Keeping insights: a change that goes on is one row, which closes when it ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, update
from sqlmodel import col

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import real_now, uuid7
from journey.insights.detect import Change
from journey.insights.model import (
    Audience,
    Insight,
    InsightProgress,
    InsightSettings,
    InsightState,
    MapDay,
)
from journey.insights.queries import SETTINGS, lock_open_insights
from journey.insights.worth import Worth, added
from journey.webhooks.actions import queue_deliveries

# A day of one map is measured and judged in seconds.
LEASE: Final = timedelta(minutes=15)
_KEPT_DAYS: Final = timedelta(days=70)
_KEPT: Final = timedelta(days=400)
_CLAIM: Final = prepare(
    update(InsightProgress)
    .where(
        col(InsightProgress.map_slug) == bindparam("map"),
        or_(
            col(InsightProgress.leased_until).is_(None),
            col(InsightProgress.leased_until) < bindparam("now"),
        ),
    )
    .values(leased_until=bindparam("until"))
)
_DELETE_DAYS: Final = prepare(delete(MapDay).where(col(MapDay.day) < bindparam("before")))
_DELETE_OLD: Final = prepare(
    delete(Insight).where(
        col(Insight.state) == InsightState.CLOSED.value,
        col(Insight.changed_at) < bindparam("before"),
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """A change of a day, with whom it is about and what it is worth."""

    change: Change
    audience: Audience
    worth: Worth


async def put_settings(
    tx: Tx, settings: InsightSettings, *, actor_id: UUID, expected_version: int
) -> InsightSettings:
    """Replaces what is watched, with an audit row. Raises VersionMismatch."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended('insight_settings', 14))")
    before = await tx.lock(InsightSettings, SETTINGS)
    version = before.version if before else 0
    if expected_version and version != expected_version:
        raise VersionMismatch(version=version)
    settings.version = before.version if before else 1
    if before is None:
        await tx.insert(settings)
    else:
        await tx.update(settings)
    record_audit(
        tx,
        actor_id,
        "put_insight_settings",
        "insight_settings",
        before=before.facts if before else None,
        after=settings.facts,
    )
    return settings


async def claim_map(tx: Tx, map: str) -> InsightProgress | None:
    """Takes the judging of a map; None while another process has it."""
    await tx.insert_new(InsightProgress(map_slug=map))
    now = real_now()
    if not await tx.execute(_CLAIM, map=map, now=now, until=now + LEASE):
        return None
    return await tx.get(InsightProgress, map)


async def release_map(tx: Tx, map: str) -> None:
    """Gives the judging of a map back."""
    if (progress := await tx.lock(InsightProgress, map)) is not None:
        await tx.update(progress.copy_row(leased_until=None))


async def record_day(tx: Tx, map: str, day: date, found: Sequence[Found]) -> list[Insight]:
    """Opens, updates and closes the insights of a map by the changes of a day, once.

    Returns those that changed. Each is told to webhooks with the commit.
    """
    progress = await tx.lock(InsightProgress, map)
    if progress is None or (progress.judged_on is not None and progress.judged_on >= day):
        return []
    await tx.update(progress.copy_row(judged_on=day, leased_until=real_now() + LEASE))
    seen = {(one.change.subject, one.change.measure, one.change.is_rise): one for one in found}
    changed: list[Insight] = []
    for row in await lock_open_insights(tx, map):
        one = seen.pop((row.subject, row.measure, row.is_rise), None)
        changed.append(await (_update(tx, row, day, one) if one else _close(tx, row, day)))
    for one in seen.values():
        changed.append(await _open(tx, map, day, one))
    return changed


async def close_insights(tx: Tx, map: str, day: date) -> None:
    """Closes the insights of a map that is not watched any more, or gone."""
    for row in await lock_open_insights(tx, map):
        await _close(tx, row, day)


async def delete_old_insights(tx: Tx) -> None:
    """Deletes days that are compared no more, and insights that closed long ago."""
    await tx.execute(_DELETE_DAYS, before=(tx.now - _KEPT_DAYS).date())
    await tx.execute(_DELETE_OLD, before=tx.now - _KEPT)


async def keep_days(tx: Tx, days: Iterable[MapDay]) -> None:
    """Keeps the measures of days in place of older ones."""
    await tx.upsert_many(MapDay, list(days))


async def _open(tx: Tx, map: str, day: date, found: Found) -> Insight:
    change, worth = found.change, found.worth
    row = Insight(
        id=uuid7(),
        map_slug=map,
        subject=change.subject,
        measure=change.measure,
        is_rise=change.is_rise,
        began_on=day,
        last_on=day,
        actual=change.actual,
        expected=change.expected,
        score=change.score,
        volume=change.volume,
        audience=found.audience,
        likely=worth.likely,
        at_most=worth.at_most,
        pains=worth.pains,
        created_at=tx.now,
        changed_at=tx.now,
    )
    await tx.insert(row)
    await queue_deliveries(tx, row, "insight.opened")
    return row


async def _update(tx: Tx, row: Insight, day: date, found: Found) -> Insight:
    change, worth = found.change, found.worth
    updated = row.copy_row(
        last_on=day,
        days=row.days + 1,
        actual=change.actual,
        expected=change.expected,
        score=change.score,
        volume=change.volume,
        audience=found.audience,
        likely=added(row.likely, worth.likely),
        at_most=added(row.at_most, worth.at_most),
        pains=worth.pains or row.pains,
        changed_at=tx.now,
    )
    await tx.update(updated)
    await queue_deliveries(tx, updated, "insight.updated")
    return updated


async def _close(tx: Tx, row: Insight, day: date) -> Insight:
    closed = row.copy_row(state=InsightState.CLOSED, ended_on=day, changed_at=tx.now)
    await tx.update(closed)
    await queue_deliveries(tx, closed, "insight.closed")
    return closed


def days_to_judge(judged_on: date | None, now: datetime, *, first: int, most: int) -> list[date]:
    """Returns the days that are over and not judged, the oldest first.

    `now` is local. A map that was never judged begins `first` days ago; of a longer absence the
    last `most` days are judged.
    """
    last = now.date() - timedelta(days=1)
    begin = last - timedelta(days=first - 1) if judged_on is None else judged_on + timedelta(days=1)
    begin = max(begin, last - timedelta(days=most - 1))
    return [begin + timedelta(days=number) for number in range((last - begin).days + 1)]
