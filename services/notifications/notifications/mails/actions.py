"""Queueing a mail: its row and the timer that sends it, in the transaction of whatever asks for it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, bindparam, func
from sqlmodel import select

from chassis import telemetry
from chassis.data import timers
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from notifications import metrics
from notifications.errors import InvalidRecipient
from notifications.mails import model as mails
from notifications.mails import recipients
from notifications.mails.model import SEND, Mail, MailState, Reason
from notifications.preferences import confirmed_addresses
from notifications.preferences import model as preferences
from notifications.templates import model as templates
from notifications.templates.model import Delivery, Template
from notifications.templates.variables import checked

_LONGEST_LOCALE: Final = 35
# Seeds the hash that an address's advisory lock is named by, so that it differs from other locks on the same text.
_LOCK_SEED: Final = 7
_LOCK_ADDRESS: Final = prepare(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("email_digest", type_=Text()), _LOCK_SEED)))
)
# Identity asks for at most four; this bound holds whatever asks.
_CONFIRMATIONS_PER_CUSTOMER_AND_DAY: Final = 5
_COUNTED: Final[dict[str, str]] = {Reason.UNCONFIRMED: "unconfirmed", Reason.OVER_BUDGET: "over_budget"}
# A name is text of whoever typed the address, and a survey is no part of an order.
_ONLY_IF_CONFIRMED: Final = frozenset({"first_name", "asks_survey"})


@dataclass(frozen=True, slots=True)
class MailRules:
    """How many mails an address gets in 24 h, and which addresses there are."""

    per_recipient_and_day: int
    allows_test_domains: bool


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


async def queue(tx: Tx, wish: Wish, rules: MailRules) -> Mail:
    """The mail, queued; or the one that is there under the same key, as it is. Idempotent.

    It is suppressed where the recipient does not want the topic, or did not confirm the address and the mail is optional, or got as many
    mails as a day may bring. It fails without a valid address.
    A greeting by name and a survey go to confirmed addresses only. Raises InvalidVariables.
    """
    mail = await _mail(tx, wish, rules)
    # No other unique constraint than the dedupe key's can be in conflict.
    if not await tx.insert_new(mail):
        return await mails.by_dedupe_key(tx, wish.dedupe_key)
    match mail.state:
        case MailState.QUEUED:
            await timers.schedule(tx, SEND, str(mail.id), tx.now)
        case MailState.SUPPRESSED:
            metrics.mails.labels(_COUNTED.get(mail.reason, "suppressed")).inc()
        case MailState.FAILED | MailState.SENDING | MailState.SENT:
            metrics.mails.labels("failed").inc()
    return mail


async def _mail(tx: Tx, wish: Wish, rules: MailRules) -> Mail:
    try:
        recipient = recipients.normalized(wish.recipient, allows_test_domains=rules.allows_test_domains)
        reason = ""
    except InvalidRecipient:
        recipient, reason = wish.recipient, Reason.INVALID_RECIPIENT
    digest = recipients.digest_of(recipient)
    is_confirmed = not reason and await confirmed_addresses.is_confirmed(tx, digest)
    given = wish.variables if is_confirmed else {name: value for name, value in wish.variables.items() if name not in _ONLY_IF_CONFIRMED}
    variables = checked(wish.template.variables, given)
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
    elif suppressed := await _why_not(tx, mail, wish.template, rules, is_confirmed=is_confirmed):
        mail.become(MailState.SUPPRESSED, suppressed)
    return mail


async def _why_not(tx: Tx, mail: Mail, template: Template, rules: MailRules, *, is_confirmed: bool) -> Reason | None:
    """Why a mail may not be sent; None where it may."""
    if template.delivery is Delivery.OPTIONAL and not is_confirmed:
        return Reason.UNCONFIRMED
    if not await preferences.wants(tx, mail.email_digest, template.topic):
        return Reason.UNSUBSCRIBED
    if template.is_bounded and await _has_spent_budget(tx, mail.email_digest, rules):
        return Reason.OVER_BUDGET
    if template.delivery is Delivery.REGISTRATION and await _has_spent_confirmations(tx, mail):
        return Reason.OVER_BUDGET
    return None


async def _has_spent_budget(tx: Tx, email_digest: str, rules: MailRules) -> bool:
    await _lock_address(tx, email_digest)
    count = await mails.count_since(tx, email_digest, tx.now - timedelta(days=1), without=templates.CONFIRM_EMAIL.name)
    return count >= rules.per_recipient_and_day


async def _has_spent_confirmations(tx: Tx, mail: Mail) -> bool:
    await _lock_address(tx, mail.email_digest)
    return await mails.count_for_owner_since(tx, mail, tx.now - timedelta(days=1)) >= _CONFIRMATIONS_PER_CUSTOMER_AND_DAY


async def _lock_address(tx: Tx, email_digest: str) -> None:
    """Lets one mail to an address be counted at a time, until the transaction ends."""
    await tx.execute(_LOCK_ADDRESS, email_digest=email_digest)


def dedupe_key_of(caller: str, key: str) -> str:
    """The dedupe key of a caller's idempotency key; no caller reaches another's."""
    return f"{caller}:{key}"
