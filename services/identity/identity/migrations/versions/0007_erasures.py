"""Accounts that were erased."""

from chassis.data.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE erasure (
            customer_id UUID PRIMARY KEY,
            erased_by TEXT NOT NULL CHECK (erased_by IN ('customer', 'staff')),
            erased_at TIMESTAMPTZ NOT NULL
        )
        """
    )
