"""Deletion of expired rows.

All replicas may run it at the same time: each skips the rows that another one deletes.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from identity.devices.actions import delete_expired_devices
from identity.logins.failures import delete_old_failures
from identity.logins.model import Lockout
from identity.mail_links.actions import delete_expired_mail_links
from identity.organizations.actions import delete_expired_invitations
from identity.registrations.actions import delete_old_registrations
from identity.sessions.actions import delete_expired_sessions, delete_unused_guest_sessions
from identity.settings import Settings
from identity.signing_keys.actions import delete_expired_keys

# A session is stored a day longer, so that its refresh is refused as expired and not as unknown.
_EXPIRED_SESSION_STORED: Final = timedelta(days=1)
_REGISTRATION_STORED: Final = timedelta(hours=48)
_BATCH: Final = 2_000


async def delete_expired(database: Database, settings: Settings) -> None:
    """Deletes sessions in short transactions, then all other expired rows in one."""
    now = real_now()
    expired_before = now - _EXPIRED_SESSION_STORED
    await _in_batches(
        database, lambda tx: delete_expired_sessions(tx, expired_before, at_most=_BATCH)
    )
    unused_before = now - timedelta(seconds=settings.guest_unused_seconds)
    await _in_batches(
        database, lambda tx: delete_unused_guest_sessions(tx, unused_before, at_most=_BATCH)
    )
    async with database.tx() as tx:
        await delete_old_failures(tx, Lockout.from_settings(settings), now)
        await delete_expired_devices(tx, now)
        await delete_expired_mail_links(tx, now)
        await delete_old_registrations(tx, now - _REGISTRATION_STORED)
        await delete_expired_keys(tx, now)
        await delete_expired_invitations(tx, now)


async def _in_batches(database: Database, delete: Callable[[Tx], Awaitable[int]]) -> None:
    """Deletes batches, each in a transaction of its own, until one is not full."""
    deleted = _BATCH
    while deleted == _BATCH:
        async with database.tx() as tx:
            deleted = await delete(tx)


async def delete_expired_periodically(database: Database, settings: Settings) -> None:
    """Deletes expired rows until cancelled. An unavailable database does not end the loop."""
    await run_periodically(
        partial(delete_expired, database, settings),
        every_seconds=settings.sweep_seconds,
        name="cleanup",
    )
