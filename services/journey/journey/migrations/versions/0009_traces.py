"""Touchpoints by their trace, so that a trace leads to the journey that it was part of."""

from chassis.data.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(
        """
        CREATE INDEX touchpoint_trace ON touchpoint (trace_id) WHERE trace_id IS NOT NULL;
        """
    )
