"""Billing addresses of checkouts and orders."""

from chassis.data.migrations import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE checkout ADD COLUMN billing_address JSONB;
        ALTER TABLE orders ADD COLUMN billing_address JSONB;
        """
    )
