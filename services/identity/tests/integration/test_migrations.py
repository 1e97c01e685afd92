"""The upgrade of a database that has customers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from chassis.runtime.clock import uuid7
from chassis.testing import superuser_dsn, superuser_url


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection to an empty database."""
    name = f"t_identity_upgrade_{uuid7().hex[-12:]}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    engine = create_engine(superuser_url(name).replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    with psycopg.connect(superuser_dsn(), autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def migrate(connection: Connection, *revisions: str) -> None:
    """Runs revisions of identity, one after the other."""
    with Operations.context(MigrationContext.configure(connection)):
        for revision in revisions:
            import_module(f"identity.migrations.versions.{revision}").upgrade()


def test_customers_of_before_the_migration_count_as_confirmed(connection: Connection) -> None:
    migrate(connection, "0001_identity", "0002_api_keys")
    connection.execute(
        text(
            "INSERT INTO customer VALUES (gen_random_uuid(), 'ana@example.com', 'Ana', '', '', "
            "'de', 'de', 3, '2026-03-02T09:30:00Z', NULL)"
        )
    )

    migrate(connection, "0003_confirmed_addresses_and_devices")

    rows = connection.execute(
        text("SELECT email_confirmed_at = created_at, version FROM customer")
    ).all()
    assert [tuple(row) for row in rows] == [(True, 3)]
