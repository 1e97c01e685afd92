"""What the chassis promises of tables: the classes and the migrations describe one database."""

import asyncio

import psycopg
import pytest
from ledger_sample import Entry
from sqlalchemy import CheckConstraint, Index, text

from chassis.data.database import Database
from chassis.data.drift import describe, differences
from chassis.data.rows import table_of
from chassis.testing import drift_of, superuser_url


async def test_migrations_and_classes_describe_the_same_database() -> None:
    assert await drift_of("ledger_sample") == []


async def test_a_changed_check_is_told() -> None:
    table = table_of(Entry)
    changed = CheckConstraint("amount_minor > 0", name="entry_amount_minor_check")
    table.append_constraint(changed)
    try:
        found = await drift_of("ledger_sample")
    finally:
        table.constraints.remove(changed)

    assert found == ["only the classes have entry constraint entry_amount_minor_check: CHECK ((amount_minor > 0))"]


async def test_a_changed_partial_index_is_told() -> None:
    table = table_of(Entry)
    changed = Index("entry_at", table.c.at, postgresql_where=text("note IS NULL"))
    try:
        found = await drift_of("ledger_sample")
    finally:
        table.indexes.remove(changed)

    assert len(found) == 1
    assert found[0].startswith("only the classes have entry index entry_at: CREATE INDEX entry_at ON public.entry")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("ALTER TABLE entry DROP CONSTRAINT entry_kind_check, ADD CHECK (kind IN ('debit'))", "entry constraint entry_kind_check"),
        ("ALTER TABLE entry ALTER COLUMN note SET NOT NULL", "entry.note"),
        ("ALTER TABLE entry ALTER COLUMN version TYPE BIGINT", "entry.version"),
        ("ALTER TABLE entry ALTER COLUMN version SET DEFAULT 1", "entry.version"),
        ("ALTER TABLE timer RENAME CONSTRAINT timer_kind_key_key TO timer_key", "timer constraint timer_key"),
        ("DROP INDEX inbox_handled_at; CREATE INDEX inbox_handled_at ON inbox (handled_at) WHERE handled_at > '2020-01-01Z'", "inbox_handled_at"),
        ("ALTER TABLE timer SET (fillfactor = 50)", "timer options"),
    ],
)  # fmt: skip
async def test_each_kind_of_change_to_a_database_is_told(database: Database, change: str, name: str) -> None:
    async with database.read() as read:
        record = await read.fetch_one("SELECT current_database()")
        assert record is not None
    url = superuser_url(record[0])
    before = await asyncio.to_thread(describe, url)

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change.encode())

    found = differences(await asyncio.to_thread(describe, url), before)
    assert found
    assert any(name in sentence for sentence in found)
