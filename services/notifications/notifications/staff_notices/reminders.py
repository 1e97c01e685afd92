"""Reminders of evidence that is due: a look at open disputes, again and again."""

from functools import partial
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.data.isolation import Loop, is_of_a_row
from chassis.runtime.loops import run_periodically
from notifications.mails.model import MailRules
from notifications.staff_notices.actions import notify_staff
from notifications.staff_notices.model import DisputedPayment, StaffNoticeKind
from notifications.staff_notices.notices import evidence_notice
from notifications.staff_notices.queries import find_due_evidence, find_recipients

_EVERY_SECONDS: Final = 15.0
_LOOP: Final = Loop("evidence reminders")


async def remind_evidence(database: Database, rules: MailRules) -> None:
    """Mails each recipient once that evidence is due, at its own time before the date.

    A date that changes is reminded of again. Idempotent and safe to run concurrently.
    """
    async with database.read() as read:
        disputes = await find_due_evidence(read)
    for dispute in disputes:
        try:
            await _remind(database, dispute.dispute_id, rules)
        except Exception as error:
            if not is_of_a_row(error):
                raise
            _LOOP.skip(dispute.dispute_id, error)


async def _remind(database: Database, dispute_id: UUID, rules: MailRules) -> None:
    async with database.tx() as tx:
        # It may be answered meanwhile: the event waits for this lock, or this finds what it wrote.
        dispute = await tx.lock(DisputedPayment, dispute_id)
        if dispute is None or dispute.respond_by is None or dispute.respond_by <= tx.now:
            return
        recipients = [
            each
            for each in await find_recipients(tx, StaffNoticeKind.EVIDENCE_DUE, dispute.channel)
            if dispute.respond_by - each.evidence_due_before <= tx.now
        ]
        await notify_staff(tx, evidence_notice(dispute, dispute.respond_by), rules, recipients)


async def run_reminders(database: Database, rules: MailRules) -> None:
    """Runs until cancelled. A failure is logged and the next run follows."""
    await run_periodically(
        partial(remind_evidence, database, rules),
        every_seconds=_EVERY_SECONDS,
        name="evidence reminders",
    )
