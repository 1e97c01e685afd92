"""Tax rates and settings, as staff keep them."""

from chassis.data.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE tax_rate (
    code TEXT PRIMARY KEY,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    postal_prefix TEXT NOT NULL,
    tax_class TEXT NOT NULL,
    titles JSONB NOT NULL,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm BETWEEN 0 AND 2000000),
    level INTEGER NOT NULL,
    is_compound BOOLEAN NOT NULL,
    valid_from DATE,
    valid_to DATE CHECK (valid_to > valid_from),
    source TEXT NOT NULL,
    source_date DATE,
    version BIGINT NOT NULL,
    UNIQUE NULLS NOT DISTINCT (country, region, postal_prefix, tax_class, level, valid_from)
);
CREATE TABLE tax_settings (
    channel TEXT PRIMARY KEY,
    rounding TEXT NOT NULL CHECK (rounding IN ('order', 'line')),
    half_rounding TEXT NOT NULL CHECK (half_rounding IN ('even', 'up')),
    delivery_tax_class TEXT NOT NULL DEFAULT '',
    collects_in JSONB NOT NULL,
    has_one_stop_shop BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT NOT NULL
);
-- Rises with every change of rates and settings, which every process follows.
CREATE TABLE tax_revision (
    is_only BOOLEAN PRIMARY KEY CHECK (is_only),
    number BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
"""
    )
