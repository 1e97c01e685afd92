"""Settings of search that staff keep."""

from chassis.data.migrations import run_sql

revision = "0007"
down_revision = "0006"

TABLES = """
CREATE TABLE synonym_set (
    code TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    locale TEXT NOT NULL,
    phrases JSONB NOT NULL,
    meanings JSONB NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE search_redirect (
    code TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    locale TEXT NOT NULL,
    queries JSONB NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('url', 'category', 'page', 'product')),
    value TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE merchandising_rule (
    code TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    queries JSONB NOT NULL,
    category_id UUID,
    is_active BOOLEAN NOT NULL,
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ CHECK (ends_at > starts_at),
    pinned JSONB NOT NULL,
    boosted JSONB NOT NULL,
    buried JSONB NOT NULL,
    hidden JSONB NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE attribute_text (
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    label TEXT NOT NULL,
    values JSONB NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, locale)
);

CREATE TABLE search_weights (
    channel TEXT PRIMARY KEY,
    title INTEGER NOT NULL,
    brand INTEGER NOT NULL,
    category INTEGER NOT NULL,
    attributes INTEGER NOT NULL,
    body INTEGER NOT NULL,
    sku INTEGER NOT NULL,
    in_stock INTEGER NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Rises with every change of a setting: what each replica polls. Its lock lets one transaction at a time change them.
CREATE TABLE search_tuning (
    is_only BOOLEAN PRIMARY KEY CHECK (is_only),
    version BIGINT NOT NULL
);
INSERT INTO search_tuning (is_only, version) VALUES (TRUE, 1);
"""


def upgrade() -> None:
    run_sql(TABLES)
