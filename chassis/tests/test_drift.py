"""The classes of tables and the migrations describe one database."""

import asyncio
import shutil
from pathlib import Path

import ledger_sample
import psycopg
import pytest
from ledger_sample import Entry
from psycopg import sql
from sqlalchemy import CheckConstraint, Index, text

from chassis.data.database import Database
from chassis.data.drift import describe, differences
from chassis.data.migrations import draft_revision
from chassis.data.rows import table_of
from chassis.runtime.clock import uuid7
from chassis.testing import drift_of, superuser_dsn, superuser_url


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

    assert found == [
        "only the classes have entry constraint entry_amount_minor_check: CHECK ((amount_minor > "
        "0))"
    ]


async def test_a_changed_partial_index_is_told() -> None:
    table = table_of(Entry)
    changed = Index("entry_at", table.c.at, postgresql_where=text("note IS NULL"))
    try:
        found = await drift_of("ledger_sample")
    finally:
        table.indexes.remove(changed)

    assert len(found) == 1
    assert found[0].startswith(
        "only the classes have entry index entry_at: CREATE INDEX entry_at ON public.entry"
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("ALTER TABLE entry DROP CONSTRAINT "
         "entry_kind_check, ADD CHECK (kind IN ('debit'))", "entry constraint entry_kind_check"),
        ("ALTER TABLE entry ALTER COLUMN note SET NOT NULL", "entry.note"),
        ("ALTER TABLE entry ALTER COLUMN version TYPE BIGINT", "entry.version"),
        ("ALTER TABLE entry ALTER COLUMN version SET DEFAULT 1", "entry.version"),
        ("ALTER TABLE timer RENAME CONSTRAINT timer_kind_key_key "
         "TO timer_key", "timer constraint timer_key"),
        ("DROP INDEX inbox_handled_at; CREATE INDEX inbox_handled_at ON "
         "inbox (handled_at) WHERE handled_at > '2020-01-01Z'", "inbox_handled_at"),
        ("ALTER TABLE timer SET (fillfactor = 50)", "timer options"),
    ],
)  # fmt: skip
async def test_each_kind_of_change_to_a_database_is_told(
    database: Database, change: str, name: str
) -> None:
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


@pytest.fixture
def sample_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A copy of the sample service, into which drafts may be written."""
    name = f"ledger_{uuid7().hex}"
    shutil.copytree(Path(ledger_sample.__file__).parent, tmp_path / name)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def a_draft(package: str) -> Path | None:
    """Drafts on a new database."""
    database = f"t_{package}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return draft_revision(superuser_url(database), package, "add_memo")


def test_no_migration_is_drafted_where_nothing_changed(sample_copy: str) -> None:
    assert a_draft(sample_copy) is None


def test_a_new_column_is_drafted_as_the_next_migration(sample_copy: str, tmp_path: Path) -> None:
    module = tmp_path / sample_copy / "__init__.py"
    module.write_text(
        module.read_text()
        + "    memo: str | None = None\n    facts: list[str] = document(list[str])\n"
    )

    path = a_draft(sample_copy)

    assert path is not None
    assert path.name == "0002_add_memo.py"
    text = path.read_text()
    assert "sa.Column('memo', sa.Text(), nullable=True)" in text
    assert "sa.Column('facts', postgresql.JSONB(), nullable=False)" in text
    assert "down_revision = '0001'" in text
