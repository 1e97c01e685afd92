"""Keeping questions."""

from collections.abc import Iterable, Mapping
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
from journey.errors import InvalidQuestion, SegmentNotFound
from journey.saved_questions.model import SavedQuestion
from journey.saved_questions.queries import lock_saved_question
from journey.segments.queries import lock_segment

_VERSION: Final = prepare(
    select(SavedQuestion.version, SavedQuestion.owner_id, SavedQuestion.created_at)
    .where(SavedQuestion.slug == bindparam("slug"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class NewSavedQuestion:
    """A question as it is put; its request was checked, and names these segments."""

    slug: str
    name: str
    kind: str
    request: Mapping[str, JsonValue]
    segments: Iterable[str]


async def put_saved_question(
    tx: Tx, new: NewSavedQuestion, *, actor_id: UUID, expected_version: int
) -> SavedQuestion:
    """Creates or replaces a saved question, with an audit row; its owner stays.

    `expected_version` 0 means any. Raises InvalidQuestion for a segment that was deleted meanwhile,
    VersionMismatch.
    """
    segments = sorted(set(new.segments))
    await _lock_segments(tx, segments)
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", [new.slug])
    found = await tx.one(_VERSION, slug=new.slug)
    before, owner_id, created_at = found or (None, actor_id, tx.now)
    if expected_version and before != expected_version:
        raise VersionMismatch(version=before or 0)
    question = SavedQuestion(
        slug=new.slug,
        version=before or 1,
        name=new.name,
        kind=new.kind,
        request=dict(new.request),
        segments=segments,
        owner_id=owner_id,
        created_at=created_at,
        changed_at=tx.now,
    )
    if before is None:
        await tx.insert(question)
    else:
        await tx.update(question)
    record_audit(
        tx,
        actor_id,
        "put_saved_question",
        f"saved_question:{new.slug}",
        before=None if before is None else {"version": before},
        after={"version": question.version, "kind": question.kind},
    )
    return question


async def delete_saved_question(
    tx: Tx, slug: str, *, actor_id: UUID, expected_version: int
) -> None:
    """Deletes a saved question, with an audit row.

    Raises SavedQuestionNotFound, VersionMismatch.
    """
    question = await lock_saved_question(tx, slug)
    if expected_version and question.version != expected_version:
        raise VersionMismatch(version=question.version)
    await tx.delete(question)
    record_audit(
        tx,
        actor_id,
        "delete_saved_question",
        f"saved_question:{slug}",
        before={"version": question.version, "kind": question.kind},
        after=None,
    )


async def _lock_segments(tx: Tx, slugs: Iterable[str]) -> None:
    """Keeps segments from being deleted until the commit. All callers lock in one order."""
    for slug in slugs:
        try:
            await lock_segment(tx, slug)
        except SegmentNotFound:
            raise InvalidQuestion(f"no segment {slug}", field="request.filter.segment") from None
