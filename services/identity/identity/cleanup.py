"""Deleting what expired. Each replica may do it; they pass over what another one is deleting."""

from datetime import timedelta
from functools import partial
from typing import Final

from chassis import telemetry
from chassis.data.database import Database
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from identity.devices import model as devices
from identity.logins import failures as attempts
from identity.logins.failures import Lockout
from identity.mail_links import model as mail_links
from identity.registrations import model as registrations
from identity.sessions import model as sessions
from identity.settings import Settings
from identity.signing_keys import store as keys

log = telemetry.log("sweeping")
# A session that expired yesterday still says so; an older one is unknown.
_SESSION_MARGIN: Final = timedelta(days=1)
_REGISTRATION_KEPT: Final = timedelta(hours=48)
_BATCH: Final = 2_000


async def sweep_once(database: Database, settings: Settings) -> None:
    """Deletes sessions in short transactions, then the rest in one."""
    now = real_now()
    deleted = _BATCH
    while deleted == _BATCH:
        async with database.tx() as tx:
            deleted = await sessions.sweep(tx, now - _SESSION_MARGIN, at_most=_BATCH)
    deleted = _BATCH
    while deleted == _BATCH:
        async with database.tx() as tx:
            unused_before = now - timedelta(seconds=settings.guest_unused_seconds)
            deleted = await sessions.delete_unused_guests(tx, unused_before, at_most=_BATCH)
    async with database.tx() as tx:
        await attempts.delete_old(tx, Lockout.of(settings), now)
        await devices.delete_expired(tx, now)
        await mail_links.delete_old(tx, now)
        await registrations.sweep(tx, now - _REGISTRATION_KEPT)
        await keys.sweep(tx, now)


async def sweep(database: Database, settings: Settings) -> None:
    """Sweeps until cancelled, through absences of the database."""
    await run_periodically(partial(sweep_once, database, settings), every_seconds=settings.sweep_seconds, name="sweep")
