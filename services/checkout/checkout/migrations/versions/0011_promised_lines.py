"""Lines of orders whose goods were not there yet."""

from chassis.data.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Older processes neither write nor read them.
    run_sql(
        """
ALTER TABLE order_line ADD COLUMN promise TEXT, ADD COLUMN expected_at TIMESTAMPTZ;
"""
    )
