"""Accounts of journals, and times of payments that come after the placing."""

from chassis.data.migrations import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    # When older payments came is not known: they count with the placing of their orders.
    run_sql(
        """
CREATE TABLE journal_accounts (
    channel TEXT PRIMARY KEY,
    accounts JSONB NOT NULL,
    version BIGINT NOT NULL
);
ALTER TABLE payment ADD COLUMN captured_at TIMESTAMPTZ;
UPDATE payment p SET captured_at = o.placed_at FROM orders o
    WHERE o.id = p.order_id AND p.settlement <> 'now' AND p.captured_minor > 0;
CREATE INDEX payment_captured ON payment (captured_at, id) WHERE captured_at IS NOT NULL;
CREATE INDEX refund_refunded ON refund (refunded_at, id) WHERE refunded_at IS NOT NULL;
CREATE INDEX order_event_cancelling ON order_event (at, id) WHERE status = 'cancelling';
CREATE INDEX gift_card_entry_at ON gift_card_entry (at, id);
"""
    )
