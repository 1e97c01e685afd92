"""Reads of links in mails."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from identity.mail_links.model import LIMITS, LastMail, MailLink, MailPurpose, digest_of_token

IS_GOOD: Final = (
    col(MailLink.digest) == bindparam("digest"),
    col(MailLink.purpose) == bindparam("purpose"),
    col(MailLink.expires_at) > bindparam("now"),
)
_FIND_LINK: Final = prepare(select(MailLink).where(*IS_GOOD))


async def find_mail_link(
    read: Read, purpose: MailPurpose, token: str, now: datetime
) -> MailLink | None:
    """Returns the link of a token, or None if it is unknown or expired."""
    return await read.one(_FIND_LINK, digest=digest_of_token(token), purpose=purpose, now=now)


async def next_mail_at(read: Read, key: bytes, purpose: MailPurpose, now: datetime) -> datetime:
    """Returns the time from which another mail may be requested."""
    last = await read.get(LastMail, key, purpose)
    return (
        last.asked_at + timedelta(seconds=LIMITS[purpose].seconds_after(last.asked))
        if last
        else now
    )
