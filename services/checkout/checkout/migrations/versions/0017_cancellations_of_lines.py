"""Cancellations of lines, settings for what follows a sale, and refunds of several payments."""

from chassis.data.migrations import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE after_sale_settings (
    channel TEXT PRIMARY KEY,
    cancellation_minutes INTEGER CHECK (cancellation_minutes >= 0),
    delivery_refund TEXT NOT NULL CHECK (delivery_refund IN ('whole_order', 'share', 'never')),
    version BIGINT NOT NULL
);
CREATE TABLE order_cancellation (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders (id),
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'done')),
    reason TEXT NOT NULL
        CHECK (reason IN ('buyer_request', 'fraud', 'out_of_stock', 'other')),
    lines JSONB NOT NULL,
    goods_minor BIGINT NOT NULL,
    delivery_minor BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    voided_minor BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (caller, idempotency_key),
    CHECK (refunded_minor + voided_minor <= goods_minor + delivery_minor)
);
CREATE INDEX order_cancellation_order ON order_cancellation (order_id);
-- The release before writes none of them: it cancels no lines, and refunds one payment.
ALTER TABLE order_line
    ADD COLUMN cancelled_quantity BIGINT NOT NULL DEFAULT 0 CHECK (cancelled_quantity >= 0),
    ADD CHECK (shipped_quantity + cancelled_quantity <= quantity);
ALTER TABLE order_event
    ADD COLUMN cancellation_id UUID REFERENCES order_cancellation (id);
ALTER TABLE refund
    ADD COLUMN part INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN cancellation_id UUID REFERENCES order_cancellation (id),
    ADD UNIQUE (caller, idempotency_key, part),
    DROP CONSTRAINT refund_caller_idempotency_key_key;
"""
    )
