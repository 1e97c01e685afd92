"""The store to pick up in, of checkouts and of orders."""

from chassis.data.migrations import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql(
        """
ALTER TABLE checkout ADD COLUMN pickup_store JSONB;
ALTER TABLE orders ADD COLUMN pickup JSONB;
"""
    )
