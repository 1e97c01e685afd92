"""Commands of identity beside those that every service has."""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import Clock
from identity.credentials import passwords
from identity.settings import Settings
from identity.signing_keys import store as keys
from identity.staff import actions as hiring
from identity.staff import model as staff
from identity.wiring import Parts


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[Parts]:
    database = Database(settings.database_url.get_secret_value(), source="identity", clock=Clock())
    await database.open()
    try:
        yield Parts.of(settings, database)
    finally:
        await database.close()


async def migrate(settings: Settings, arguments: list[str]) -> int:
    """Migrates as every service does, then makes the first key and the first member of staff."""
    from chassis.data.migrations import migrate as migrate_database

    await migrate_database("identity", settings)
    if settings.database_url.get_secret_value():
        async with _parts(settings) as parts:
            await parts.bootstrap()
    return 0


async def rotate_keys(settings: Settings, arguments: list[str]) -> int:
    """Makes a new signing key and prints its id."""
    async with _parts(settings) as parts:
        async with parts.database.tx() as tx:
            key = await keys.rotate(
                tx, parts.vault, token_seconds=settings.access_token_seconds, publish_delay_seconds=settings.key_publish_delay_seconds
            )
    print(key.id)  # noqa: T201
    return 0


async def create_staff(settings: Settings, arguments: list[str]) -> int:
    """Makes a member of staff and prints their id. The password comes from NEW_STAFF_PASSWORD, a prompt, or the first line of stdin."""
    parser = argparse.ArgumentParser(prog="python -m identity create-staff")
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", required=True, choices=list(staff.Role))
    options = parser.parse_args(arguments)
    password = os.environ.get("NEW_STAFF_PASSWORD", "")
    if not password:
        password = await asyncio.to_thread(_ask_password)
    try:
        email = normalize_email(options.email, allows_test_domains=settings.allows_test_domains)
        passwords.check(password, email=email)
        async with _parts(settings) as parts:
            async with parts.hasher.slot():
                password_hash = await parts.hasher.hash(password)
            async with parts.database.tx() as tx:
                staff_id = await hiring.hire(tx, email=email, role=staff.role_of(options.role), password_hash=password_hash)
    except DomainError as error:
        print(f"identity: {error.message} ({error.reason})", file=sys.stderr)  # noqa: T201
        return 1
    print(staff_id)  # noqa: T201
    return 0


def _ask_password() -> str:
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
