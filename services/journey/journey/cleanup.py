"""Deleting what is settled. Each replica may do it."""

from datetime import timedelta
from typing import Final

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from journey.reminders.model import delete_old_reminders
from journey.settings import Settings

log = telemetry.log("sweeping")
# An abandonment's events are weeks old at the most when they come: their stream keeps them for
# seven days.
_KEPT: Final = timedelta(days=30)


async def delete_expired(database: Database, settings: Settings) -> None:
    """Sweeps until cancelled, through absences of the database."""

    async def sweep_once() -> None:
        async with database.tx() as tx:
            await delete_old_reminders(tx, tx.now - _KEPT)

    await run_periodically(sweep_once, every_seconds=settings.sweep_seconds, name="sweep")
