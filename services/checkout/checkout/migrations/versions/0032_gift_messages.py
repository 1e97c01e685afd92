"""Gift messages of checkouts and orders."""

from chassis.data.migrations import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE checkout ADD COLUMN gift_messages JSONB NOT NULL DEFAULT '[]';
        ALTER TABLE orders ADD COLUMN gift_messages JSONB NOT NULL DEFAULT '[]';
        """
    )
