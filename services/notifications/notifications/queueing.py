"""Queueing a mail: its row and the timer that sends it, in the transaction of whatever asks for it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import telemetry, timers
from chassis.clock import uuid7
from chassis.db import Tx
from notifications import mails, metrics, preferences, recipients
from notifications.errors import InvalidRecipient
from notifications.mails import SEND, Mail, MailState, Reason
from notifications.templates import Template
from notifications.variables import checked

_LONGEST_LOCALE: Final = 35


@dataclass(frozen=True, slots=True)
class Wish:
    """A mail that somebody wants sent. One dedupe key makes one mail, for good."""

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


async def queue(tx: Tx, wish: Wish) -> Mail:
    """The mail, queued; or the one that is there under the same key, as it is. Idempotent.

    A recipient who does not want the topic makes it suppressed, one without a valid address failed. Raises InvalidVariables.
    """
    mail = await _mail(tx, wish)
    if not await mails.insert_new(tx, mail):
        return await mails.by_dedupe_key(tx, wish.dedupe_key)
    match mail.state:
        case MailState.QUEUED:
            await timers.schedule(tx, SEND, str(mail.id), tx.now)
        case MailState.SUPPRESSED:
            metrics.mails.labels("suppressed").inc()
        case MailState.FAILED | MailState.SENDING | MailState.SENT:
            metrics.mails.labels("failed").inc()
    return mail


async def _mail(tx: Tx, wish: Wish) -> Mail:
    variables = checked(wish.template.variables, wish.variables)
    try:
        recipient = recipients.normalized(wish.recipient)
        reason = ""
    except InvalidRecipient:
        recipient, reason = wish.recipient, Reason.INVALID_RECIPIENT
    digest = recipients.digest_of(recipient)
    mail = Mail(
        id=uuid7(),
        dedupe_key=wish.dedupe_key,
        template=wish.template.name,
        topic=wish.template.topic,
        locale=wish.locale[:_LONGEST_LOCALE],
        channel=wish.channel,
        recipient=recipient,
        email_digest=digest,
        owner_id=wish.owner_id,
        order_id=wish.order_id,
        cart_id=wish.cart_id,
        variables=variables.model_dump(mode="json"),
        trace_id=telemetry.trace_id(),
        queued_at=tx.now,
        driven_at=tx.now,
        expires_at=wish.expires_at,
        caused_at=wish.caused_at,
    )
    if reason:
        mail.become(MailState.FAILED, reason)
    elif not await preferences.wants(tx, digest, mail.topic):
        mail.become(MailState.SUPPRESSED, Reason.UNSUBSCRIBED)
    return mail


def dedupe_key_of(caller: str, key: str) -> str:
    """The dedupe key of a caller's idempotency key; no caller reaches another's."""
    return f"{caller}:{key}"
