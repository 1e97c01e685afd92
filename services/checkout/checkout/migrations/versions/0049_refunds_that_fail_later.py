"""Refunds that fail at the provider after it had accepted them, and a list of transfers."""

from chassis.data.migrations import run_sql

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE refund
            ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0,
            ADD COLUMN failure_code TEXT NOT NULL DEFAULT '',
            ADD COLUMN failed_at TIMESTAMPTZ,
            ADD COLUMN repaid_at TIMESTAMPTZ,
            ADD COLUMN repaid_by TEXT CHECK (repaid_by IN ('provider', 'bank_transfer')),
            ADD COLUMN repaid_reference TEXT NOT NULL DEFAULT '';
        CREATE INDEX refund_failed ON refund (id) WHERE status = 'failed';
        CREATE INDEX payment_awaited ON payment (due_at, id)
            WHERE status = 'pending' AND due_at IS NOT NULL;
        """
    )
