"""Looking after the mails as a whole: the age of the oldest unsent one, and erasing what was kept long enough."""

from datetime import timedelta
from functools import partial
from typing import Final

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from notifications import metrics
from notifications.mails import model as mails
from notifications.opt_ins import actions as opting_in

log = telemetry.log("watching")
_LOOK_SECONDS: Final = 5.0
_ERASE_SECONDS: Final = 600.0
_BATCH: Final = 1_000


async def look(database: Database) -> None:
    """Sets the gauge."""
    async with database.read() as read:
        oldest = await mails.oldest_unsent_at(read)
        metrics.mail_oldest_queued.set(max(0.0, (read.now - oldest).total_seconds()) if oldest else 0)


async def erase(database: Database, keep_days: int) -> None:
    """Erases the personal parts of ended mails older than `keep_days`, in short transactions. Their dedupe keys stay."""
    erased = _BATCH
    while erased == _BATCH:
        async with database.tx() as tx:
            erased = await mails.erase(tx, tx.now - timedelta(days=keep_days), at_most=_BATCH)
    async with database.tx() as tx:
        await opting_in.delete_old(tx)


async def watch(database: Database) -> None:
    """Looks until cancelled, through absences of the database."""
    await run_periodically(partial(look, database), every_seconds=_LOOK_SECONDS, name="look")


async def sweep(database: Database, keep_days: int) -> None:
    """Erases until cancelled, through absences of the database."""
    await run_periodically(partial(erase, database, keep_days), every_seconds=_ERASE_SECONDS, name="sweep")
