"""The layout that stored parts of pages and cards are written in."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Older processes do not write it: what they store is found by the index and republished.
    run_sql(
        """
        ALTER TABLE listing_offer ADD COLUMN layout SMALLINT NOT NULL DEFAULT 0;
        CREATE INDEX listing_offer_outdated ON listing_offer (product_id) WHERE layout < 1;
        """
    )
