"""Shipments that were told to be late."""

from chassis.data.migrations import run_sql

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run_sql("ALTER TABLE shipment ADD COLUMN late_at TIMESTAMPTZ")
