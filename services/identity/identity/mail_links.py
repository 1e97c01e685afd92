"""Links that mails carry: random tokens, of which only digests are stored; and how often an address may be mailed one. Real time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.db import Read, Tx
from chassis.rows import Row


class Purpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    LOG_IN = "log_in"
    # A mail without a link, to the owner of an address that someone else registered with.
    EMAIL_IN_USE = "email_in_use"


VALID_SECONDS: Final = {Purpose.CONFIRM_EMAIL: 7 * 86_400, Purpose.LOG_IN: 1_800}
# How long no other mail is asked for.
PAUSE_SECONDS: Final = {Purpose.CONFIRM_EMAIL: 600, Purpose.LOG_IN: 600, Purpose.EMAIL_IN_USE: 86_400}


@dataclass(kw_only=True)
class MailLink(Row, table="mail_link", key=("digest",)):
    """A link that was asked for."""

    digest: bytes
    purpose: Purpose
    subject_id: UUID
    created_at: datetime
    expires_at: datetime


async def make_link(tx: Tx, purpose: Purpose, subject_id: UUID, now: datetime) -> str:
    """Stores a link's digest and returns its token, 43 characters."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(seconds=VALID_SECONDS[purpose])
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


async def may_mail(tx: Tx, key: bytes, purpose: Purpose, now: datetime) -> bool:
    """Whether a mail may be asked for now; if so, not again during the purpose's pause. `key` is an address's digest or a customer's id."""
    return bool(
        await tx.run(
            "INSERT INTO last_mail (key, purpose, asked_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (key, purpose) DO UPDATE SET asked_at = excluded.asked_at WHERE last_mail.asked_at <= %s",
            [key, purpose, now, now - timedelta(seconds=PAUSE_SECONDS[purpose])],
        )
    )


async def delete_old(tx: Tx, now: datetime) -> None:
    await tx.run("DELETE FROM mail_link WHERE expires_at < %s", [now])
    await tx.run("DELETE FROM last_mail WHERE asked_at < %s", [now - timedelta(seconds=max(PAUSE_SECONDS.values()))])


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def last_asked_at(read: Read, key: bytes, purpose: Purpose) -> datetime | None:
    """When a mail was last asked for."""
    found = await read.fetch_one("SELECT asked_at FROM last_mail WHERE key = %s AND purpose = %s", [key, purpose])
    return found[0] if found else None
