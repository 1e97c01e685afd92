"""Queries of shoppers, counted."""

from chassis.data.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE search_query (
            channel TEXT NOT NULL,
            locale TEXT NOT NULL,
            query TEXT NOT NULL,
            found BIGINT NOT NULL DEFAULT 0,
            empty BIGINT NOT NULL DEFAULT 0,
            last_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (channel, locale, query)
        );
        CREATE INDEX search_query_last_at ON search_query (last_at);
        """
    )
