"""Mails: what was asked to be sent, to whom, and how far it got."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from notifications.errors import MessageNotFound, WrongMessageState
from notifications.topics import Topic

SEND: Final = "send"


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


TRANSITIONS: Final = {
    # Sent without sending: the acceptance of an attempt that was thought to be over.
    MailState.QUEUED: {MailState.SENDING, MailState.SENT, MailState.FAILED, MailState.SUPPRESSED},
    # Sending anew: an attempt after one whose outcome stays in doubt.
    MailState.SENDING: {MailState.SENDING, MailState.QUEUED, MailState.SENT, MailState.FAILED},
    MailState.SENT: set(),
    MailState.FAILED: {MailState.QUEUED},
    MailState.SUPPRESSED: set(),
}
ENDED: Final = frozenset({MailState.SENT, MailState.FAILED, MailState.SUPPRESSED})


class Reason(StrEnum):
    """Why a mail failed or was suppressed."""

    REFUSED = "REFUSED"
    TRIES_EXHAUSTED = "TRIES_EXHAUSTED"
    GIVEN_UP = "GIVEN_UP"
    INVALID_RECIPIENT = "INVALID_RECIPIENT"
    NEEDS_SMTPUTF8 = "NEEDS_SMTPUTF8"
    NOT_RENDERED = "NOT_RENDERED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    UNCONFIRMED = "UNCONFIRMED"
    OVER_BUDGET = "OVER_BUDGET"
    EXPIRED = "EXPIRED"
    SYNTHETIC = "SYNTHETIC"


@dataclass(kw_only=True, repr=False)
class Mail(Row, table="mail"):
    """A message to one recipient.

    `tries` and `absences` count, since `driven_at`, offers to the mail server and times that it was away. What was rendered first is what
    every attempt sends. An erased mail has no recipient, variables and bodies any more. `caused_at` is when that happened which it tells of,
    where somebody waits for it.
    """

    id: UUID
    dedupe_key: str
    template: str
    topic: Topic
    locale: str
    channel: str
    recipient: str
    email_digest: str
    owner_id: UUID | None = None
    order_id: UUID | None = None
    cart_id: UUID | None = None
    variables: dict[str, Any]
    subject: str = ""
    body_text: str = ""
    body_html: str = ""
    unsubscribe_topic: str = ""
    state: MailState = MailState.QUEUED
    reason: str = ""
    tries: int = 0
    absences: int = 0
    version: int = 1
    trace_id: str = ""
    queued_at: datetime
    driven_at: datetime
    expires_at: datetime | None = None
    sent_at: datetime | None = None
    erased_at: datetime | None = None
    caused_at: datetime | None = None

    @property
    def is_rendered(self) -> bool:
        return bool(self.body_text)

    def become(self, state: MailState, reason: str = "") -> None:
        """Raises WrongMessageState if the transition is not in TRANSITIONS."""
        if state not in TRANSITIONS[self.state]:
            raise WrongMessageState(f"the message is {self.state}", state=self.state)
        self.state, self.reason = state, reason


async def of(read: Read, mail_id: UUID) -> Mail:
    """The mail. Raises MessageNotFound."""
    mail = await read.get(Mail, mail_id)
    if mail is None:
        raise MessageNotFound
    return mail


async def locked(tx: Tx, mail_id: UUID) -> Mail:
    """The mail, locked until the transaction ends. Raises MessageNotFound."""
    mail = await tx.lock(Mail, mail_id)
    if mail is None:
        raise MessageNotFound
    return mail


async def insert_new(tx: Tx, mail: Mail) -> bool:
    """Inserts the mail unless its dedupe key is there. Returns whether it did."""
    inserted = await tx.run(
        "INSERT INTO mail (id, dedupe_key, template, topic, locale, channel, recipient, email_digest, owner_id, order_id, cart_id,"
        " variables, subject, body_text, body_html, unsubscribe_topic, state, reason, tries, absences, version, trace_id, queued_at,"
        " driven_at, expires_at, sent_at, erased_at, caused_at)"
        " VALUES (%(id)s, %(dedupe_key)s, %(template)s, %(topic)s, %(locale)s, %(channel)s, %(recipient)s, %(email_digest)s, %(owner_id)s,"
        " %(order_id)s, %(cart_id)s, %(variables)s, %(subject)s, %(body_text)s, %(body_html)s, %(unsubscribe_topic)s, %(state)s,"
        " %(reason)s, %(tries)s, %(absences)s, %(version)s, %(trace_id)s, %(queued_at)s, %(driven_at)s, %(expires_at)s, %(sent_at)s,"
        " %(erased_at)s, %(caused_at)s) ON CONFLICT (dedupe_key) DO NOTHING",
        mail.dump(),
    )
    return inserted == 1


def keep_sent(tx: Tx, mail: Mail) -> None:
    """Writes with the commit that a mail, which is locked, was sent, and leaves its bodies where they are."""
    mail.version += 1
    tx.later(
        "UPDATE mail SET state = %s, reason = %s, sent_at = %s, version = %s WHERE id = %s",
        [mail.state, mail.reason, mail.sent_at, mail.version, mail.id],
    )


async def count_since(read: Read, email_digest: str, since: datetime, *, without: str) -> int:
    """How many mails an address got, or is to get, since a time, except those of one template."""
    found = await read.fetch_one(
        "SELECT count(*) FROM mail WHERE email_digest = %s AND queued_at > %s AND state <> 'suppressed' AND template <> %s",
        [email_digest, since, without],
    )
    return int(found[0]) if found else 0


async def count_for_owner_since(read: Read, mail: Mail, since: datetime) -> int:
    """How many mails of a mail's template its address got, or is to get, for its owner since a time."""
    found = await read.fetch_one(
        "SELECT count(*) FROM mail WHERE email_digest = %s AND queued_at > %s AND state <> 'suppressed' AND template = %s"
        " AND owner_id IS NOT DISTINCT FROM %s",
        [mail.email_digest, since, mail.template, mail.owner_id],
    )
    return int(found[0]) if found else 0


