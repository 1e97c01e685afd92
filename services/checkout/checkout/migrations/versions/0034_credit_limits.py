"""Credit limits, and payments by invoice."""

from chassis.data.migrations import run_sql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    # Older processes do not know payments by invoice: none is before staff offer the method.
    run_sql(
        """
        CREATE TABLE credit_limit (
            code TEXT PRIMARY KEY,
            customer_id UUID,
            organization_id UUID,
            currency TEXT NOT NULL,
            limit_minor BIGINT NOT NULL CHECK (limit_minor > 0),
            payment_days INTEGER NOT NULL CHECK (payment_days >= 0),
            is_enabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            CHECK ((customer_id IS NULL) <> (organization_id IS NULL))
        );
        CREATE UNIQUE INDEX credit_limit_customer ON credit_limit (customer_id, currency)
            WHERE customer_id IS NOT NULL;
        CREATE UNIQUE INDEX credit_limit_organization ON credit_limit (organization_id, currency)
            WHERE organization_id IS NOT NULL;
        ALTER TABLE payment
            ADD COLUMN credit_limit TEXT,
            DROP CONSTRAINT payment_settlement_check,
            ADD CONSTRAINT payment_settlement_check
                CHECK (settlement IN ('now', 'transfer', 'delivery', 'invoice', 'till'));
        CREATE INDEX payment_on_credit ON payment (credit_limit)
            WHERE credit_limit IS NOT NULL AND status = 'pending';
        """
    )
