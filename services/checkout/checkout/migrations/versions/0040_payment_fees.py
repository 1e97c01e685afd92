"""Fees of payment methods, which the buyer pays on top."""

from chassis.data.migrations import run_sql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE payment_method ADD COLUMN fees JSONB NOT NULL DEFAULT '{}';
        ALTER TABLE payment_method ADD COLUMN fee_rate TEXT NOT NULL DEFAULT '';
        """
    )
