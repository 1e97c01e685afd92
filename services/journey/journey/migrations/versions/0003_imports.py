"""Imports as jobs, and keys by which people are found."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE import_job (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            state TEXT NOT NULL CHECK (state IN
                ('receiving', 'queued', 'running', 'done', 'failed', 'undone')),
            options JSONB NOT NULL,
            actor_id UUID,
            created_at TIMESTAMPTZ NOT NULL,
            finished_at TIMESTAMPTZ,
            leased_until TIMESTAMPTZ,
            bytes_received BIGINT NOT NULL,
            lines_read BIGINT NOT NULL,
            lines_stored BIGINT NOT NULL,
            lines_repeated BIGINT NOT NULL,
            lines_withheld BIGINT NOT NULL,
            lines_refused BIGINT NOT NULL,
            refusals JSONB NOT NULL,
            notes JSONB NOT NULL,
            problem TEXT NOT NULL
        );
        CREATE INDEX import_job_state ON import_job (state, id);
        CREATE TABLE import_part (
            import_id UUID,
            number INTEGER,
            content BYTEA NOT NULL,
            PRIMARY KEY (import_id, number)
        );
        CREATE TABLE person_key (
            key_id UUID,
            handle_id UUID,
            import_id UUID,
            PRIMARY KEY (key_id, handle_id)
        );
        CREATE INDEX person_key_handle ON person_key (handle_id);
        """
    )
