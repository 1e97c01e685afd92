"""Use cases of mails: send, redrive, erase."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, null, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis import telemetry
from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import uuid7
from notifications import metrics
from notifications.errors import InvalidRecipient, MessageErased, MessageNotFound
from notifications.mails.model import (
    DELIVERY_TIMER,
    ENDED,
    Mail,
    MailReason,
    MailRules,
    MailState,
    NewMail,
)
from notifications.mails.queries import (
    count_mails_of_owner_since,
    count_mails_since,
    get_mail_by_dedupe_key,
)
from notifications.mails.recipients import digest_address, normalize_recipient
from notifications.preferences.queries import is_confirmed, wants_topic
from notifications.templates.model import ACCOUNT_ERASED, CONFIRM_EMAIL, DeliveryRule, Template
from notifications.templates.variables import validate_variables

_LONGEST_LOCALE: Final = 35
# Separates the advisory locks of addresses from other locks on a hash of the same text.
_LOCK_SEED: Final = 7
_LOCK_ADDRESS: Final = prepare(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("email_digest", type_=Text()), _LOCK_SEED)
        )
    )
)
# Identity requests at most four a day. This limit also holds for a faulty or older release of
# identity.
_CONFIRMATIONS_PER_CUSTOMER_AND_DAY: Final = 5
_METRIC_OUTCOMES: Final[dict[str, str]] = {
    MailReason.UNCONFIRMED: "unconfirmed",
    MailReason.OVER_BUDGET: "over_budget",
}
# A stranger may have typed names and messages, and a survey is not part of an order.
_ONLY_IF_CONFIRMED: Final = frozenset({"first_name", "asks_survey", "gift_messages"})
_old: Final = aliased(Mail)
_ERASE: Final = prepare(
    update(Mail)
    .where(
        col(Mail.id).in_(
            select(_old.id)
            .where(
                col(_old.erased_at).is_(None),
                _old.queued_at < bindparam("before"),
                one_of(_old.state, sorted(ENDED)),
            )
            .order_by(col(_old.queued_at))
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(
        recipient="",
        variables={},
        subject="",
        body_text="",
        body_html="",
        erased_at=bindparam("now"),
        version=col(Mail.version) + 1,
    )
)


_of_person: Final = or_(
    col(Mail.owner_id) == bindparam("person_id", type_=Uuid()),
    col(Mail.email_digest) == bindparam("person_digest", type_=Text()),
)
_blank: Final = {
    "recipient": "",
    "email_digest": "",
    "owner_id": null(),
    "variables": {},
    "subject": "",
    "body_text": "",
    "body_html": "",
}
_ERASE_OF_PERSON: Final = prepare(
    update(Mail)
    .where(_of_person, col(Mail.erased_at).is_(None), one_of(Mail.state, sorted(ENDED)))
    .values(**_blank, erased_at=bindparam("now"), version=col(Mail.version) + 1)
)
_SUPPRESS_OF_PERSON: Final = prepare(
    update(Mail)
    .where(
        _of_person,
        col(Mail.state) == MailState.QUEUED.value,
        col(Mail.template) != ACCOUNT_ERASED.name,
    )
    .values(
        **_blank,
        state=MailState.SUPPRESSED,
        reason=MailReason.ERASED,
        erased_at=bindparam("now"),
        version=col(Mail.version) + 1,
    )
)
_SENDING_OF_PERSON: Final = prepare(
    select(Mail.id).where(_of_person, col(Mail.state) == MailState.SENDING.value).limit(1)
)


async def send_message(tx: Tx, new: NewMail, rules: MailRules) -> Mail:
    """Queues a mail and the timer that delivers it.

    Idempotent.

    A mail with the same dedupe key is returned unchanged. The new mail is suppressed if its
    recipient does not want the topic, if it is optional and the address is not confirmed, or if the
    address reached its daily limit. It fails if the address is invalid. Raises InvalidVariables.
    """
    mail = await _create_mail(tx, new, rules)
    # The dedupe key is the only unique constraint that can conflict.
    if not await tx.insert_new(mail):
        return await get_mail_by_dedupe_key(tx, new.dedupe_key)
    match mail.state:
        case MailState.QUEUED:
            await timers.schedule(tx, DELIVERY_TIMER, str(mail.id), tx.now)
        case MailState.SUPPRESSED:
            metrics.mails.labels(_METRIC_OUTCOMES.get(mail.reason, "suppressed")).inc()
        case MailState.FAILED | MailState.SENDING | MailState.SENT:
            metrics.mails.labels("failed").inc()
    return mail


async def redrive_message(tx: Tx, mail_id: UUID, caller: Caller) -> Mail:
    """Queues a failed mail anew with all its tries, and records the caller in the audit log.

    Raises MessageNotFound, WrongMessageState, MessageErased, InvalidRecipient.
    """
    mail = await tx.lock(Mail, mail_id)
    if mail is None:
        raise MessageNotFound
    before = {"state": mail.state, "reason": mail.reason}
    mail.become(MailState.QUEUED)
    if mail.erased_at is not None:
        raise MessageErased
    # Only validates: earlier releases stored the domain in Punycode, which is another form of a
    # valid address.
    normalize_recipient(mail.recipient, allows_test_domains=True)
    mail.tries, mail.absences, mail.driven_at = 0, 0, tx.now
    await tx.update(mail)
    await timers.schedule(tx, DELIVERY_TIMER, str(mail.id), tx.now)
    after = {"state": mail.state, "reason": mail.reason}
    record_audit(tx, caller, "message.redrive", f"message:{mail.id}", before=before, after=after)
    return mail


async def erase_mails(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Erases the personal data of ended mails that were queued before a time.

    Returns their number.
    """
    return await tx.execute(_ERASE, before=before, most=at_most, now=tx.now)


