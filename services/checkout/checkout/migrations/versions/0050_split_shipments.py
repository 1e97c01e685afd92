"""Orders of which some goods are sent before others."""

from chassis.data.migrations import run_sql

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE checkout ADD COLUMN splits_shipments BOOLEAN NOT NULL DEFAULT false;
        ALTER TABLE delivery_method ADD COLUMN split TEXT NOT NULL DEFAULT 'together'
            CHECK (split IN ('together', 'buyer', 'always'));
        """
    )
