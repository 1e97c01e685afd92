"""Queueing a failed mail anew."""

from uuid import UUID

from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from notifications.errors import MessageErased
from notifications.mails import model as mails
from notifications.mails import recipients
from notifications.mails.model import SEND, Mail, MailState


async def redrive(tx: Tx, mail_id: UUID, caller: Caller) -> Mail:
    """The mail, queued with all its tries before it, and an audit row of who did it.

    Raises MessageNotFound, WrongMessageState, MessageErased, and InvalidRecipient for an address that no server will ever know.
    """
    mail = await mails.locked(tx, mail_id)
    before = {"state": mail.state, "reason": mail.reason}
    mail.become(MailState.QUEUED)
    if mail.erased_at is not None:
        raise MessageErased
    # One that was stored before may have its domain in Punycode, which is another form of a good address.
    recipients.normalized(mail.recipient, allows_test_domains=True)
    mail.tries, mail.absences, mail.driven_at = 0, 0, tx.now
    await tx.update(mail)
    await timers.schedule(tx, SEND, str(mail.id), tx.now)
    after = {"state": mail.state, "reason": mail.reason}
    record_audit(tx, caller, "message.redrive", f"message:{mail.id}", before=before, after=after)
    return mail
