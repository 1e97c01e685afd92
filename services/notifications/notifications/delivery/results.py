"""Results of a delivery: what a mail becomes after it, and when it is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, update
from sqlmodel import col

from chassis import telemetry
from chassis.backoff import Backoff
from chassis.data import timers
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from notifications.delivery.attempts import end_attempt, start_attempt
from notifications.delivery.channel import SubmissionResult, SubmissionStatus
from notifications.mails.events import message_failed, message_sent
from notifications.mails.model import (
    DELIVERY_TIMER,
    ENDED,
    AttemptOutcome,
    Mail,
    MailReason,
    MailState,
)
from notifications.templates.model import ACCOUNT_ERASED

log = telemetry.log("delivery")
_LONGEST_ABSENCE_SECONDS: Final = 30.0
_STORE_SENT: Final = prepare(
    update(Mail)
    .where(col(Mail.id) == bindparam("mail_id"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        sent_at=bindparam("now"),
        version=bindparam("new_version"),
    )
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The limits of retries.

    Temporary refusals count as tries. Absences of the server do not: the age of the mail limits
    them. `doubt_seconds` is the time for which the server may still accept a submission whose reply
    is missing.
    """

    max_tries: int = 12
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 300.0
    doubt_seconds: float = 30.0
    give_up_seconds: float = 172_800.0

    def delay_after_refusal(self, tries: int) -> float:
        """Returns the seconds until the next try."""
        return Backoff(self.backoff_seconds, self.longest_backoff_seconds).after(tries)

    def delay_after_absence(self, absences: int) -> float:
        """Returns the seconds until the next connection to a server that was unavailable."""
        return Backoff(self.backoff_seconds, _LONGEST_ABSENCE_SECONDS).after(absences)


async def refuse_mail(tx: Tx, mail: Mail, reason: MailReason) -> str:
    """Fails or suppresses a mail that cannot be submitted.

    Returns the outcome to count. Raises VersionMismatch.
    """
    if reason is MailReason.NOT_RENDERED:
        return await _fail_mail(tx, mail, reason)
    mail.become(MailState.SUPPRESSED, reason)
    await tx.update(mail)
    return "suppressed"


async def record_result(
    tx: Tx, mail: Mail, result: SubmissionResult, policy: RetryPolicy, *, has_started_attempt: bool
) -> str:
    """Records a result and schedules the next try.

    Returns the outcome to count.

    Returns "" if another process recorded a result. Idempotent: it may be repeated after a commit
    in doubt. `has_started_attempt` states that this delivery committed the mail as SENDING.
    """
    row = await tx.lock(Mail, mail.id)
    if (
        row is None
        or row.state in ENDED
        or (row.version != mail.version and result.status is not SubmissionStatus.ACCEPTED)
    ):
        return ""
    if (
        result.status in (SubmissionStatus.REFUSED_FOR_NOW, SubmissionStatus.REFUSED_FOR_GOOD)
        and not has_started_attempt
    ):
        row.tries += 1
        start_attempt(tx, row.id)
        await tx.flush()
    if result.status not in (SubmissionStatus.AWAY, SubmissionStatus.UNSUPPORTED):
        end_attempt(tx, row.id, AttemptOutcome(result.status), result.code_class)
    match result.status:
        case SubmissionStatus.ACCEPTED:
            return await _mark_sent(tx, row)
        case SubmissionStatus.REFUSED_FOR_GOOD:
            return await _fail_mail(tx, row, MailReason.REFUSED)
        case SubmissionStatus.UNSUPPORTED:
            return await _fail_mail(tx, row, MailReason.NEEDS_SMTPUTF8)
        case SubmissionStatus.REFUSED_FOR_NOW:
            return await _retry_after_refusal(tx, row, policy)
        case SubmissionStatus.IN_DOUBT:
            return await _retry_after_doubt(tx, row, policy)
        case SubmissionStatus.AWAY:
            return await _retry_after_absence(tx, row, policy)


async def _mark_sent(tx: Tx, mail: Mail) -> str:
    """Records a locked mail as sent.

    The write is deferred to the commit and leaves out the bodies, which do not change, but for the
    last mail to a person: nothing is known of them from here on.
    """
    mail.become(MailState.SENT)
    mail.sent_at = tx.now
    if mail.template == ACCOUNT_ERASED.name:
        mail.erase(tx.now)
        await tx.update(mail)
        await tx.emit(message_sent(mail, tx.now), key=mail.id)
        return "sent"
    mail.version += 1
    tx.deferred.execute(
        _STORE_SENT,
        mail_id=mail.id,
        new_state=mail.state,
        new_reason=mail.reason,
        now=mail.sent_at,
        new_version=mail.version,
    )
    await tx.emit(message_sent(mail, mail.sent_at), key=mail.id)
    return "sent"


async def _fail_mail(tx: Tx, mail: Mail, reason: MailReason) -> str:
    """Records a mail as failed. Staff may redrive it, unless its person was erased."""
    mail.become(MailState.FAILED, reason)
    if mail.template == ACCOUNT_ERASED.name:
        mail.erase(tx.now)
    await tx.update(mail)
    await tx.emit(message_failed(mail), key=mail.id)
    log.warning(
        "message failed",
        message=str(mail.id),
        template=mail.template,
        reason=reason,
        tries=mail.tries,
    )
    return "failed"


async def _retry_after_refusal(tx: Tx, mail: Mail, policy: RetryPolicy) -> str:
    if mail.tries >= policy.max_tries:
        return await _fail_mail(tx, mail, MailReason.TRIES_EXHAUSTED)
    if mail.state is MailState.SENDING:
        mail.become(MailState.QUEUED)
    await tx.update(mail)
    await timers.schedule(
        tx,
        DELIVERY_TIMER,
        str(mail.id),
        tx.now,
        lease_seconds=policy.delay_after_refusal(mail.tries),
    )
    return "retried"


async def _retry_after_doubt(tx: Tx, mail: Mail, policy: RetryPolicy) -> str:
    """Leaves the mail SENDING, so that the next delivery asks for a receipt first."""
    if mail.tries >= policy.max_tries:
        return await _fail_mail(tx, mail, MailReason.TRIES_EXHAUSTED)
    await timers.schedule(
        tx, DELIVERY_TIMER, str(mail.id), tx.now, lease_seconds=policy.doubt_seconds
    )
    return "in_doubt"


async def _retry_after_absence(tx: Tx, mail: Mail, policy: RetryPolicy) -> str:
    if tx.now - mail.driven_at > timedelta(seconds=policy.give_up_seconds):
        return await _fail_mail(tx, mail, MailReason.GIVEN_UP)
    mail.absences += 1
    await tx.update(mail)
    await timers.schedule(
        tx,
        DELIVERY_TIMER,
        str(mail.id),
        tx.now,
        lease_seconds=policy.delay_after_absence(mail.absences),
    )
    return "away"
