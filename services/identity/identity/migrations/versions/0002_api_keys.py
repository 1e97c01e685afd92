"""API keys."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE api_key (
            id UUID PRIMARY KEY,
            name TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('synthetic')),
            digest BYTEA NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID NOT NULL,
            idempotency_key TEXT NOT NULL,
            last_used_at TIMESTAMPTZ,
            revoked_at TIMESTAMPTZ,
            version BIGINT NOT NULL,
            UNIQUE (created_by, idempotency_key)
        )
        """
    )
