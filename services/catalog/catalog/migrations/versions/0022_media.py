"""Pictures, their bytes where the database keeps them, and the key of signed uploads."""

from chassis.data.migrations import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE media_object (
            id UUID PRIMARY KEY,
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            size_bytes BIGINT NOT NULL,
            digest BYTEA NOT NULL,
            actor_id UUID,
            created_at TIMESTAMPTZ NOT NULL,
            deleted_at TIMESTAMPTZ,
            version BIGINT NOT NULL
        );
        CREATE TABLE media_blob (
            key TEXT PRIMARY KEY,
            content BYTEA NOT NULL
        );
        CREATE TABLE media_key (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            key BYTEA NOT NULL
        );
        INSERT INTO media_key
        SELECT TRUE, sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea);
        """
    )
