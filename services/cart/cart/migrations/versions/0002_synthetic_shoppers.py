"""Carts of synthetic shoppers."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Older processes neither write nor read them.
    run_sql(
        """
        ALTER TABLE cart ADD COLUMN is_synthetic BOOLEAN NOT NULL DEFAULT FALSE;
        ALTER TABLE redemption ADD COLUMN is_synthetic BOOLEAN NOT NULL DEFAULT FALSE;
        """
    )
