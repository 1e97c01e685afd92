"""Reads of mails and of their attempts."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, text
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from notifications.errors import MessageNotFound
from notifications.mails.model import Attempt, Mail, MailFilters, MailState

_ATTEMPTS_OF_MAIL: Final = prepare(
    select(Attempt).where(col(Attempt.mail_id) == bindparam("mail")).order_by(col(Attempt.number))
)
_OF_DEDUPE_KEY: Final = prepare(select(Mail).where(Mail.dedupe_key == bindparam("dedupe_key")))
_RECENT: Final = (
    select(func.count())
    .select_from(Mail)
    .where(
        Mail.email_digest == bindparam("email_digest"),
        Mail.queued_at > bindparam("since"),
        Mail.state != MailState.SUPPRESSED,
    )
)
_COUNT_RECENT: Final = prepare(_RECENT.where(Mail.template != bindparam("without")))
_COUNT_RECENT_OF_OWNER: Final = prepare(
    _RECENT.where(
        Mail.template == bindparam("template"),
        col(Mail.owner_id).is_not_distinct_from(bindparam("owner_id")),
    )
)
# PostgreSQL uses the partial index `mail_state` only if the statement holds the states as literals.
_OLDEST_UNSENT_AT: Final = prepare(
    select(func.min(Mail.driven_at)).where(
        text("state IN ('queued', 'sending')"), Mail.driven_at > datetime.fromtimestamp(0, UTC)
    )
)


async def get_message(read: Read, mail_id: UUID) -> Mail:
    """Returns a mail. Raises MessageNotFound."""
    mail = await read.get(Mail, mail_id)
    if mail is None:
        raise MessageNotFound
    return mail


async def list_attempts(read: Read, mail_id: UUID) -> list[Attempt]:
    """Returns the attempts of a mail, oldest first."""
    return await read.all(_ATTEMPTS_OF_MAIL, mail=mail_id)


async def list_messages(
    read: Read, filters: MailFilters, *, before: UUID | None, limit: int
) -> list[Mail]:
    """Returns mails, newest first. `before` is the id of the last mail of the page before."""
    query = select(Mail).order_by(col(Mail.id).desc()).limit(limit)
    if filters.state is not None:
        query = query.where(Mail.state == filters.state)
    if filters.template:
        query = query.where(Mail.template == filters.template)
    if filters.order_id:
        query = query.where(Mail.order_id == filters.order_id)
    if filters.owner_id:
        query = query.where(Mail.owner_id == filters.owner_id)
    return await read.all(query.where(Mail.id < before) if before else query)


async def get_mail_by_dedupe_key(read: Read, dedupe_key: str) -> Mail:
    """Returns the mail with a dedupe key. Raises MessageNotFound."""
    mail: Mail | None = await read.one(_OF_DEDUPE_KEY, dedupe_key=dedupe_key)
    if mail is None:
        raise MessageNotFound
    return mail


async def count_mails_since(read: Read, email_digest: str, since: datetime, *, without: str) -> int:
    """Counts the mails to an address since a time.

    Suppressed mails and those of the template `without` do not count.
    """
    return (
        await read.one(_COUNT_RECENT, email_digest=email_digest, since=since, without=without) or 0
    )


async def count_mails_of_owner_since(read: Read, mail: Mail, since: datetime) -> int:
    """Counts the mails since a time with the address, template and owner of `mail`.

    Suppressed mails do not count.
    """
    found: int | None = await read.one(
        _COUNT_RECENT_OF_OWNER,
        email_digest=mail.email_digest,
        since=since,
        template=mail.template,
        owner_id=mail.owner_id,
    )
    return found or 0


async def find_oldest_unsent_at(read: Read) -> datetime | None:
    """Returns the time since which the oldest unsent mail waits; None if no mail waits."""
    return await read.one(_OLDEST_UNSENT_AT)
