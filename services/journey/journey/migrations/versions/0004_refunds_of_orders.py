"""Refunds by their order, so that what an order brought is found without a scan."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(
        """
        CREATE INDEX touchpoint_refund ON touchpoint (subject) WHERE kind = 'order.refunded';
        """
    )
