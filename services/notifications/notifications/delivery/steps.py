"""The three steps of a delivery: a look before the server is asked, and transactions before it gets the content and after it answered.

No transaction is open while we talk to the server. Between the second and the third stands the mail as `sending` with an attempt that is
begun: whoever finds it so knows that the content may have been accepted, and asks before it is offered again.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jinja2 import TemplateError

from chassis import telemetry
from chassis.backoff import Backoff
from chassis.data import timers
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import Invalid
from notifications.delivery.channel import Answer, Result
from notifications.delivery.renderer import Renderer
from notifications.mails import attempts
from notifications.mails import events as announcing
from notifications.mails import model as mails
from notifications.mails.attempts import Outcome
from notifications.mails.model import ENDED, SEND, Mail, MailState, Reason
from notifications.preferences import model as preferences
from notifications.preferences.topics import Topic

log = telemetry.log("delivering")
_LONGEST_ABSENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on. Refusals for now count as tries; times that the server was away do not, but a mail is given up by its age.

    `doubt_seconds` is how long an unanswered offer may still be accepted by the server, before it is asked.
    """

    max_tries: int = 12
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 300.0
    doubt_seconds: float = 30.0
    give_up_seconds: float = 172_800.0

    def after_refusal(self, tries: int) -> float:
        """Seconds until the next try."""
        return Backoff(self.backoff_seconds, self.longest_backoff_seconds).after(tries)

    def after_absence(self, absences: int) -> float:
        """Seconds until the server is looked for again."""
        return Backoff(self.backoff_seconds, _LONGEST_ABSENCE_SECONDS).after(absences)


async def prepare(read: Read, mail_id: UUID, renderer: Renderer) -> tuple[Mail, Reason | None] | None:
    """The mail, rendered, ready to be offered (or, if it is `sending`, to be asked about); None where it had ended.

    With a reason it is not to be offered, but to be given up: its recipient does not want it any more, it is too late, or its texts are
    broken. Nothing is locked: whoever writes the mail next checks its version.
    """
    mail = await read.get(Mail, mail_id)
    if mail is None or mail.state in ENDED:
        return None
    if mail.state is MailState.SENDING:
        return mail, None
    wanted = await preferences.of(read, mail.email_digest)
    if not wanted.get(mail.topic, True):
        return mail, Reason.UNSUBSCRIBED
    if mail.expires_at is not None and mail.expires_at <= read.now:
        return mail, Reason.EXPIRED
    if mail.is_rendered and (mail.unsubscribe_topic != Topic.SURVEYS or wanted[Topic.SURVEYS]):
        return mail, None
    try:
        rendering = renderer.render(mail, wants_surveys=wanted[Topic.SURVEYS])
    except (TemplateError, Invalid) as error:
        log.error("template is broken", template=mail.template, exc_info=error)
        return mail, Reason.NOT_RENDERED
    mail.subject, mail.body_text, mail.body_html = rendering.subject, rendering.text, rendering.html
    # Written down by `begin`, with the state: until then it can be rendered again.
    mail.unsubscribe_topic = rendering.unsubscribe_topic or ""
    return mail, None


async def give_up(tx: Tx, mail: Mail, reason: Reason) -> str:
    """What `prepare` found a reason for. Returns what to count. Raises VersionMismatch if somebody else was faster."""
    if reason is Reason.NOT_RENDERED:
        return await fail(tx, mail, reason)
    mail.become(MailState.SUPPRESSED, reason)
    await tx.update(mail)
    return "suppressed"


async def begin(tx: Tx, mail: Mail) -> None:
    """Marks the mail as being sent, in the last moment before its content goes out. Raises VersionMismatch if somebody else was faster."""
    mail.become(MailState.SENDING)
    mail.tries += 1
    await tx.update(mail)
    attempts.begin(tx, mail.id)


async def conclude(tx: Tx, mail: Mail, answer: Answer, *, patience: Patience, has_begun: bool) -> str:
    """Writes down what the server said, and what follows. `has_begun` tells that `begin` preceded the answer.

    Returns what to count, or nothing where somebody else has concluded meanwhile. Idempotent: it may be repeated after a commit in doubt.
    """
    row = await tx.lock(Mail, mail.id)
    if row is None or row.state in ENDED or (row.version != mail.version and answer.result is not Result.ACCEPTED):
        return ""
    if answer.result in (Result.REFUSED_FOR_NOW, Result.REFUSED_FOR_GOOD) and not has_begun:
        row.tries += 1
        attempts.begin(tx, row.id)
        await tx.flush()
    if answer.result not in (Result.AWAY, Result.UNSUPPORTED):
        attempts.end(tx, row.id, Outcome(answer.result), answer.code_class)
    match answer.result:
        case Result.ACCEPTED:
            row.become(MailState.SENT)
            row.sent_at = tx.now
            mails.keep_sent(tx, row)
            await announcing.announce_sent(tx, row)
            return "sent"
        case Result.REFUSED_FOR_GOOD:
            return await fail(tx, row, Reason.REFUSED)
        case Result.UNSUPPORTED:
            return await fail(tx, row, Reason.NEEDS_SMTPUTF8)
        case Result.REFUSED_FOR_NOW:
            return await _try_again(tx, row, patience)
        case Result.IN_DOUBT:
            return await _look_again(tx, row, patience)
        case Result.AWAY:
            return await _wait(tx, row, patience)


async def fail(tx: Tx, mail: Mail, reason: Reason) -> str:
    """Gives the mail up; staff may redrive it. Returns what to count."""
    mail.become(MailState.FAILED, reason)
    await tx.update(mail)
    await announcing.announce_failed(tx, mail)
    log.warning("message failed", message=str(mail.id), template=mail.template, reason=reason, tries=mail.tries)
    return "failed"


async def _try_again(tx: Tx, mail: Mail, patience: Patience) -> str:
    if mail.tries >= patience.max_tries:
        return await fail(tx, mail, Reason.TRIES_EXHAUSTED)
    if mail.state is MailState.SENDING:
        mail.become(MailState.QUEUED)
    await tx.update(mail)
    await timers.schedule(tx, SEND, str(mail.id), tx.now, lease_seconds=patience.after_refusal(mail.tries))
    return "retried"


async def _look_again(tx: Tx, mail: Mail, patience: Patience) -> str:
    """It stays `sending`."""
    if mail.tries >= patience.max_tries:
        return await fail(tx, mail, Reason.TRIES_EXHAUSTED)
    await timers.schedule(tx, SEND, str(mail.id), tx.now, lease_seconds=patience.doubt_seconds)
    return "in_doubt"


async def _wait(tx: Tx, mail: Mail, patience: Patience) -> str:
    if tx.now - mail.driven_at > timedelta(seconds=patience.give_up_seconds):
        return await fail(tx, mail, Reason.GIVEN_UP)
    mail.absences += 1
    await tx.update(mail)
    await timers.schedule(tx, SEND, str(mail.id), tx.now, lease_seconds=patience.after_absence(mail.absences))
    return "away"
