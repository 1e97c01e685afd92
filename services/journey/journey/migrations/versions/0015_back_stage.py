"""Calls and events behind touchpoints by the hour, as collectors count them."""

from chassis.data.migrations import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE back_stage_hour (
            hour TIMESTAMPTZ NOT NULL,
            kind TEXT NOT NULL,
            service TEXT NOT NULL,
            operation TEXT NOT NULL,
            role TEXT NOT NULL,
            errors BIGINT NOT NULL,
            buckets JSONB NOT NULL,
            traces JSONB NOT NULL,
            PRIMARY KEY (hour, kind, service, operation, role)
        );
        CREATE TABLE back_stage_request (
            digest TEXT PRIMARY KEY,
            received_at TIMESTAMPTZ NOT NULL
        );
        """
    )
