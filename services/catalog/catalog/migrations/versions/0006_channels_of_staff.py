"""Channels that staff change: their set's version, and the job that stored pages follow them by."""

from chassis.data.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Older processes neither write nor read any of it.
    run_sql(
        """
        ALTER TABLE channel ADD COLUMN guest_policy TEXT NOT NULL DEFAULT 'buy' CHECK (guest_policy IN ('buy', 'look'));
        CREATE TABLE channel_set (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            version BIGINT NOT NULL
        );
        INSERT INTO channel_set (is_only, version) VALUES (TRUE, 1);
        CREATE TABLE republishing (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            generation BIGINT NOT NULL,
            last_product_id UUID,
            leased_until TIMESTAMPTZ
        );
        INSERT INTO republishing (is_only, generation) VALUES (TRUE, 1);
        """
    )
