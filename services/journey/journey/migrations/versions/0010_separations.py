"""Visitors and guests whom staff parted from the person that they were taken for."""

from chassis.data.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE separation (
            handle_id UUID PRIMARY KEY,
            separated_by UUID NOT NULL,
            separated_at TIMESTAMPTZ NOT NULL
        );
        """
    )
