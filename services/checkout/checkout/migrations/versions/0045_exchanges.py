"""Exchanges: orders that replace goods of returns."""

from chassis.data.migrations import run_sql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    # Older processes do not know exchanges: none is before staff make one.
    run_sql(
        """
        ALTER TABLE orders ADD COLUMN replaces_order_id UUID REFERENCES orders (id);
        CREATE INDEX orders_replaced ON orders (replaces_order_id)
            WHERE replaces_order_id IS NOT NULL;
        ALTER TABLE payment
            ADD COLUMN source_payment_id UUID REFERENCES payment (id),
            DROP CONSTRAINT payment_settlement_check,
            ADD CONSTRAINT payment_settlement_check CHECK (
                settlement IN ('now', 'transfer', 'delivery', 'invoice', 'till', 'exchange')
            );
        ALTER TABLE refund ADD COLUMN exchange_payment_id UUID REFERENCES payment (id);
        ALTER TABLE order_return
            ADD COLUMN replacement_order_id UUID REFERENCES orders (id),
            ADD COLUMN exchanged_minor BIGINT NOT NULL DEFAULT 0,
            DROP CONSTRAINT order_return_refund_to_check,
            ADD CONSTRAINT order_return_refund_to_check
                CHECK (refund_to IN ('original', 'store_credit', 'replacement'));
        ALTER TABLE order_hold
            DROP CONSTRAINT order_hold_reason_check,
            ADD CONSTRAINT order_hold_reason_check CHECK (
                reason IN (
                    'fraud', 'address', 'payment', 'stock', 'buyer_request', 'exchange', 'other'
                )
            );
        ALTER TABLE after_sale_settings
            ADD COLUMN exchange_shipping TEXT NOT NULL DEFAULT 'when_received'
                CHECK (exchange_shipping IN ('when_received', 'at_once'));
        """
    )
