"""Snapshots of the search index, from which replicas start."""

from chassis.data.migrations import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE search_snapshot (
            form TEXT PRIMARY KEY,
            server TEXT NOT NULL,
            position BIGINT NOT NULL,
            products BIGINT NOT NULL,
            files JSONB NOT NULL,
            categories JSONB NOT NULL,
            skipped JSONB NOT NULL,
            taken_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE search_snapshot_part (
            digest TEXT NOT NULL,
            number INTEGER NOT NULL,
            content BYTEA NOT NULL,
            PRIMARY KEY (digest, number)
        );
        -- The files are compressed already.
        ALTER TABLE search_snapshot_part ALTER COLUMN content SET STORAGE EXTERNAL;
        """
    )
