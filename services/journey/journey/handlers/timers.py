"""Handlers of the journey's timers."""

from datetime import timedelta
from uuid import UUID

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from journey import metrics
from journey.peers import Catalog, ReminderChannel
from journey.reminders.actions import find_objection, settle_reminder
from journey.reminders.model import TIMER, Reason, Reminder, Status


def timers(
    database: Database, catalog: Catalog, channel: ReminderChannel
) -> dict[str, TimerHandler]:
    """Handlers of the journey's timers.

    They ask for the truth at the moment of sending; what is away is asked again later.
    """

    async def remind(timer: Timer) -> None:
        async with database.read() as read:
            reminder = await read.get(Reminder, UUID(timer.key))
            if reminder is None or reminder.status is not Status.SCHEDULED:
                return
            reason = await find_objection(read, reminder)
        if reason is None:
            lines = await catalog.lines_in_stock(reminder)
            if lines:
                reason = await channel.send(
                    reminder, lines, expires_at=database.clock.now() + timedelta(days=1)
                )
            else:
                reason = Reason.OUT_OF_STOCK
        status = Status.CANCELLED if reason else Status.SENT
        if await settle_reminder(database, reminder.id, status, reason or ""):
            metrics.reminders.labels(reason or "sent").inc()

    return {TIMER: remind}