async def erase_mails_of_person(tx: Tx, owner_id: UUID, email_digest: str) -> bool:
    """Erases all mails of an account and of an address; an empty digest is no address.

    Queued ones are suppressed, but for the one that tells of the erasure, which is erased as it
    ends. Returns False while one of them is being sent: try again then.
    """
    person = {"person_id": owner_id, "person_digest": email_digest or None}
    await tx.execute(_SUPPRESS_OF_PERSON, **person, now=tx.now)
    await tx.execute(_ERASE_OF_PERSON, **person, now=tx.now)
    return await tx.one(_SENDING_OF_PERSON, **person) is None


async def _create_mail(tx: Tx, new: NewMail, rules: MailRules) -> Mail:
    """Returns the row to insert: queued, suppressed, or failed if the address is invalid."""
    try:
        recipient = normalize_recipient(
            new.recipient, allows_test_domains=rules.allows_test_domains
        )
        reason = ""
    except InvalidRecipient:
        recipient, reason = new.recipient, MailReason.INVALID_RECIPIENT
    digest = digest_address(recipient)
    has_confirmed = not reason and await is_confirmed(tx, digest)
    given = (
        new.variables
        if has_confirmed
        else {
            name: value for name, value in new.variables.items() if name not in _ONLY_IF_CONFIRMED
        }
    )
    variables = validate_variables(new.template.variables, given)
    mail = Mail(
        id=uuid7(),
        dedupe_key=new.dedupe_key,
        template=new.template.name,
        topic=new.template.topic,
        locale=new.locale[:_LONGEST_LOCALE],
        channel=new.channel,
        recipient=recipient,
        email_digest=digest,
        owner_id=new.owner_id,
        order_id=new.order_id,
        cart_id=new.cart_id,
        variables=variables.model_dump(mode="json"),
        trace_id=telemetry.trace_id(),
        queued_at=tx.now,
        driven_at=tx.now,
        expires_at=new.expires_at,
        caused_at=new.caused_at,
    )
    if reason:
        mail.become(MailState.FAILED, reason)
    elif suppressed := await _find_suppression(
        tx, mail, new.template, rules, has_confirmed=has_confirmed
    ):
        mail.become(MailState.SUPPRESSED, suppressed)
    return mail


async def _find_suppression(
    tx: Tx, mail: Mail, template: Template, rules: MailRules, *, has_confirmed: bool
) -> MailReason | None:
    """Returns the reason to suppress a mail; None if it may be sent."""
    if template.delivery_rule is DeliveryRule.OPTIONAL and not has_confirmed:
        return MailReason.UNCONFIRMED
    if not await wants_topic(tx, mail.email_digest, template.topic):
        return MailReason.UNSUBSCRIBED
    if template.has_daily_limit and await _has_reached_daily_limit(tx, mail.email_digest, rules):
        return MailReason.OVER_BUDGET
    if (
        template.delivery_rule is DeliveryRule.REGISTRATION
        and await _has_reached_confirmation_limit(tx, mail)
    ):
        return MailReason.OVER_BUDGET
    return None


async def _has_reached_daily_limit(tx: Tx, email_digest: str, rules: MailRules) -> bool:
    await _lock_address(tx, email_digest)
    count = await count_mails_since(
        tx, email_digest, tx.now - timedelta(days=1), without=CONFIRM_EMAIL.name
    )
    return count >= rules.per_recipient_and_day


async def _has_reached_confirmation_limit(tx: Tx, mail: Mail) -> bool:
    await _lock_address(tx, mail.email_digest)
    return (
        await count_mails_of_owner_since(tx, mail, tx.now - timedelta(days=1))
        >= _CONFIRMATIONS_PER_CUSTOMER_AND_DAY
    )


async def _lock_address(tx: Tx, email_digest: str) -> None:
    """Locks an address until the transaction ends. Concurrent mails to it are counted in turn."""
    await tx.execute(_LOCK_ADDRESS, email_digest=email_digest)
