"""Zones, calendars, methods and rates of delivery, as staff keep them."""

from chassis.data.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE delivery_zone (
    code TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    places JSONB NOT NULL,
    is_home BOOLEAN NOT NULL,
    is_elsewhere BOOLEAN NOT NULL,
    origins JSONB NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE delivery_calendar (
    code TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    weekdays JSONB NOT NULL,
    holidays JSONB NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE delivery_method (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('address', 'pickup')),
    titles JSONB NOT NULL,
    carrier TEXT NOT NULL,
    channels JSONB NOT NULL,
    zones JSONB NOT NULL,
    position INTEGER NOT NULL,
    is_disabled BOOLEAN NOT NULL,
    cut_off TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    calendar TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE delivery_rate (
    code TEXT PRIMARY KEY,
    method TEXT NOT NULL,
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('weight', 'value', 'quantity')),
    brackets JSONB NOT NULL,
    most BIGINT NOT NULL CHECK (most >= 0),
    free_from_minor BIGINT CHECK (free_from_minor >= 0),
    version BIGINT NOT NULL,
    UNIQUE (method, zone, currency)
);
-- Rises with every change of these settings, which every process follows.
CREATE TABLE delivery_revision (
    is_only BOOLEAN PRIMARY KEY CHECK (is_only),
    number BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
"""
    )
