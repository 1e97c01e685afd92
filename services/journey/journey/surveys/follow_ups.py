"""Follow-up tasks: low scores that staff look into, until they close them with a reason."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.rows import Field, Row, code, counter, states
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import VersionMismatch
from journey.errors import FollowUpIsClosed, FollowUpNotFound
from journey.surveys.model import Survey, SurveyAnswer


class FollowUpState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FollowUp(Row, table=True):
    """A task about one answer, opened by a score at or below the survey's `follow_up_at`.

    `note` may hold personal data: it is never logged, and no part of an audit row.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        states("state", FollowUpState),
        Index("follow_up_state", "state", "opened_at", "id"),
        Index("follow_up_survey", "survey_slug"),
    )

    # The invitation whose answer it is about.
    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    survey_slug: str
    score: int
    state: FollowUpState = code(FollowUpState, default=FollowUpState.OPEN)
    assignee_id: UUID | None = None
    note: str = Field(default="", repr=False)
    reason: str = ""
    opened_at: datetime
    closed_at: datetime | None = None


async def open_follow_up(tx: Tx, survey: Survey, answer: SurveyAnswer) -> None:
    """Opens a task where the score is low, or writes a corrected score into its task."""
    score, limit = answer.score, survey.follow_up_at
    if score is None:
        return
    if (known := await tx.lock(FollowUp, answer.invitation_id)) is not None:
        if known.score != score:
            known.score = score
            await tx.update(known)
        return
    if limit is not None and score <= limit:
        await tx.insert(
            FollowUp(
                id=answer.invitation_id,
                survey_slug=survey.slug,
                score=score,
                opened_at=tx.now,
            )
        )


async def get_follow_up(read: Read, id: UUID) -> FollowUp:
    """Returns a task. Raises FollowUpNotFound."""
    if (found := await read.get(FollowUp, id)) is None:
        raise FollowUpNotFound
    return found


async def list_follow_ups(
    read: Read,
    *,
    state: FollowUpState | None,
    survey_slug: str,
    assignee_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[FollowUp]:
    """Returns tasks, the oldest first: those wait longest."""
    query = select(FollowUp).order_by(col(FollowUp.opened_at), col(FollowUp.id)).limit(limit)
    if state is not None:
        query = query.where(col(FollowUp.state) == state)
    if survey_slug:
        query = query.where(col(FollowUp.survey_slug) == survey_slug)
    if assignee_id is not None:
        query = query.where(col(FollowUp.assignee_id) == assignee_id)
    if after is not None:
        at, id = after
        is_later = (col(FollowUp.opened_at) > at) | (
            (col(FollowUp.opened_at) == at) & (col(FollowUp.id) > id)
        )
        query = query.where(is_later)
    return await read.all(query)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpChange:
    """A change of a task. None leaves a field; `is_released` makes it nobody's."""

    assignee_id: UUID | None = None
    is_released: bool = False
    note: str | None = None


async def update_follow_up(
    tx: Tx, id: UUID, *, actor_id: UUID, change: FollowUpChange, expected_version: int
) -> FollowUp:
    """Gives a task to a member of the staff, or to nobody, and replaces its note.

    Raises FollowUpNotFound, FollowUpIsClosed, VersionMismatch.
    """
    task = await _lock_open(tx, id, expected_version)
    before = task.assignee_id
    if change.assignee_id is not None or change.is_released:
        task.assignee_id = change.assignee_id
    if change.note is not None:
        task.note = change.note
    await tx.update(task)
    record_audit(
        tx,
        actor_id,
        "update_follow_up",
        f"follow_up:{id}",
        before={"assignee_id": str(before or "")},
        after={"assignee_id": str(task.assignee_id or "")},
    )
    return task


async def close_follow_up(
    tx: Tx, id: UUID, *, actor_id: UUID, reason: str, expected_version: int
) -> FollowUp:
    """Closes a task. Raises FollowUpNotFound, FollowUpIsClosed, VersionMismatch."""
    task = await _lock_open(tx, id, expected_version)
    task.state, task.reason, task.closed_at = FollowUpState.CLOSED, reason, tx.now
    await tx.update(task)
    record_audit(
        tx, actor_id, "close_follow_up", f"follow_up:{id}", before={"state": "open"},
        after={"state": "closed"},
    )  # fmt: skip
    return task


async def _lock_open(tx: Tx, id: UUID, expected_version: int) -> FollowUp:
    if (task := await tx.lock(FollowUp, id)) is None:
        raise FollowUpNotFound
    if expected_version and task.version != expected_version:
        raise VersionMismatch(version=task.version)
    if task.state is FollowUpState.CLOSED:
        raise FollowUpIsClosed
    return task
