"""Keeping segments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import bindparam
from sqlmodel import select

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from journey.errors import SegmentIsNamed
from journey.segments.model import Segment
from journey.segments.queries import list_questions_with_segment, lock_segment

_VERSION: Final = prepare(
    select(Segment.version, Segment.owner_id, Segment.created_at)
    .where(Segment.slug == bindparam("slug"))
    .with_for_update()
)
_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment as it is put; its filter was checked."""

    slug: str
    name: str
    filter: Mapping[str, JsonValue]


async def put_segment(tx: Tx, new: NewSegment, *, actor_id: UUID, expected_version: int) -> Segment:
    """Creates or replaces a segment, with an audit row; its owner stays.

    `expected_version` 0 means any. Raises VersionMismatch.
    """
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [new.slug])
    # Without the filter, so that a segment whose filter cannot be read can be replaced.
    found = await tx.one(_VERSION, slug=new.slug)
    before, owner_id, created_at = found or (None, actor_id, tx.now)
    if expected_version and before != expected_version:
        raise VersionMismatch(version=before or 0)
    segment = Segment(
        slug=new.slug,
        version=before or 1,
        name=new.name,
        filter=dict(new.filter),
        owner_id=owner_id,
        created_at=created_at,
        changed_at=tx.now,
    )
    if before is None:
        await tx.insert(segment)
    else:
        await tx.update(segment)
    record_audit(
        tx,
        actor_id,
        "put_segment",
        f"segment:{new.slug}",
        before=None if before is None else {"version": before},
        after={"version": segment.version},
    )
    return segment


async def delete_segment(tx: Tx, slug: str, *, actor_id: UUID, expected_version: int) -> None:
    """Deletes a segment that no saved question names, with an audit row.

    Raises SegmentNotFound, SegmentIsNamed, VersionMismatch.
    """
    segment = await lock_segment(tx, slug)
    if expected_version and segment.version != expected_version:
        raise VersionMismatch(version=segment.version)
    if questions := await list_questions_with_segment(tx, slug):
        raise SegmentIsNamed(questions=", ".join(questions[:_MOST_TOLD]))
    await tx.delete(segment)
    record_audit(
        tx,
        actor_id,
        "delete_segment",
        f"segment:{slug}",
        before={"version": segment.version},
        after=None,
    )
