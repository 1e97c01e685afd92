"""Retention: rows of the chassis's tables that nothing asks for any more are deleted."""

from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import delete
from sqlmodel import col

from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.idempotency import Idempotency
from chassis.data.inbox import Inbox
from chassis.data.isolation import SkippedRow
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically

# Longer than events live in their stream, so that none is handled twice.
INBOX_KEPT: Final = timedelta(days=9)
IDEMPOTENCY_KEPT: Final = timedelta(hours=48)
_PAUSE_SECONDS: Final = 600


async def keep_deleting_expired(database: Database) -> None:
    """Deletes expired rows each ten minutes, until cancelled."""
    await run_periodically(
        partial(delete_expired, database),
        every_seconds=_PAUSE_SECONDS,
        name="deletion of expired rows",
    )


async def delete_expired(database: Database) -> None:
    """Deletes expired inbox rows, idempotency records and entries of the list of skipped rows.

    An inbox row outlives its event, an idempotency record lives 48 h, and an entry seven days after
    its row was last skipped.
    """
    async with database.tx() as tx:
        now = real_now()
        await tx.execute(delete(Inbox).where(col(Inbox.handled_at) < now - INBOX_KEPT))
        await tx.execute(
            delete(Idempotency).where(col(Idempotency.created_at) < now - IDEMPOTENCY_KEPT)
        )
        await tx.execute(
            delete(SkippedRow).where(
                col(SkippedRow.last_at) < now - timedelta(seconds=isolation.LISTED_SECONDS)
            )
        )
