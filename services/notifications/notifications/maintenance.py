"""Periodic loops beside the workers: the age of the oldest unsent mail, and erasure."""

from datetime import timedelta
from functools import partial
from typing import Final

from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from notifications import metrics
from notifications.mails.actions import erase_mails
from notifications.mails.queries import find_oldest_unsent_at
from notifications.opt_ins.actions import delete_expired_opt_ins

_MEASURE_SECONDS: Final = 5.0
_ERASE_SECONDS: Final = 600.0
_BATCH: Final = 1_000


async def measure_backlog(database: Database) -> None:
    """Sets the gauge of the age of the oldest unsent mail; 0 if no mail waits."""
    async with database.read() as read:
        oldest = await find_oldest_unsent_at(read)
        metrics.mail_oldest_queued.set(
            max(0.0, (read.now - oldest).total_seconds()) if oldest else 0
        )


async def erase_old_data(database: Database, keep_days: int) -> None:
    """Erases the personal data of ended mails older than `keep_days`, and expired opt-ins.

    The dedupe keys of mails stay.
    """
    erased = _BATCH
    while erased == _BATCH:
        async with database.tx() as tx:
            erased = await erase_mails(tx, tx.now - timedelta(days=keep_days), at_most=_BATCH)
    async with database.tx() as tx:
        await delete_expired_opt_ins(tx)


async def run_backlog_measurement(database: Database) -> None:
    """Runs until cancelled. A failure is logged and the next run follows."""
    await run_periodically(
        partial(measure_backlog, database),
        every_seconds=_MEASURE_SECONDS,
        name="backlog measurement",
    )


async def run_erasure(database: Database, keep_days: int) -> None:
    """Runs until cancelled. A failure is logged and the next run follows."""
    await run_periodically(
        partial(erase_old_data, database, keep_days), every_seconds=_ERASE_SECONDS, name="erasure"
    )
