"""Orders that staff place for buyers, and payments at a till."""

from chassis.data.migrations import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_sql(
        """
        -- The release before writes and reads none of them: buyers place its orders themselves.
        ALTER TABLE checkout
            ADD COLUMN placed_by UUID,
            ADD COLUMN placed_via TEXT CHECK (placed_via IN ('pos', 'call_center'));
        ALTER TABLE orders
            ADD COLUMN placed_by UUID,
            ADD COLUMN placed_via TEXT CHECK (placed_via IN ('pos', 'call_center'));
        ALTER TABLE payment
            DROP CONSTRAINT payment_settlement_check,
            ADD CONSTRAINT payment_settlement_check
                CHECK (settlement IN ('now', 'transfer', 'delivery', 'till'));
        """
    )
