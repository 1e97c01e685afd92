"""Sessions: a subject's time between a login and a logout.

All times are real time: a shifted clock ends no session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text

from chassis.data.rows import Field, Row, code, states
from identity.credentials.model import SubjectKind
from identity.sessions.refresh_tokens import RefreshToken

# A partial index serves only statements that hold its condition as text: a parameter could have any
# value.
HAS_ACCOUNT: Final = text("kind <> 'guest'")
IS_UNUSED_GUEST: Final = text("kind = 'guest' AND rotated_at IS NULL")


@dataclass(frozen=True, slots=True)
class Subject:
    """The account that a session is opened for, and the scopes of its access token."""

    kind: SubjectKind
    id: UUID
    scopes: frozenset[str] = frozenset()

    @classmethod
    def customer(cls, id: UUID) -> "Subject":
        return cls(SubjectKind.CUSTOMER, id)


class Session(Row, table=True):
    """A session with one live refresh token, which is stored as a digest.

    `rotated_at` is the time at which `previous_digest` was traded for the live token.
    """

    __tablename__ = "session"
    __table_args__ = (
        states("kind", SubjectKind),
        # No query looks up guests by subject, and they are most of the rows.
        Index("session_subject_id", "subject_id", postgresql_where=HAS_ACCOUNT),
        Index("session_unused_guest", "created_at", postgresql_where=IS_UNUSED_GUEST),
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
    # The organization for which a customer buys, if they still may.
    organization_id: UUID | None = None

    def rotate(self, successor: RefreshToken, now: datetime) -> None:
        """Makes `successor` the live token."""
        self.previous_digest, self.refresh_digest, self.rotated_at = (
            self.refresh_digest,
            successor.digest,
            now,
        )

    def can_repeat(self, token: RefreshToken, now: datetime, *, grace_seconds: float) -> bool:
        """Returns whether a client that lost the answer may trade `token` again.

        The trade must be at most `grace_seconds` old, and its successor unused.
        """
        is_last = token.has_digest(self.previous_digest)
        return (
            is_last
            and self.rotated_at is not None
            and now - self.rotated_at <= timedelta(seconds=grace_seconds)
        )
