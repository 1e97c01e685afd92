"""Rows that a loop left out."""

from chassis.data.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE skipped_row (
            loop TEXT NOT NULL,
            key TEXT NOT NULL,
            error TEXT NOT NULL,
            times BIGINT NOT NULL,
            first_at TIMESTAMPTZ NOT NULL,
            last_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (loop, key)
        );
        CREATE INDEX skipped_row_last_at ON skipped_row (last_at);
        """
    )
