"""Days after which orders that nobody collects are cancelled."""

from chassis.data.migrations import run_sql

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE delivery_method
            ADD COLUMN pickup_cancel_days INTEGER CHECK (pickup_cancel_days >= 0);
        """
    )
