"""Checkouts and orders of synthetic shoppers."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Older processes neither write nor read them.
    run_sql(
        """
        ALTER TABLE checkout ADD COLUMN is_synthetic BOOLEAN NOT NULL DEFAULT FALSE;
        ALTER TABLE orders ADD COLUMN is_synthetic BOOLEAN NOT NULL DEFAULT FALSE;
        """
    )
