"""Mails: what was asked to be sent, to whom, and how far it got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Index, bindparam, func, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, counter, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from notifications.errors import MessageNotFound, WrongMessageState
from notifications.preferences.topics import Topic

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
    # Only on mails of earlier releases, which made them for synthetic shoppers.
    SYNTHETIC = "SYNTHETIC"


class Mail(Row, table=True):
    """A message to one recipient.

    `tries` and `absences` count, since `driven_at`, offers to the mail server and times that it was away. What was rendered first is what
    every attempt sends. The template says what shape `variables` have; `variables.checked` reads them. An erased mail has no recipient,
    variables and bodies any more. `caused_at` is when that happened which it tells of, where somebody waits for it.
    """

    __tablename__ = "mail"
    __table_args__ = (
        states("topic", Topic),
        states("state", MailState),
        Index("mail_state", "state", "id", postgresql_where=text("state IN ('queued', 'sending', 'failed')")),
        Index("mail_order_id", "order_id", "id", postgresql_where=text("order_id IS NOT NULL")),
        Index("mail_owner_id", "owner_id", "id", postgresql_where=text("owner_id IS NOT NULL")),
        Index("mail_queued_at", "queued_at", postgresql_where=text("erased_at IS NULL")),
        Index("mail_email_digest", "email_digest", "queued_at"),
    )

    id: UUID = Field(primary_key=True)
    dedupe_key: str = Field(unique=True)
    template: str
    topic: Topic = code(Topic)
    locale: str
    channel: str
    recipient: str
    email_digest: str
    owner_id: UUID | None = None
    order_id: UUID | None = None
    cart_id: UUID | None = None
    variables: JsonValue = document(JsonValue)
    subject: str = ""
    body_text: str = ""
    body_html: str = ""
    unsubscribe_topic: str = ""
    state: MailState = code(MailState, default=MailState.QUEUED)
    reason: str = ""
    tries: int = 0
    absences: int = 0
    version: int = counter(default=1)
    trace_id: str = ""
    queued_at: datetime
    driven_at: datetime
    expires_at: datetime | None = None
    sent_at: datetime | None = None
    erased_at: datetime | None = None
    caused_at: datetime | None = None

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        # The rest holds personal data and secrets, which no log may hold.
        return [("id", self.id), ("state", self.state)]

    @property
    def is_rendered(self) -> bool:
        return bool(self.body_text)

    def become(self, state: MailState, reason: str = "") -> None:
        """Raises WrongMessageState if the transition is not in TRANSITIONS."""
        if state not in TRANSITIONS[self.state]:
            raise WrongMessageState(f"the message is {self.state}", state=self.state)
        self.state, self.reason = state, reason


_OF_DEDUPE_KEY: Final = prepare(select(Mail).where(Mail.dedupe_key == bindparam("dedupe_key")))
_KEEP_SENT: Final = prepare(
    update(Mail)
    .where(col(Mail.id) == bindparam("mail_id"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"), sent_at=bindparam("now"), version=bindparam("new_version"))
)
_RECENT: Final = (
    select(func.count())
    .select_from(Mail)
    .where(Mail.email_digest == bindparam("email_digest"), Mail.queued_at > bindparam("since"), Mail.state != MailState.SUPPRESSED)
)
_COUNT_RECENT: Final = prepare(_RECENT.where(Mail.template != bindparam("without")))
_COUNT_RECENT_FOR_OWNER: Final = prepare(
    _RECENT.where(Mail.template == bindparam("template"), col(Mail.owner_id).is_not_distinct_from(bindparam("owner_id")))
)
# The partial index on states serves only conditions that the statement holds as text.
_OLDEST_UNSENT_AT: Final = prepare(
    select(func.min(Mail.driven_at)).where(text("state IN ('queued', 'sending')"), Mail.driven_at > datetime.fromtimestamp(0, UTC))
)
_old: Final = aliased(Mail)
_ERASE: Final = prepare(
    update(Mail)
    .where(
        col(Mail.id).in_(
            select(_old.id)
            .where(col(_old.erased_at).is_(None), _old.queued_at < bindparam("before"), one_of(_old.state, sorted(ENDED)))
            .order_by(col(_old.queued_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(recipient="", variables={}, subject="", body_text="", body_html="", erased_at=bindparam("now"), version=col(Mail.version) + 1)
)


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


def keep_sent(tx: Tx, mail: Mail) -> None:
    """Writes with the commit that a mail, which is locked, was sent, and leaves its bodies where they are."""
    mail.version += 1
    tx.deferred.execute(
        _KEEP_SENT, mail_id=mail.id, new_state=mail.state, new_reason=mail.reason, now=mail.sent_at, new_version=mail.version
    )


async def count_since(read: Read, email_digest: str, since: datetime, *, without: str) -> int:
    """How many mails an address got, or is to get, since a time, except those of one template."""
    return await read.one(_COUNT_RECENT, email_digest=email_digest, since=since, without=without) or 0


async def count_for_owner_since(read: Read, mail: Mail, since: datetime) -> int:
    """How many mails of a mail's template its address got, or is to get, for its owner since a time."""
    found: int | None = await read.one(
        _COUNT_RECENT_FOR_OWNER, email_digest=mail.email_digest, since=since, template=mail.template, owner_id=mail.owner_id
    )
    return found or 0


async def by_dedupe_key(read: Read, dedupe_key: str) -> Mail:
    """The mail with that key. Raises MessageNotFound."""
    mail: Mail | None = await read.one(_OF_DEDUPE_KEY, dedupe_key=dedupe_key)
    if mail is None:
        raise MessageNotFound
    return mail


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list; empty or None means all."""

    state: MailState | None = None
    template: str = ""
    order_id: UUID | None = None
    owner_id: UUID | None = None


async def newest(read: Read, filters: Filters, *, before: UUID | None, limit: int) -> list[Mail]:
    """Mails, newest first, older than `before`."""
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


async def oldest_unsent_at(read: Read) -> datetime | None:
    """When the oldest mail that is still to be sent was queued."""
    return await read.one(_OLDEST_UNSENT_AT)


async def erase(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Takes recipient, variables and bodies from ended mails that were queued before a time. Returns how many."""
    return await tx.execute(_ERASE, before=before, most=at_most, now=tx.now)
