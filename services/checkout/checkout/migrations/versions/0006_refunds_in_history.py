"""Refunds in the history of orders."""

from chassis.data.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Older processes neither write nor read it: they record changes of the status alone.
    run_sql("ALTER TABLE order_event ADD COLUMN refund_id UUID REFERENCES refund (id)")
