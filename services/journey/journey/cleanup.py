"""Deleting what is settled. Each replica may do it."""

from datetime import timedelta
from typing import Final

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from journey.back_stage.store import delete_old_hours
from journey.exports.actions import delete_old_exports
from journey.imports.jobs import delete_abandoned_parts
from journey.reminders.model import delete_old_reminders
from journey.settings import Settings

log = telemetry.log("sweeping")
# An abandonment's events are weeks old at the most when they come: their stream keeps them for
# seven days.
_KEPT: Final = timedelta(days=30)
# Files of imports that nobody starts.
_KEPT_PARTS: Final = timedelta(days=7)
# Files of exports.
_KEPT_EXPORTS: Final = timedelta(days=1)


async def delete_expired(database: Database, settings: Settings) -> None:
    """Sweeps until cancelled, through absences of the database."""

    async def sweep_once() -> None:
        async with database.tx() as tx:
            await delete_old_reminders(tx, tx.now - _KEPT)
            await delete_abandoned_parts(tx, tx.now - _KEPT_PARTS)
            await delete_old_exports(tx, tx.now - _KEPT_EXPORTS)
            await delete_old_hours(tx)

    await run_periodically(sweep_once, every_seconds=settings.sweep_seconds, name="sweep")
