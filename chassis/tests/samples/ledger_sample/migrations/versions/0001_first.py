"""The chassis' tables and one of our own."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
        CREATE TABLE entry (
            id UUID PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('debit', 'credit')),
            note TEXT,
            labels JSONB NOT NULL,
            amount_minor BIGINT NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            version INTEGER NOT NULL
        )
        """
    )
