"""Links in mails: random tokens, of which only digests are stored, and limits of mails.

All times are real time.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint

from chassis.data.rows import Field, Row, code, states


class MailPurpose(StrEnum):
    """The reason for a mail. Each has its own limit."""

    CONFIRM_EMAIL = "confirm_email"
    # The mail that answers a registration. It is counted by address, because anyone may cause it.
    REGISTRATION = "registration"
    LOG_IN = "log_in"
    # A mail without a link, to the owner of an address that another person registered with.
    EMAIL_IN_USE = "email_in_use"


VALID_SECONDS: Final = {MailPurpose.CONFIRM_EMAIL: 7 * 86_400, MailPurpose.LOG_IN: 1_800}
DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class MailLimit:
    """At most `per_day` mails until a day passes without one.

    The first pause has `pause_seconds`; each further one is twice as long.
    """

    per_day: int
    pause_seconds: int

    def seconds_after(self, asked: int) -> int:
        """Returns the pause after so many mails."""
        return DAY_SECONDS if asked >= self.per_day else self.pause_seconds * 2 ** (asked - 1)


LIMITS: Final = {
    # The registration of the customer counts as the first: three more on request.
    MailPurpose.CONFIRM_EMAIL: MailLimit(per_day=4, pause_seconds=600),
    MailPurpose.REGISTRATION: MailLimit(per_day=3, pause_seconds=0),
    MailPurpose.LOG_IN: MailLimit(per_day=5, pause_seconds=600),
    MailPurpose.EMAIL_IN_USE: MailLimit(per_day=1, pause_seconds=DAY_SECONDS),
}


class MailLink(Row, table=True):
    """A link that was requested, by the digest of its token."""

    __tablename__ = "mail_link"
    __table_args__ = (CheckConstraint("purpose IN ('confirm_email', 'log_in')"),)

    digest: bytes = Field(primary_key=True)
    purpose: MailPurpose = code(MailPurpose)
    subject_id: UUID
    created_at: datetime
    expires_at: datetime = Field(index=True)


class LastMail(Row, table=True):
    """The time of the last requested mail, and the number of mails since a day without one.

    `key` is the digest of an address, or the id of a customer who requests their own confirmation.
    """

    __tablename__ = "last_mail"
    __table_args__ = (states("purpose", MailPurpose),)

    key: bytes = Field(primary_key=True)
    purpose: MailPurpose = code(MailPurpose, primary_key=True)
    asked_at: datetime = Field(index=True)
    asked: int


def digest_of_token(token: str) -> bytes:
    """Returns the SHA-256 digest of a token: 32 bytes."""
    return hashlib.sha256(token.encode()).digest()
