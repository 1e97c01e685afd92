"""The rule of abandoned carts: a while after the abandonment, and only if it is still true."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.tx import Read, Tx
from journey.consents.model import has_refused_mail_since
from journey.reminders.model import (
    TIMER,
    Reason,
    Reminder,
    Status,
    has_come_back,
    insert_reminder,
    lock_open_reminders,
    record_cart_activity,
)


async def schedule_reminder(tx: Tx, reminder: Reminder, *, delay: timedelta) -> bool:
    """Sets a reminder for `delay` after the abandonment, once for each.

    Returns whether it did; not where the shopper is back already.
    """
    if await has_come_back(tx, reminder) or not await insert_reminder(tx, reminder):
        return False
    await timers.schedule(tx, TIMER, str(reminder.id), reminder.abandoned_at + delay)
    return True


async def cancel_reminders(tx: Tx, versions: Mapping[UUID, int]) -> int:
    """Records a shopper's version of a cart, and cancels reminders of earlier versions.

    A guest's id with FOR_GOOD records that their carts were merged.

    Returns how many that were. In any order with the abandonments.
    """
    await record_cart_activity(tx, versions)
    cancelled = 0
    for reminder in await lock_open_reminders(tx, list(versions)):
        if await has_come_back(tx, reminder) and reminder.become(
            Status.CANCELLED, tx.now, Reason.CAME_BACK
        ):
            await tx.update(reminder)
            cancelled += 1
    return cancelled


async def find_objection(read: Read, reminder: Reminder) -> Reason | None:
    """Returns the reason why a reminder must not be sent now, or None.

    It asks the database of this service only."""
    if await has_come_back(read, reminder):
        return Reason.CAME_BACK
    if await has_refused_mail_since(read, reminder.owner_id, reminder.agreed_at):
        return Reason.CONSENT_WITHDRAWN
    return None


async def settle_reminder(
    database: Database, reminder_id: UUID, status: Status, reason: str = ""
) -> bool:
    """Settles a reminder in a transaction of its own. Returns whether it was open."""
    async with database.tx() as tx:
        reminder = await tx.lock(Reminder, reminder_id)
        if reminder is None or not reminder.become(status, tx.now, reason):
            return False
        await tx.update(reminder)
        return True
