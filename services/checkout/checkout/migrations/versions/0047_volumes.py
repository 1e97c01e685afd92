"""Rates of delivery by volume, and the volumes of what was ordered."""

from chassis.data.migrations import run_sql

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE order_line ADD COLUMN volume_cm3 BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE delivery_rate
            DROP CONSTRAINT delivery_rate_basis_check,
            ADD CONSTRAINT delivery_rate_basis_check
                CHECK (basis IN ('weight', 'value', 'quantity', 'volume'));
        """
    )
