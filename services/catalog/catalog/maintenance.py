"""Timers and loops: the expiry of reservations, and the audit of the stock counters."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from catalog import metrics
from catalog.digital_goods.unneeded_files import delete_unneeded_files
from catalog.directory import Directory
from catalog.jobs.actions import delete_abandoned_parts
from catalog.media.store import MediaStore
from catalog.prices.actions import EFFECT, apply_price_list
from catalog.prices.model import PriceList
from catalog.related.actions import SWEEP
from catalog.related.apply_rules import sweep_rules
from catalog.related.together import SHOW, TogetherSettings, show_together
from catalog.reservations import model as reservations
from catalog.reservations.actions import EXPIRY, expire_reservation
from catalog.stock.ledger import record_missing
from catalog.subscriptions.actions import FORGET, forget_unconfirmed
from catalog.subscriptions.causes import TELL
from catalog.subscriptions.tell import tell_alerts
from chassis import telemetry
from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from chassis.runtime.loops import run_periodically

_KEPT_PARTS: Final = timedelta(days=1)
_PAUSE_SECONDS: Final = 600.0
log = telemetry.log("timing")


def timers(
    database: Database,
    directory: Directory,
    together: TogetherSettings | None = None,
    *,
    rules_seconds: float = 3_600,
) -> dict[str, TimerHandler]:
    """Handlers by the kind of timer.

    `rules_seconds` is how long after one sweep of the rules of related products the next begins.
    """
    shown = together or TogetherSettings()

    async def expire(timer: Timer) -> None:
        async with database.tx() as tx:
            await expire_reservation(tx, await directory.context(tx), UUID(timer.key))

    async def apply_prices(timer: Timer) -> None:
        last = UUID(str(timer.payload.get("last") or UUID(int=0)))
        began = timer.payload.get("since")
        async with database.tx() as tx:
            since = datetime.fromisoformat(str(began)) if began else tx.now
            context = await directory.context(tx)
            # A change of the list since then begins anew, with a timer of its own.
            if await tx.lock(PriceList, timer.key) is not None and await timer.is_held(tx):
                await apply_price_list(tx, context, timer.key, last=last, since=since)

    async def show(timer: Timer) -> None:
        async with database.tx() as tx:
            await show_together(tx, UUID(timer.key), shown)

    async def apply_rules(timer: Timer) -> None:
        async with database.tx() as tx:
            await sweep_rules(tx, await directory.context(tx), every_seconds=rules_seconds)

    async def announce_causes(timer: Timer) -> None:
        async with database.tx() as tx:
            await tell_alerts(tx, await directory.context(tx), UUID(timer.key))

    async def forget(timer: Timer) -> None:
        async with database.tx() as tx:
            await forget_unconfirmed(tx, UUID(timer.key))

    return {
        EXPIRY: expire,
        EFFECT: apply_prices,
        SHOW: show,
        SWEEP: apply_rules,
        TELL: announce_causes,
        FORGET: forget,
    }


async def _record_missing(database: Database) -> int:
    async with database.tx() as tx:
        return await record_missing(tx)


async def audit_stock(database: Database, *, every_seconds: float) -> None:
    """Compares the reserved counters with the held reservations until cancelled.

    All of its metrics must stay 0. Changes of an older release are added to the ledger first.
    """
    oversold_before = 0

    async def compare() -> None:
        nonlocal oversold_before
        while await _record_missing(database):
            pass
        async with database.read() as read:
            drift, oversold = await reservations.drift(read)
        metrics.reservation_drift.set(drift)
        metrics.oversold_units.set(oversold)
        metrics.stock_oversold.inc(max(oversold - oversold_before, 0))
        if drift or oversold > oversold_before:
            log.error("stock counters and reservations differ", drift=drift, oversold=oversold)
        oversold_before = oversold

    await run_periodically(compare, every_seconds=every_seconds, name="audit of the stock")


async def keep_deleting_abandoned(database: Database, store: MediaStore) -> None:
    """Deletes uploads that nobody ended for a day, each ten minutes until cancelled.

    They are files of imports that were not started, and of digital goods that were not completed.
    """

    async def delete() -> None:
        async with database.tx() as tx:
            await delete_abandoned_parts(tx, tx.now - _KEPT_PARTS)
        await delete_unneeded_files(database, store)

    await run_periodically(delete, every_seconds=_PAUSE_SECONDS, name="deletion of uploads")
