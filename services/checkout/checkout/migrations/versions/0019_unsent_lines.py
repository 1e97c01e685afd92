"""Lines of orders that are not sent: digital goods and gift cards."""

from chassis.data.migrations import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE order_line ADD COLUMN kind TEXT NOT NULL DEFAULT 'physical'
            CHECK (kind IN ('physical', 'digital', 'gift_card'));
        """
    )
