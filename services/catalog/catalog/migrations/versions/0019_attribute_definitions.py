"""Definitions of products' attributes."""

from chassis.data.migrations import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE attribute_definition (
            name TEXT PRIMARY KEY,
            kind TEXT NOT NULL
                CHECK (kind IN ('text', 'number', 'boolean', 'choice', 'date')),
            label JSONB NOT NULL,
            unit TEXT NOT NULL,
            minimum TEXT NOT NULL,
            maximum TEXT NOT NULL,
            choices JSONB NOT NULL,
            is_facet BOOLEAN NOT NULL,
            is_compared BOOLEAN NOT NULL,
            position INTEGER NOT NULL,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        """
    )
