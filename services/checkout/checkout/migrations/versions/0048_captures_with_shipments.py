"""Payments that are authorized with an order and taken with its shipments."""

from chassis.data.migrations import run_sql

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    # Older processes do not know these payments: none is before staff set it for a method.
    run_sql(
        """
        ALTER TABLE payment_method
            ADD COLUMN capture_at TEXT NOT NULL DEFAULT 'order'
                CHECK (capture_at IN ('order', 'shipment'));
        ALTER TABLE payment
            ADD COLUMN capture_at TEXT NOT NULL DEFAULT 'order'
                CHECK (capture_at IN ('order', 'shipment')),
            ADD COLUMN captures_parts BOOLEAN NOT NULL DEFAULT false,
            ADD COLUMN capturing_minor BIGINT NOT NULL DEFAULT 0,
            ADD COLUMN authorization_expires_at TIMESTAMPTZ,
            ADD CONSTRAINT payment_capturing_check CHECK (
                capturing_minor >= 0 AND captured_minor + capturing_minor <= amount_minor
            ),
            DROP CONSTRAINT payment_status_check,
            ADD CONSTRAINT payment_status_check CHECK (status IN (
                'pending', 'requires_action', 'authorized', 'captured', 'declined', 'voided',
                'partially_captured', 'partially_refunded', 'refunded'
            ));
        CREATE INDEX payment_held ON payment (authorization_expires_at, id)
            WHERE capture_at = 'shipment' AND status IN ('authorized', 'partially_captured');
        CREATE TABLE payment_capture (
            id UUID PRIMARY KEY,
            order_id UUID NOT NULL REFERENCES orders (id),
            payment_id UUID NOT NULL REFERENCES payment (id),
            shipment_id UUID REFERENCES shipment (id),
            status TEXT NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
            currency TEXT NOT NULL,
            amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
            captured_before_minor BIGINT NOT NULL DEFAULT 0,
            is_last BOOLEAN NOT NULL DEFAULT false,
            failure_code TEXT NOT NULL DEFAULT '',
            attempt INTEGER NOT NULL DEFAULT 0,
            created_at TIMESTAMPTZ NOT NULL,
            captured_at TIMESTAMPTZ
        );
        CREATE INDEX payment_capture_order ON payment_capture (order_id);
        CREATE INDEX payment_capture_payment ON payment_capture (payment_id, id);
        CREATE INDEX payment_capture_status ON payment_capture (status, id);
        CREATE INDEX payment_capture_captured ON payment_capture (captured_at, id)
            WHERE captured_at IS NOT NULL;
        """
    )
