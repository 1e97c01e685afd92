"""Increments of order lines."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Older processes neither write nor read it; what they sold grows by one step.
    run_sql("ALTER TABLE order_line ADD COLUMN increment INTEGER NOT NULL DEFAULT 1")
