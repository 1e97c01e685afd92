"""Versions, schedules and parts of content pages; short links."""

from chassis.data.migrations import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE page
            ADD COLUMN kind TEXT NOT NULL DEFAULT 'page'
                CHECK (kind IN ('page', 'landing', 'home', 'block')),
            ADD COLUMN format TEXT NOT NULL DEFAULT 'markdown'
                CHECK (format IN ('markdown', 'html')),
            ADD COLUMN sections JSONB NOT NULL DEFAULT '[]',
            ADD COLUMN campaign TEXT NOT NULL DEFAULT '',
            ADD COLUMN is_published BOOLEAN NOT NULL DEFAULT TRUE,
            ADD COLUMN publish_from TIMESTAMPTZ,
            ADD COLUMN publish_until TIMESTAMPTZ,
            ADD COLUMN number BIGINT NOT NULL DEFAULT 0,
            ADD COLUMN published_number BIGINT NOT NULL DEFAULT 0,
            ADD COLUMN preview_key BYTEA;
        CREATE UNIQUE INDEX page_home ON page (channel) WHERE kind = 'home';
        CREATE TABLE page_version (
            page_id UUID NOT NULL REFERENCES page (id),
            number BIGINT NOT NULL,
            content JSONB NOT NULL,
            actor_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            rolled_back_to BIGINT NOT NULL,
            PRIMARY KEY (page_id, number)
        );
        CREATE TABLE share_link (
            code TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('product', 'category', 'page')),
            owner_id UUID NOT NULL,
            utm_source TEXT NOT NULL,
            utm_medium TEXT NOT NULL,
            utm_campaign TEXT NOT NULL,
            utm_content TEXT NOT NULL,
            utm_term TEXT NOT NULL,
            expires_at TIMESTAMPTZ,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX share_link_owner ON share_link (kind, owner_id);
        """
    )
