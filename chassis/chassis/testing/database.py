"""Databases of services on the throw-away server of `TEST_POSTGRES_DSN`, a superuser's DSN."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import TypeVar

import psycopg
from google.protobuf.message import Message
from psycopg import sql

from chassis.data.database import Database
from chassis.runtime.clock import Clock, uuid7
from chassis.testing.clock import virtual_clock

M = TypeVar("M", bound=Message)


def superuser_dsn(database: str = "postgres") -> str:
    """DSN of the throw-away server, in another database."""
    return psycopg.conninfo.make_conninfo(os.environ["TEST_POSTGRES_DSN"], dbname=database)


def superuser_url(database: str) -> str:
    """URL of the throw-away server's superuser in `database`."""
    parts = psycopg.conninfo.conninfo_to_dict(os.environ["TEST_POSTGRES_DSN"])
    return f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{database}"


@contextlib.asynccontextmanager
async def fresh_database(
    package: str, *, clock: Clock | None = None, pool_size: int = 10
) -> AsyncIterator[Database]:
    """An empty, migrated database of a service, dropped afterwards.

    The migrated template is made once per server, and copied as files, which takes a third of the
    time of a copy through the log.
    """
    name = f"t_{package}_{uuid7().hex[-12:]}"
    await asyncio.to_thread(_clone, package, name)
    database = Database(
        superuser_url(name), source=package, clock=clock or virtual_clock(), pool_size=pool_size
    )
    await database.open()
    try:
        yield database
    finally:
        await database.close()
        with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def _clone(package: str, name: str) -> None:
    from chassis.data.migrations import upgrade

    template = f"template_{package}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        # Workers of one run make each template once.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [template]
        ).fetchone():
            building = f"{template}_building"
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building))
            )
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
            upgrade(superuser_url(building), package)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(template)
                )
            )
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


async def events_of(database: Database, kind: type[M], key: str = "") -> list[M]:
    """Returns the outbox's events of a type, oldest first; with `key` of one aggregate."""
    query = "SELECT payload FROM outbox WHERE type = %s AND (key = %s OR %s = '') ORDER BY id"
    async with database.read() as read:
        rows = await read.fetch(query, [kind.DESCRIPTOR.full_name, key, key])
    return [kind.FromString(bytes(payload)) for (payload,) in rows]


async def drift_of(package: str) -> list[str]:
    """Returns the differences between a service's migrations and its classes, a sentence each."""
    from chassis.data.drift import create_tables, describe, differences

    name = f"t_{package}_classes_{uuid7().hex[-12:]}"
    async with fresh_database(package) as database, database.read() as read:
        record = await read.fetch_one("SELECT current_database()")
        assert record is not None
        migrated = await asyncio.to_thread(describe, superuser_url(record[0]))
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        try:
            await asyncio.to_thread(create_tables, superuser_url(name), package)
            return differences(migrated, await asyncio.to_thread(describe, superuser_url(name)))
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
