"""The loop that forgets orders whose retention is over."""

from functools import partial
from typing import Final

from chassis.data.database import Database
from chassis.runtime.loops import run_periodically
from checkout.erasures.actions import forget_due_orders
from checkout.tracking.actions import forget_waiting_events

_EVERY_SECONDS: Final = 60.0
_BATCH: Final = 500


async def forget_orders(database: Database) -> None:
    """Blanks all orders that are due, and drops events of no parcel, a batch a transaction."""
    done = _BATCH
    while done == _BATCH:
        async with database.tx() as tx:
            done = await forget_due_orders(tx, database.clock.now(), at_most=_BATCH)
    done = _BATCH
    while done == _BATCH:
        async with database.tx() as tx:
            done = await forget_waiting_events(tx, at_most=_BATCH)


async def run_forgetting(database: Database) -> None:
    """Runs until cancelled. A failure is logged and the next run follows."""
    await run_periodically(
        partial(forget_orders, database), every_seconds=_EVERY_SECONDS, name="forgetting of orders"
    )
