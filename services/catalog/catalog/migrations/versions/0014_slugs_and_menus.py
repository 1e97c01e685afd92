"""URL parts by language with their history, texts for search engines, storefronts, menus."""

from chassis.data.migrations import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE slug_name (
            kind TEXT NOT NULL CHECK (kind IN ('product', 'category', 'page')),
            channel TEXT NOT NULL,
            locale TEXT NOT NULL,
            slug TEXT NOT NULL,
            owner_id UUID NOT NULL,
            is_current BOOLEAN NOT NULL,
            since TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (kind, channel, locale, slug)
        );
        CREATE INDEX slug_name_owner ON slug_name (kind, owner_id);
        CREATE INDEX slug_name_slug ON slug_name (kind, slug);
        CREATE TABLE seo_setting (
            kind TEXT NOT NULL CHECK (kind IN ('product', 'category', 'page')),
            owner_id UUID NOT NULL,
            texts JSONB NOT NULL,
            is_hidden BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (kind, owner_id)
        );
        CREATE TABLE storefront (
            channel TEXT PRIMARY KEY,
            base_url TEXT NOT NULL,
            product_path TEXT NOT NULL,
            category_path TEXT NOT NULL,
            page_path TEXT NOT NULL,
            organization_name TEXT NOT NULL,
            logo_url TEXT NOT NULL,
            is_hidden BOOLEAN NOT NULL,
            disallowed_paths JSONB NOT NULL,
            condition TEXT NOT NULL CHECK (condition IN ('new', 'refurbished', 'used')),
            shipping JSONB NOT NULL,
            version BIGINT NOT NULL
        );
        CREATE TABLE seo_set (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            version BIGINT NOT NULL
        );
        INSERT INTO seo_set (is_only, version) VALUES (TRUE, 1);
        CREATE TABLE menu (
            id UUID PRIMARY KEY,
            channel TEXT NOT NULL,
            code TEXT NOT NULL,
            locale TEXT NOT NULL,
            entries JSONB NOT NULL,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL,
            UNIQUE (channel, code, locale)
        );
        """
    )
