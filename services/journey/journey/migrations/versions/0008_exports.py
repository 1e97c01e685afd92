"""Exports as jobs, and the parts of their files."""

from chassis.data.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE export_job (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            state TEXT NOT NULL CHECK (state IN
                ('queued', 'running', 'done', 'failed', 'expired')),
            options JSONB NOT NULL,
            actor_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            finished_at TIMESTAMPTZ,
            leased_until TIMESTAMPTZ,
            attempts INTEGER NOT NULL,
            touchpoints BIGINT NOT NULL,
            bytes_written BIGINT NOT NULL,
            parts INTEGER NOT NULL,
            problem TEXT NOT NULL
        );
        CREATE INDEX export_job_state ON export_job (state, id);
        CREATE TABLE export_part (
            export_id UUID,
            number INTEGER,
            content BYTEA NOT NULL,
            people UUID[] NOT NULL,
            PRIMARY KEY (export_id, number)
        );
        CREATE INDEX export_part_people ON export_part USING gin (people);
        CREATE TABLE export_withdrawal (
            export_id UUID,
            person_id UUID,
            PRIMARY KEY (export_id, person_id)
        );
        """
    )
