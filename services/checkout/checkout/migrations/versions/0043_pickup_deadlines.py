"""Ends of the time for which stores keep orders."""

from chassis.data.migrations import run_sql

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE delivery_method
            ADD COLUMN pickup_days INTEGER NOT NULL DEFAULT 0 CHECK (pickup_days >= 0),
            ADD COLUMN pickup_reminder_days INTEGER NOT NULL DEFAULT 0
                CHECK (pickup_reminder_days >= 0);
        ALTER TABLE orders ADD COLUMN pickup_keeps_until TIMESTAMPTZ;
        CREATE INDEX orders_pickup_keeps_until ON orders (pickup_keeps_until)
            WHERE pickup_keeps_until IS NOT NULL;
        """
    )
