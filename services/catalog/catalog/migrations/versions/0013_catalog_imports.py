"""Imports of catalogue files as jobs."""

from chassis.data.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE catalog_import (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled')),
            options JSONB NOT NULL,
            actor_id UUID,
            created_at TIMESTAMPTZ NOT NULL,
            finished_at TIMESTAMPTZ,
            leased_until TIMESTAMPTZ,
            bytes_received BIGINT NOT NULL,
            records_found BIGINT NOT NULL,
            records_done BIGINT NOT NULL,
            created BIGINT NOT NULL,
            updated BIGINT NOT NULL,
            unchanged BIGINT NOT NULL,
            refused BIGINT NOT NULL,
            problems JSONB NOT NULL,
            notes JSONB NOT NULL,
            problem TEXT NOT NULL
        );
        CREATE INDEX catalog_import_state ON catalog_import (state, id);
        CREATE TABLE catalog_import_part (
            import_id UUID NOT NULL,
            number INTEGER NOT NULL,
            content BYTEA NOT NULL,
            PRIMARY KEY (import_id, number)
        );
        """
    )
