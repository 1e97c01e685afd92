"""Roles in maps, and links by which others see them."""

from chassis.data.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE map_sharing (
            slug TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            staff_role TEXT NOT NULL CHECK (staff_role IN ('none', 'view', 'comment', 'edit', 'own')),
            grants JSONB NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE map_share_link (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            map_slug TEXT NOT NULL,
            name TEXT NOT NULL,
            token_digest BYTEA NOT NULL UNIQUE,
            with_numbers BOOLEAN NOT NULL DEFAULT false,
            created_by UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL,
            revoked_by UUID,
            revoked_at TIMESTAMPTZ
        );
        CREATE INDEX map_share_link_map ON map_share_link (map_slug, id);
        """
    )
