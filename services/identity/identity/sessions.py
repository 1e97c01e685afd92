"""Sessions: a subject's stay, from a login to a logout, across refreshes. All times are real time: a shifted clock ends no session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from identity.credentials import SubjectKind
from identity.refresh_tokens import RefreshToken


@dataclass(kw_only=True)
class Session(Row, table="session"):
    """A session, whose one live refresh token is known by its digest. `rotated_at` is when `previous_digest` was traded."""

    id: UUID
    subject_id: UUID
    kind: SubjectKind
    channel: str
    refresh_digest: bytes
    previous_digest: bytes | None = None
    rotated_at: datetime | None = None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def rotate(self, successor: RefreshToken, now: datetime) -> None:
        """Makes `successor` the live token."""
        self.previous_digest, self.refresh_digest, self.rotated_at = self.refresh_digest, successor.digest, now

    def may_repeat(self, token: RefreshToken, now: datetime, *, grace_seconds: float) -> bool:
        """Whether a traded token comes from a client that lost the answer: it was traded just now, and its successor was never used."""
        is_last = token.is_of(self.previous_digest)
        return is_last and self.rotated_at is not None and now - self.rotated_at <= timedelta(seconds=grace_seconds)


async def insert_alone(read: Read, session: Session) -> None:
    """Inserts a session as the only statement of its transaction: one round trip and one commit, without BEGIN."""
    await read.fetch_one(
        "INSERT INTO session (id, subject_id, kind, channel, refresh_digest, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [session.id, session.subject_id, session.kind, session.channel, session.refresh_digest, session.created_at, session.expires_at],
    )


async def revoke(tx: Tx, session_id: UUID, now: datetime) -> None:
    """Ends a session. Idempotent."""
    await tx.run("UPDATE session SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL", [now, session_id])


async def revoke_all_of(tx: Tx, subject_id: UUID, now: datetime) -> None:
    """Ends all sessions of a customer or a member of staff."""
    await tx.run("UPDATE session SET revoked_at = %s WHERE subject_id = %s AND kind <> 'guest' AND revoked_at IS NULL", [now, subject_id])


async def sweep(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes sessions that expired earlier. Returns how many; others' sweeps are passed over."""
    return await tx.run(
        "DELETE FROM session WHERE id IN"
        " (SELECT id FROM session WHERE expires_at < %s ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)",
        [before, at_most],
    )


async def delete_unused_guests(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Deletes guests' sessions that were made earlier and never refreshed. Returns how many; others' sweeps are passed over.

    An access token lives 15 minutes, so a guest who is there has refreshed.
    """
    return await tx.run(
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE kind = 'guest' AND rotated_at IS NULL AND created_at < %s"
        " ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)",
        [before, at_most],
    )
