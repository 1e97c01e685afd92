"""Links that mails carry: random tokens, of which only digests are stored; and how often an address may be mailed one. Real time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
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


@dataclass(kw_only=True)
class MailLink(Row, table="mail_link", key=("digest",)):
    """A link that was asked for."""

    digest: bytes
    purpose: Purpose
    subject_id: UUID
    created_at: datetime
    expires_at: datetime


async def make_link(tx: Tx, purpose: Purpose, subject_id: UUID, now: datetime, *, valid_seconds: int = 0) -> str:
    """Stores a link's digest and returns its token, 43 characters. It is good as long as its purpose says, unless a time is given."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(seconds=valid_seconds or VALID_SECONDS[purpose])
    await tx.insert(MailLink(digest=digest_of(token), purpose=purpose, subject_id=subject_id, created_at=now, expires_at=expires_at))
    return token


async def find_link(read: Read, purpose: Purpose, token: str, now: datetime) -> MailLink | None:
    """The link of a token, while it is good."""
    return await read.find_one(MailLink, "WHERE digest = %s AND purpose = %s AND expires_at > %s", [digest_of(token), purpose, now])


async def use_link(tx: Tx, purpose: Purpose, token: str, now: datetime) -> UUID | None:
    """Takes a link, and returns its subject; None where it is not good, or was used. Of two at once one gets it."""
    found = await tx.fetch_one(
        "DELETE FROM mail_link WHERE digest = %s AND purpose = %s AND expires_at > %s RETURNING subject_id",
        [digest_of(token), purpose, now],
    )
    return found[0] if found else None


async def claim_mail(tx: Tx, key: bytes, purpose: Purpose, now: datetime) -> int | None:
    """Counts a mail and returns the seconds until the next may be asked for; None where the limit of the purpose allows none now.

    `key` is an address's digest or a customer's id.
    """
    limit = LIMITS[purpose]
    found = await tx.fetch_one(
        "INSERT INTO last_mail (key, purpose, asked_at, asked) VALUES (%(key)s, %(purpose)s, %(now)s, 1)"
        " ON CONFLICT (key, purpose) DO UPDATE SET asked_at = excluded.asked_at,"
        " asked = CASE WHEN last_mail.asked_at <= %(day_ago)s THEN 1 ELSE last_mail.asked + 1 END"
        " WHERE last_mail.asked_at <= %(day_ago)s OR last_mail.asked < %(per_day)s"
        " AND last_mail.asked_at <= %(now)s - make_interval(secs => %(pause)s * 2.0 ^ (last_mail.asked - 1)) RETURNING asked",
        {
            "key": key, "purpose": purpose, "now": now, "day_ago": now - timedelta(seconds=DAY_SECONDS),
            "per_day": limit.per_day, "pause": limit.pause_seconds,
        },
    )  # fmt: skip
    return limit.seconds_after(found[0]) if found else None


async def next_mail_at(read: Read, key: bytes, purpose: Purpose, now: datetime) -> datetime:
    """When a mail may be asked for again."""
    found = await read.fetch_one("SELECT asked_at, asked FROM last_mail WHERE key = %s AND purpose = %s", [key, purpose])
    return found[0] + timedelta(seconds=LIMITS[purpose].seconds_after(found[1])) if found else now


async def delete_old(tx: Tx, now: datetime) -> None:
    await tx.run("DELETE FROM mail_link WHERE expires_at < %s", [now])
    await tx.run("DELETE FROM last_mail WHERE asked_at < %s", [now - timedelta(seconds=DAY_SECONDS)])


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
