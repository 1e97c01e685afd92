"""Upgrades of a database that holds addresses of customers."""

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
    name = f"t_notifications_upgrade_{uuid7().hex[-12:]}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    engine = create_engine(superuser_url(name).replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    with psycopg.connect(superuser_dsn(), autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def migrate(connection: Connection, *revisions: str) -> None:
    """Runs revisions of notifications in turn."""
    with Operations.context(MigrationContext.configure(connection)):
        for revision in revisions:
            import_module(f"notifications.migrations.versions.{revision}").upgrade()


def test_addresses_of_existing_customers_count_as_confirmed_after_the_upgrade(
    connection: Connection,
) -> None:
    migrate(connection, "0001_notifications", "0002_caused_at")
    connection.execute(
        text(
            "INSERT INTO subscriber SELECT gen_random_uuid(), digest FROM unnest(ARRAY['d1', 'd2', "
            "'d2']) AS digest"
        )
    )

    migrate(connection, "0003_confirmed_addresses")

    rows = connection.execute(
        text("SELECT email_digest, confirmed_by FROM confirmed_address ORDER BY 1")
    ).all()
    assert [tuple(row) for row in rows] == [("d1", "account"), ("d2", "account")]
    assert (
        connection.execute(
            text("SELECT count(*) FROM subscriber WHERE confirmed_at IS NULL")
        ).scalar()
        == 0
    )
