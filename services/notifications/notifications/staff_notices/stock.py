"""Mails of low stock: one for all levels that fell within some minutes."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel import col, select

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from notifications.mails.model import MailRules
from notifications.staff_notices.actions import notify_staff
from notifications.staff_notices.model import STOCK_TIMER, LowStock
from notifications.staff_notices.notices import stock_notice

_KEY: Final = "all"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


async def record_low_stock(tx: Tx, level: LowStock, *, minutes: int) -> None:
    """Keeps a low level for the mail at the end of the present span of so many minutes."""
    await tx.upsert_many(LowStock, [level])
    # All events of a span set the timer to one time: a later one does not put the mail off.
    span = timedelta(minutes=minutes)
    await timers.schedule(tx, STOCK_TIMER, _KEY, tx.now + span - (tx.now - _EPOCH) % span)


async def tell_low_stock(tx: Tx, rules: MailRules, *, subject: str) -> int:
    """Mails the levels that are kept, once, and forgets them; returns how many they are."""
    query = select(LowStock).order_by(col(LowStock.sku), col(LowStock.warehouse)).with_for_update()
    levels = await tx.all(query)
    if levels:
        await notify_staff(tx, stock_notice(levels, subject), rules)
    for level in levels:
        await tx.delete(level)
    return len(levels)


def stock_timers(
    database: Database, rules: MailRules
) -> dict[str, Callable[[Timer], Awaitable[None]]]:
    """Handlers of the timer of low stock."""

    async def tell_kept_levels(timer: Timer) -> None:
        async with database.tx() as tx:
            subject = f"{timer.due_at.astimezone(UTC):%Y%m%dT%H%M%S}"
            await tell_low_stock(tx, rules, subject=subject)
            timer.end(tx)

    return {STOCK_TIMER: tell_kept_levels}
