"""Keeping counts of tries: each piece of time in a transaction of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, or_, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from journey.imports.queries import get_last_import
from journey.maps.objectives import WINDOW_DAYS
from journey.objectives.count import SlotKey
from journey.objectives.model import ObjectiveCount, ObjectiveSlot, Tries

LEASE: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(days=max(WINDOW_DAYS))
_CLAIM: Final = prepare(
    update(ObjectiveCount)
    .where(
        col(ObjectiveCount.map_slug) == bindparam("map"),
        or_(
            col(ObjectiveCount.leased_until).is_(None),
            col(ObjectiveCount.leased_until) < bindparam("now"),
        ),
    )
    .values(leased_until=bindparam("until"))
)
_DELETE: Final = prepare(
    delete(ObjectiveSlot).where(
        col(ObjectiveSlot.map_slug) == bindparam("map"),
        col(ObjectiveSlot.slot_at) >= bindparam("since"),
        col(ObjectiveSlot.slot_at) < bindparam("until"),
    )
)
_DELETE_OLD: Final = prepare(
    delete(ObjectiveSlot).where(col(ObjectiveSlot.slot_at) < bindparam("before"))
)
_DELETE_ALL: Final = prepare(
    delete(ObjectiveSlot).where(col(ObjectiveSlot.map_slug) == bindparam("map"))
)


async def claim_count(tx: Tx, map: str, digest: str, now: datetime) -> ObjectiveCount | None:
    """Takes the counting of a map; None while another process has it.

    It begins anew where the map's rules or objectives changed, history was imported, or nothing
    was counted for longer than any objective's window.
    """
    fresh = ObjectiveCount(
        map_slug=map, digest=digest, counted_since=now, counted_until=now, counted_at=tx.now
    )
    await tx.insert_new(fresh)
    real = real_now()
    if not await tx.execute(_CLAIM, map=map, now=real, until=real + LEASE):
        return None
    found = await tx.lock(ObjectiveCount, map)
    assert found is not None
    imported_at = await get_last_import(tx)
    is_stale = imported_at is not None and imported_at > found.counted_at
    if found.digest == digest and not is_stale and abs(now - found.counted_until) < LONGEST:
        return found
    await tx.execute(_DELETE_ALL, map=map)
    again = fresh.copy_row(leased_until=found.leased_until)
    await tx.update(again)
    return again


async def keep_tries(
    tx: Tx,
    count: ObjectiveCount,
    period: tuple[datetime, datetime],
    found: Mapping[SlotKey, Tries],
) -> ObjectiveCount | None:
    """Replaces the tries of a period, which becomes part of what is counted.

    Returns None where the count began anew meanwhile.
    """
    since, until = period
    row = await tx.lock(ObjectiveCount, count.map_slug)
    if row is None or row.digest != count.digest or row.counted_at != count.counted_at:
        return None
    await tx.execute(_DELETE, map=count.map_slug, since=since, until=until)
    slots = [
        ObjectiveSlot(
            map_slug=count.map_slug,
            stage=stage,
            kind=kind,
            slot_at=at,
            tries=one.tries,
            bad=one.bad,
        )
        for (stage, kind, at), one in found.items()
    ]
    await tx.upsert_many(ObjectiveSlot, slots)
    row = row.copy_row(
        counted_since=min(row.counted_since, since), counted_until=max(row.counted_until, until)
    )
    await tx.update(row)
    return row


async def release_count(tx: Tx, map: str) -> None:
    """Gives the counting of a map back."""
    if (row := await tx.lock(ObjectiveCount, map)) is not None:
        await tx.update(row.copy_row(leased_until=None))


async def delete_old_slots(tx: Tx) -> None:
    """Deletes tries that no objective's window reaches any more."""
    await tx.execute(_DELETE_OLD, before=tx.now - LONGEST - timedelta(days=1))
