"""Sessions: a subject's stay, from a login to a logout, across refreshes. All times are real time: a shifted clock ends no session."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index, bindparam, delete, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from identity.credentials.model import SubjectKind
from identity.sessions.refresh_tokens import RefreshToken

# Partial indexes serve only statements that hold their conditions as text: a parameter could be anything.
_HAS_ACCOUNT: Final = text("kind <> 'guest'")
_IS_UNUSED_GUEST: Final = text("kind = 'guest' AND rotated_at IS NULL")


class Session(Row, table=True):
    """A session, whose one live refresh token is known by its digest. `rotated_at` is when `previous_digest` was traded."""

    __tablename__ = "session"
    __table_args__ = (
        states("kind", SubjectKind),
        # Guests are never looked up by subject, and they are most of the rows.
        Index("session_subject_id", "subject_id", postgresql_where=_HAS_ACCOUNT),
        Index("session_unused_guest", "created_at", postgresql_where=_IS_UNUSED_GUEST),
    )

    id: UUID = Field(primary_key=True)
    subject_id: UUID
    kind: SubjectKind = code(SubjectKind)
    channel: str
    refresh_digest: bytes
    previous_digest: bytes | None = None
    rotated_at: datetime | None = None
    created_at: datetime
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None

    def rotate(self, successor: RefreshToken, now: datetime) -> None:
        """Makes `successor` the live token."""
        self.previous_digest, self.refresh_digest, self.rotated_at = self.refresh_digest, successor.digest, now

    def may_repeat(self, token: RefreshToken, now: datetime, *, grace_seconds: float) -> bool:
        """Whether a traded token comes from a client that lost the answer: it was traded just now, and its successor was never used."""
        is_last = token.is_of(self.previous_digest)
        return is_last and self.rotated_at is not None and now - self.rotated_at <= timedelta(seconds=grace_seconds)


_IS_ALIVE: Final = col(Session.revoked_at).is_(None)
_REVOKE: Final = prepare(update(Session).where(col(Session.id) == bindparam("session_id"), _IS_ALIVE).values(revoked_at=bindparam("now")))
_REVOKE_ALL: Final = prepare(
    update(Session).where(col(Session.subject_id) == bindparam("subject"), _HAS_ACCOUNT, _IS_ALIVE).values(revoked_at=bindparam("now"))
)
_old: Final = aliased(Session)
_SWEEP: Final = prepare(
    delete(Session).where(
        col(Session.id).in_(
            select(_old.id)
            .where(_old.expires_at < bindparam("before"))
            .order_by(col(_old.expires_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
)
_DELETE_UNUSED_GUESTS: Final = prepare(
    delete(Session).where(
        col(Session.id).in_(
            select(_old.id)
            .where(_IS_UNUSED_GUEST, _old.created_at < bindparam("before"))
            .order_by(col(_old.created_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
)


async def revoke(tx: Tx, session_id: UUID, now: datetime) -> None:
    """Ends a session. Idempotent."""
    await tx.execute(_REVOKE, session_id=session_id, now=now)


async def revoke_all_of(tx: Tx, subject_id: UUID, now: datetime) -> None:
    """Ends all sessions of a customer or a member of staff."""
    await tx.execute(_REVOKE_ALL, subject=subject_id, now=now)


async def sweep(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes sessions that expired earlier. Returns how many; others' sweeps are passed over."""
    return await tx.execute(_SWEEP, before=before, most=at_most)


async def delete_unused_guests(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes guests' sessions that were made earlier and never refreshed. Returns how many; others' sweeps are passed over.

    An access token lives 15 minutes, so a guest who is there has refreshed.
    """
    return await tx.execute(_DELETE_UNUSED_GUESTS, before=before, most=at_most)
