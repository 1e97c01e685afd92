"""Saved questions, and segments that they name."""

from chassis.data.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE segment (
            slug TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            filter JSONB NOT NULL,
            owner_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE saved_question (
            slug TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            request JSONB NOT NULL,
            segments JSONB NOT NULL,
            owner_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX saved_question_kind ON saved_question (kind, slug);
        CREATE INDEX saved_question_owner ON saved_question (owner_id, slug);
        """
    )
