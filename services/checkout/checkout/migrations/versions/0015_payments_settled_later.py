"""Payments that are settled after their order is placed, and bank transfers."""

from chassis.data.migrations import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql(
        """
-- The release before writes and reads none of them: its payments are settled now.
ALTER TABLE payment
    ADD COLUMN settlement TEXT NOT NULL DEFAULT 'now'
        CHECK (settlement IN ('now', 'transfer', 'delivery')),
    ADD COLUMN reference TEXT,
    ADD COLUMN instructions TEXT NOT NULL DEFAULT '',
    ADD COLUMN due_at TIMESTAMPTZ;
CREATE UNIQUE INDEX payment_reference ON payment (reference) WHERE reference IS NOT NULL;
CREATE TABLE bank_transfer (
    id TEXT PRIMARY KEY,
    payment_id UUID NOT NULL UNIQUE REFERENCES payment (id),
    order_id UUID NOT NULL REFERENCES orders (id),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL
);
"""
    )
