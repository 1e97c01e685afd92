"""Links that mails carry: random tokens, of which only digests are stored; and how often an address may be mailed one. Real time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, bindparam, case, delete, or_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx


class Purpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    # The mail that answers a registration, counted by address: anyone may cause it.
    REGISTRATION = "registration"
    LOG_IN = "log_in"
    # A mail without a link, to the owner of an address that someone else registered with.
    EMAIL_IN_USE = "email_in_use"


VALID_SECONDS: Final = {Purpose.CONFIRM_EMAIL: 7 * 86_400, Purpose.LOG_IN: 1_800}
DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class MailLimit:
    """At most `per_day` mails until a day passes without one. The first pause is `pause_seconds`, each further one twice as long."""

    per_day: int
    pause_seconds: int

    def seconds_after(self, asked: int) -> int:
        """The pause after so many mails."""
        return DAY_SECONDS if asked >= self.per_day else self.pause_seconds * 2 ** (asked - 1)


LIMITS: Final = {
    # The registration of the customer counts as the first: three more on request.
    Purpose.CONFIRM_EMAIL: MailLimit(per_day=4, pause_seconds=600),
    Purpose.REGISTRATION: MailLimit(per_day=3, pause_seconds=0),
    Purpose.LOG_IN: MailLimit(per_day=5, pause_seconds=600),
    Purpose.EMAIL_IN_USE: MailLimit(per_day=1, pause_seconds=DAY_SECONDS),
}


class MailLink(Row, table=True):
    """A link that was asked for."""

    __tablename__ = "mail_link"
    __table_args__ = (CheckConstraint("purpose IN ('confirm_email', 'log_in')"),)

    digest: bytes = Field(primary_key=True)
    purpose: Purpose = code(Purpose)
    subject_id: UUID
    created_at: datetime
    expires_at: datetime = Field(index=True)


class LastMail(Row, table=True):
    """When a mail was last asked for, and how many were until a day without one.

    `key` is the digest of an address, or the id of a customer who asks for their own confirmation.
    """

    __tablename__ = "last_mail"
    __table_args__ = (states("purpose", Purpose),)

    key: bytes = Field(primary_key=True)
    purpose: Purpose = code(Purpose, primary_key=True)
    asked_at: datetime = Field(index=True)
    asked: int


_IS_GOOD: Final = (
    col(MailLink.digest) == bindparam("digest"),
    col(MailLink.purpose) == bindparam("purpose"),
    col(MailLink.expires_at) > bindparam("now"),
)
_FIND_LINK: Final = prepare(select(MailLink).where(*_IS_GOOD))
_USE_LINK: Final = prepare(delete(MailLink).where(*_IS_GOOD).returning(col(MailLink.subject_id)))
_is_a_day_ago: Final = col(LastMail.asked_at) <= bindparam("day_ago")
# By how many mails were asked for, 1 first: the time since which none was, where another may be.
_quiet_since: Final = bindparam("quiet_since", type_=ARRAY(DateTime(timezone=True)))[col(LastMail.asked)]
_mail: Final = insert(LastMail).values(key=bindparam("key"), purpose=bindparam("purpose"), asked_at=bindparam("now"), asked=1)
_CLAIM_MAIL: Final = prepare(
    _mail.on_conflict_do_update(
        index_elements=["key", "purpose"],
        set_={"asked_at": _mail.excluded.asked_at, "asked": case((_is_a_day_ago, 1), else_=col(LastMail.asked) + 1)},
        where=or_(_is_a_day_ago, col(LastMail.asked_at) <= _quiet_since),
    ).returning(col(LastMail.asked))
)
_DELETE_OLD_LINKS: Final = prepare(delete(MailLink).where(col(MailLink.expires_at) < bindparam("now")))
_DELETE_OLD_MAILS: Final = prepare(delete(LastMail).where(col(LastMail.asked_at) < bindparam("day_ago")))


async def make_link(tx: Tx, purpose: Purpose, subject_id: UUID, now: datetime, *, valid_seconds: int = 0) -> str:
    """Stores a link's digest and returns its token, 43 characters. It is good as long as its purpose says, unless a time is given."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(seconds=valid_seconds or VALID_SECONDS[purpose])
    await tx.insert(MailLink(digest=digest_of(token), purpose=purpose, subject_id=subject_id, created_at=now, expires_at=expires_at))
    return token


async def find_link(read: Read, purpose: Purpose, token: str, now: datetime) -> MailLink | None:
    """The link of a token, while it is good."""
    return await read.one(_FIND_LINK, digest=digest_of(token), purpose=purpose, now=now)


async def use_link(tx: Tx, purpose: Purpose, token: str, now: datetime) -> UUID | None:
    """Takes a link, and returns its subject; None where it is not good, or was used. Of two at once one gets it."""
    return await tx.one(_USE_LINK, digest=digest_of(token), purpose=purpose, now=now)


async def claim_mail(tx: Tx, key: bytes, purpose: Purpose, now: datetime) -> int | None:
    """Counts a mail and returns the seconds until the next may be asked for; None where the limit of the purpose allows none now.

    `key` is an address's digest or a customer's id.
    """
    limit = LIMITS[purpose]
    quiet_since = [now - timedelta(seconds=limit.seconds_after(asked)) for asked in range(1, limit.per_day + 1)]
    day_ago = now - timedelta(seconds=DAY_SECONDS)
    asked: int | None = await tx.one(_CLAIM_MAIL, key=key, purpose=purpose, now=now, day_ago=day_ago, quiet_since=quiet_since)
    return None if asked is None else limit.seconds_after(asked)


async def next_mail_at(read: Read, key: bytes, purpose: Purpose, now: datetime) -> datetime:
    """When a mail may be asked for again."""
    last = await read.get(LastMail, key, purpose)
    return last.asked_at + timedelta(seconds=LIMITS[purpose].seconds_after(last.asked)) if last else now


async def delete_old(tx: Tx, now: datetime) -> None:
    await tx.execute(_DELETE_OLD_LINKS, now=now)
    await tx.execute(_DELETE_OLD_MAILS, day_ago=now - timedelta(seconds=DAY_SECONDS))


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