async def by_dedupe_key(read: Read, dedupe_key: str) -> Mail:
    """The mail with that key. Raises MessageNotFound."""
    mail = await read.find_one(Mail, "WHERE dedupe_key = %s", [dedupe_key])
    if mail is None:
        raise MessageNotFound
    return mail


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; empty means all."""

    state: str = ""
    template: str = ""
    order_id: UUID | None = None
    owner_id: UUID | None = None


async def newest(read: Read, filters: Filters, *, before: UUID | None, limit: int) -> list[Mail]:
    """Mails, newest first, older than `before`."""
    return await read.find(
        Mail,
        "WHERE (%(state)s = '' OR state = %(state)s) AND (%(template)s = '' OR template = %(template)s)"
        " AND (%(order_id)s::uuid IS NULL OR order_id = %(order_id)s) AND (%(owner_id)s::uuid IS NULL OR owner_id = %(owner_id)s)"
        " AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        {
            "state": filters.state, "template": filters.template, "order_id": filters.order_id, "owner_id": filters.owner_id,
            "before": before, "limit": limit,
        },
    )  # fmt: skip


async def oldest_unsent_at(read: Read) -> datetime | None:
    """When the oldest mail that is still to be sent was queued."""
    found = await read.fetch_one("SELECT min(driven_at) FROM mail WHERE state IN ('queued', 'sending') AND driven_at > 'epoch'")
    return found[0] if found else None


async def erase(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Takes recipient, variables and bodies from ended mails that were queued before a time. Returns how many."""
    return await tx.run(
        "UPDATE mail SET recipient = '', variables = '{}', subject = '', body_text = '', body_html = '', erased_at = %s, version = version + 1"
        " WHERE id IN (SELECT id FROM mail WHERE erased_at IS NULL AND queued_at < %s AND state IN ('sent', 'failed', 'suppressed')"
        " ORDER BY queued_at LIMIT %s FOR UPDATE SKIP LOCKED)",
        [tx.now, before, at_most],
    )
