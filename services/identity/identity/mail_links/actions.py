"""Writes of links in mails."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, bindparam, case, delete, or_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from identity.mail_links.model import (
    DAY_SECONDS,
    LIMITS,
    VALID_SECONDS,
    LastMail,
    MailLink,
    MailPurpose,
    digest_of_token,
)
from identity.mail_links.queries import IS_GOOD

_USE_LINK: Final = prepare(delete(MailLink).where(*IS_GOOD).returning(col(MailLink.subject_id)))
_is_a_day_ago: Final = col(LastMail.asked_at) <= bindparam("day_ago")
# An array by the number of requested mails, from 1: the time before which the last one must lie for
# another.
_quiet_since: Final = bindparam("quiet_since", type_=ARRAY(DateTime(timezone=True)))[
    col(LastMail.asked)
]
_mail: Final = insert(LastMail).values(
    key=bindparam("key"), purpose=bindparam("purpose"), asked_at=bindparam("now"), asked=1
)
_CLAIM_MAIL: Final = prepare(
    _mail.on_conflict_do_update(
        index_elements=["key", "purpose"],
        set_={
            "asked_at": _mail.excluded.asked_at,
            "asked": case((_is_a_day_ago, 1), else_=col(LastMail.asked) + 1),
        },
        where=or_(_is_a_day_ago, col(LastMail.asked_at) <= _quiet_since),
    ).returning(col(LastMail.asked))
)
_DELETE_OLD_LINKS: Final = prepare(
    delete(MailLink).where(col(MailLink.expires_at) < bindparam("now"))
)
_DELETE_OLD_MAILS: Final = prepare(
    delete(LastMail).where(col(LastMail.asked_at) < bindparam("day_ago"))
)


async def create_mail_link(
    tx: Tx, purpose: MailPurpose, subject_id: UUID, now: datetime, *, valid_seconds: int = 0
) -> str:
    """Stores the digest of a new link and returns its token: 43 characters.

    `valid_seconds=0` takes the duration of the purpose.
    """
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(seconds=valid_seconds or VALID_SECONDS[purpose])
    await tx.insert(
        MailLink(
            digest=digest_of_token(token),
            purpose=purpose,
            subject_id=subject_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


async def use_mail_link(tx: Tx, purpose: MailPurpose, token: str, now: datetime) -> UUID | None:
    """Deletes a link and returns its subject, or None if the link is unknown, expired or used.

    Of two concurrent calls one gets the subject.
    """
    return await tx.one(_USE_LINK, digest=digest_of_token(token), purpose=purpose, now=now)


async def claim_mail(tx: Tx, key: bytes, purpose: MailPurpose, now: datetime) -> int | None:
    """Counts a mail and returns the seconds until the next.

    Returns None if the limit allows no mail now.     `key` is the digest of an address or the id of
    a customer.
    """
    limit = LIMITS[purpose]
    quiet_since = [
        now - timedelta(seconds=limit.seconds_after(asked)) for asked in range(1, limit.per_day + 1)
    ]
    day_ago = now - timedelta(seconds=DAY_SECONDS)
    asked: int | None = await tx.one(
        _CLAIM_MAIL, key=key, purpose=purpose, now=now, day_ago=day_ago, quiet_since=quiet_since
    )
    return None if asked is None else limit.seconds_after(asked)


async def delete_expired_mail_links(tx: Tx, now: datetime) -> None:
    """Deletes expired links and counts of mails that are over."""
    await tx.execute(_DELETE_OLD_LINKS, now=now)
    await tx.execute(_DELETE_OLD_MAILS, day_ago=now - timedelta(seconds=DAY_SECONDS))
