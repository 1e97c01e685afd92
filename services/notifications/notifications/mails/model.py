"""Mails, their states, and the attempts to deliver them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Index, text

from chassis.data.rows import Field, Row, code, counter, document, states
from notifications.errors import WrongMessageState
from notifications.preferences.model import Topic
from notifications.templates.model import Template

# Names the timer that delivers a mail. Its key is the id of the mail.
DELIVERY_TIMER: Final = "send"


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


TRANSITIONS: Final = {
    # Queued to sent: the server's acceptance of an earlier attempt arrives late.
    MailState.QUEUED: {MailState.SENDING, MailState.SENT, MailState.FAILED, MailState.SUPPRESSED},
    # Sending to sending: a new attempt follows one whose outcome is in doubt.
    MailState.SENDING: {MailState.SENDING, MailState.QUEUED, MailState.SENT, MailState.FAILED},
    MailState.SENT: set(),
    MailState.FAILED: {MailState.QUEUED},
    MailState.SUPPRESSED: set(),
}
ENDED: Final = frozenset({MailState.SENT, MailState.FAILED, MailState.SUPPRESSED})


class MailReason(StrEnum):
    """The reason for which a mail failed or was suppressed."""

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
    # Its owner's account was erased before it was sent.
    ERASED = "ERASED"
    # Only on mails of earlier releases, which queued mails for synthetic shoppers.
    SYNTHETIC = "SYNTHETIC"


class Mail(Row, table=True):
    """A message to one recipient.

    `tries` counts submissions to the mail server since `driven_at`, and `absences` the times that
    the server was unavailable since then. The first attempt stores the rendered subject and bodies,
    and each later attempt sends the same. The template defines the shape of `variables`;
    `templates.variables.validate_variables` reads them. An erased mail has no recipient, variables
    and bodies. `caused_at` is the time of the order that the mail confirms; it is None for other
    mails.
    """

    __tablename__ = "mail"
    __table_args__ = (
        states("topic", Topic),
        states("state", MailState),
        Index(
            "mail_state",
            "state",
            "id",
            postgresql_where=text("state IN ('queued', 'sending', 'failed')"),
        ),
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
        # The other columns hold personal data and secrets, which must not reach a log.
        return [("id", self.id), ("state", self.state)]

    @property
    def is_rendered(self) -> bool:
        return bool(self.body_text)

    def become(self, state: MailState, reason: str = "") -> None:
        """Raises WrongMessageState if the transition is not in TRANSITIONS."""
        if state not in TRANSITIONS[self.state]:
            raise WrongMessageState(f"the message is {self.state}", state=self.state)
        self.state, self.reason = state, reason

    def erase(self, now: datetime) -> None:
        """Removes the personal data of a mail that has ended."""
        self.recipient = self.email_digest = self.subject = self.body_text = self.body_html = ""
        self.owner_id, self.variables, self.erased_at = None, {}, now


class AttemptOutcome(StrEnum):
    BEGUN = "begun"
    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    IN_DOUBT = "in_doubt"


class Attempt(Row, table=True):
    """One submission of a mail to the mail server.

    `code_class` is the first digit of the SMTP reply, 0 without a reply.
    """

    __tablename__ = "attempt"
    __table_args__ = (states("outcome", AttemptOutcome),)

    mail_id: UUID = Field(primary_key=True, foreign_key="mail.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    begun_at: datetime
    ended_at: datetime | None = None
    outcome: AttemptOutcome = code(AttemptOutcome, default=AttemptOutcome.BEGUN)
    code_class: int = 0


@dataclass(frozen=True, slots=True)
class MailRules:
    """The limit of mails to an address in 24 h, and whether reserved test domains are valid."""

    per_recipient_and_day: int
    allows_test_domains: bool


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to queue. Its dedupe key is unique for good."""

    dedupe_key: str
    template: Template
    recipient: str = field(repr=False)
    variables: dict[str, Any] = field(repr=False)
    locale: str = ""
    channel: str = ""
    owner_id: UUID | None = None
    order_id: UUID | None = None
    cart_id: UUID | None = None
    expires_at: datetime | None = None
    caused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailFilters:
    """Filters of a list of mails. An empty or absent filter matches every mail."""

    state: MailState | None = None
    template: str = ""
    order_id: UUID | None = None
    owner_id: UUID | None = None
