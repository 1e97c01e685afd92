"""Store credit of customers, and refunds that go on it."""

from chassis.data.migrations import run_sql

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    # Older processes do not know store credit: none is before staff or a refund make some.
    run_sql(
        """
        ALTER TABLE gift_card
            ADD COLUMN owner_id UUID,
            DROP CONSTRAINT gift_card_source_check,
            ADD CONSTRAINT gift_card_source_check
                CHECK (source IN ('issued', 'sold', 'imported', 'store_credit')),
            ADD CHECK ((source = 'store_credit') = (owner_id IS NOT NULL));
        CREATE UNIQUE INDEX gift_card_owner ON gift_card (owner_id, currency)
            WHERE owner_id IS NOT NULL;
        ALTER TABLE gift_card_settings
            ADD COLUMN store_credit_days INTEGER CHECK (store_credit_days > 0);
        ALTER TABLE payment
            ADD COLUMN credited_minor BIGINT NOT NULL DEFAULT 0,
            ADD CHECK (credited_minor BETWEEN 0 AND refunded_minor);
        ALTER TABLE refund ADD COLUMN customer_id UUID;
        ALTER TABLE order_return
            ADD COLUMN refund_to TEXT NOT NULL DEFAULT 'original'
                CHECK (refund_to IN ('original', 'store_credit'));
        """
    )
