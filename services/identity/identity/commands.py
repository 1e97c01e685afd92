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
from identity.credentials.passwords import require_strong_password
from identity.settings import Settings
from identity.signing_keys.actions import rotate_keys
from identity.staff.actions import create_staff
from identity.staff.model import StaffRole, parse_staff_role
from identity.wiring import Wiring


@asynccontextmanager
async def _wiring(settings: Settings) -> AsyncIterator[Wiring]:
    database = Database(settings.database_url.get_secret_value(), source="identity", clock=Clock())
    await database.open()
    try:
        yield Wiring.from_settings(settings, database)
    finally:
        await database.close()


async def migrate_command(settings: Settings, arguments: list[str]) -> int:
    """Migrates as every service does, then creates the first key and the first admin."""
    from chassis.data.migrations import migrate as migrate_database

    await migrate_database("identity", settings)
    if settings.database_url.get_secret_value():
        async with _wiring(settings) as wiring:
            await wiring.bootstrap()
    return 0


async def rotate_keys_command(settings: Settings, arguments: list[str]) -> int:
    """Creates a new signing key and prints its id."""
    async with _wiring(settings) as wiring:
        async with wiring.database.tx() as tx:
            key = await rotate_keys(
                tx,
                wiring.vault,
                token_seconds=settings.access_token_seconds,
                publish_delay_seconds=settings.key_publish_delay_seconds,
            )
    print(key.id)
    return 0


async def create_staff_command(settings: Settings, arguments: list[str]) -> int:
    """Creates a staff member and prints the id.

    The password comes from NEW_STAFF_PASSWORD, a prompt, or the first line of stdin.
    """
    parser = argparse.ArgumentParser(prog="python -m identity create-staff")
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", required=True, choices=list(StaffRole))
    options = parser.parse_args(arguments)
    password = os.environ.get("NEW_STAFF_PASSWORD", "")
    if not password:
        password = await asyncio.to_thread(_ask_password)
    try:
        email = normalize_email(options.email, allows_test_domains=settings.allows_test_domains)
        require_strong_password(password, email=email)
        async with _wiring(settings) as wiring:
            async with wiring.hasher.slot():
                password_hash = await wiring.hasher.hash(password)
            async with wiring.database.tx() as tx:
                staff_id = await create_staff(
                    tx,
                    email=email,
                    role=parse_staff_role(options.role),
                    password_hash=password_hash,
                )
    except DomainError as error:
        print(f"identity: {error.message} ({error.reason})", file=sys.stderr)
        return 1
    print(staff_id)
    return 0


def _ask_password() -> str:
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
