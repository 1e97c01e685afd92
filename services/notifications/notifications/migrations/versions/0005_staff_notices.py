"""Recipients of mails to the staff, disputes whose evidence is due, and low stock to tell of."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE staff_notice_recipient (
            code TEXT PRIMARY KEY,
            email TEXT NOT NULL,
            locale TEXT NOT NULL,
            kinds JSONB NOT NULL,
            channels JSONB NOT NULL,
            evidence_due_hours INTEGER NOT NULL CHECK (evidence_due_hours > 0),
            is_enabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL
        );
        CREATE TABLE disputed_payment (
            dispute_id UUID PRIMARY KEY,
            order_version BIGINT NOT NULL,
            number TEXT NOT NULL,
            channel TEXT NOT NULL,
            reason TEXT NOT NULL,
            currency TEXT NOT NULL,
            amount_minor BIGINT NOT NULL,
            respond_by TIMESTAMPTZ
        );
        CREATE TABLE low_stock (
            variant_id UUID NOT NULL,
            warehouse TEXT NOT NULL,
            sku TEXT NOT NULL,
            left_steps BIGINT NOT NULL,
            PRIMARY KEY (variant_id, warehouse)
        );
        CREATE INDEX disputed_payment_respond_by ON disputed_payment (respond_by)
            WHERE respond_by IS NOT NULL;
        """
    )
